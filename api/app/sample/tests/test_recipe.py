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
# What docs/recipes/add-a-resource.md has typed for its six fields: before which line of which file.
FIELDS = [
    ("models.py", "from datetime import datetime", "from datetime import date, datetime"),
    ("models.py", "from sqlalchemy import ", "from sqlalchemy import BigInteger, "),
    ("models.py", "import UtcDateTime", "import UtcDateTime, text_enum"),
    ("models.py", "\n\nclass ", """from app.types import Currency, OpenEnum


class OrderStatus(OpenEnum):
    PLANNED = "planned"
    SENT = "sent"


class """),
    ("models.py", "    version: ", """    supplier: Mapped[str] = mapped_column(String(120))
    quantity: Mapped[int]
    day: Mapped[date | None]
    status: Mapped[OrderStatus] = mapped_column(
        text_enum(OrderStatus, 16), default=OrderStatus.PLANNED
    )
    total_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[Currency] = mapped_column(text_enum(Currency, 3))
    version: """),
    ("schemas.py", "from typing ", "from datetime import date\nfrom typing "),
    ("schemas.py", "import Body, Line, Moment", "import Body, Line, Moment, Money"),
    ("schemas.py", "\n\nclass ", """from app.resources.purchase_orders.models import OrderStatus

Supplier = Annotated[
    Line, Field(min_length=1, max_length=120, description="Who delivers.", examples=["Acme"])
]
Quantity = Annotated[int, Field(ge=1, le=10**6, description="Pieces.", examples=[12])]
Day = Annotated[date, Field(description="Day of the delivery.", examples=["2026-12-01"])]


class """),
    ("schemas.py", 'description: Description = ""\n', """description: Description = ""
    supplier: Supplier
    quantity: Quantity
    day: Day | None = None
    status: OrderStatus = OrderStatus.PLANNED
    total: Money
"""),
    ("schemas.py", "description: Description | MISSING = MISSING\n", """\
description: Description | MISSING = MISSING
    supplier: Supplier | MISSING = MISSING
    quantity: Quantity | MISSING = MISSING
    day: Day | None | MISSING = MISSING
    status: OrderStatus | MISSING = MISSING
    total: Money | MISSING = MISSING
"""),
    ("schemas.py", "    version: ", """    supplier: Supplier
    quantity: Quantity
    day: Day | None
    status: OrderStatus
    total: Money
    version: """),
    ("schemas.py", '        "version": ', """        "supplier": row.supplier,
        "quantity": row.quantity,
        "day": row.day,
        "status": row.status,
        "total": {"amount_minor": row.total_minor, "currency": row.currency},
        "version": """),
    ("router.py", "import new_row", "import money_columns, new_row"),
    ("router.py", "body.model_dump()", 'money_columns(body.model_dump(), "total")'),
    ("tests/factory.py", 'REQUIRED = {"name": "Kitchen"}', """REQUIRED: dict[str, Any] = {
    "name": "Kitchen", "supplier": "Acme", "quantity": 12,
    "total": {"amount_minor": 1999, "currency": "EUR"},
}"""),
]  # fmt: skip
OWN_TEST = """
from app.resources.purchase_orders.tests.factory import REQUIRED, make_purchase_order


async def test_every_field_is_kept_changed_and_emptied(client):
    made = await make_purchase_order(client, day="2026-12-01", status="sent")
    url, given = f"purchase-orders/{made['id']}", {"day": "2026-12-01", "status": "sent"}
    assert made == made | given | {"total": {"amount_minor": 1999, "currency": "EUR"}}
    changes = {"day": None, "status": "planned", "total": {"amount_minor": 5, "currency": "JPY"}}
    headers = {"If-Match": '"1"'}
    changed = (await client.patch(url, json=changes | {"quantity": 3}, headers=headers)).json()
    assert changed == changed | changes | {"quantity": 3, "supplier": "Acme"}
    assert (await client.get(url)).json() == changed
    fields = ("quantity", 0), ("day", "never"), ("status", "lost"), ("total", 5), ("supplier", None)
    for name, value in fields:
        answer = await client.post("purchase-orders", json=REQUIRED | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"] == f"#/{name}"
"""


def write_fields(folder: Path) -> None:
    """Write the six fields where the recipe has them written."""
    for name, here, text in FIELDS:
        path = folder / name
        assert here in path.read_text(), (name, here)
        count = -1 if name == "router.py" else 1
        path.write_text(path.read_text().replace(here, text, count))
    (folder / "tests" / "test_fields.py").write_text(OWN_TEST)


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
    if NAMES[0] in free:
        write_fields(copy / "app" / "resources" / NAMES[0][1])
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
    record_property("fields of the recipe, in a resource of it", 6 * (NAMES[0] in free))
