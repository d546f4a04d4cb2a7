"""The recipe of README.md makes resources of any name from categories, with green tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
NOT_COPIED = shutil.ignore_patterns(".venv", "var", ".git", "__pycache__", ".*_cache")
NAMES = [
    ("purchase_order", "purchase_orders", "PurchaseOrder"),
    ("supplier", "suppliers", "Supplier"),
    ("gift_card_batch", "gift_card_batches", "GiftCardBatch"),
]


def recipe(one: str, several: str, schema: str) -> str:
    """Return the commands that README.md gives, for a resource of this name."""
    section = (ROOT / "README.md").read_text().split("## Add a resource", 1)[1]
    commands = section.split("```sh\n", 1)[1].split("```", 1)[0]
    commands = commands.replace("purchase-orders", several.replace("_", "-"))
    words = several.replace("_", " "), one.replace("_", " ")
    commands = commands.replace("purchase orders", words[0]).replace("purchase order", words[1])
    commands = commands.replace("purchase_orders", several).replace("purchase_order", one)
    return commands.replace("PurchaseOrder", schema)


def test_resources_of_every_name_work_as_the_recipe_makes_them(tmp_path, record_property):
    copy = shutil.copytree(ROOT, tmp_path / "api", ignore=NOT_COPIED)
    free = [names for names in NAMES if not (ROOT / "app" / "resources" / names[1]).exists()]
    wired = copy / "app" / "resources" / "__init__.py"
    for names in free:
        subprocess.run(["/bin/sh", "-ec", recipe(*names)], cwd=copy, check=True)
        copied = (copy / "app" / "resources" / names[1]).rglob("*.py")
        speaking = names[0].replace("_", " ")
        assert any(f"A {speaking} of this name exists." in path.read_text() for path in copied)
        here = "NAMES: list[str] = ["
        wired.write_text(wired.read_text().replace(here, f'{here}"{names[1]}", '))
    (copy / ".venv").symlink_to(sys.prefix)  # alembic.ini formats with its ruff
    environment = os.environ | {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/recipe.sqlite3"}

    def run(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=copy, env=environment, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("alembic", "upgrade", "heads")
    run("alembic", "revision", "--autogenerate", "-m", "recipe")
    folders = [f"app/resources/{several}" for _, several, _ in free]
    run("pytest", "-q", "-p", "no:cacheprovider", "-k", "sqlite", *folders)
    record_property("names of resources that the recipe makes", len(free))
