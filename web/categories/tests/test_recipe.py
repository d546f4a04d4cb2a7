"""The recipe of README.md makes screens of any name: several words, plurals that are no rule."""

import json
import shutil
import subprocess
import sys

import pytest

from contract.document import PATH

ROOT = PATH.parent
NOT_COPIED = shutil.ignore_patterns(".venv", "var", ".git", "__pycache__", ".*_cache")
NAMES = [
    ("supplier", "suppliers", "Supplier"),
    ("purchase_order", "purchase_orders", "PurchaseOrder"),
    ("gift_card_batch", "gift_card_batches", "GiftCardBatch"),
    ("series", "series", "Series"),
    ("address", "addresses", "Address"),
    ("data_set", "data_sets", "DataSet"),
    ("datum", "data", "Datum"),
    ("sku_list", "sku_lists", "SKUList"),
]


def recipe():
    """Return the commands that README.md gives."""
    section = (ROOT / "README.md").read_text().split("## Add a family of screens", 1)[1]
    return section.split("```sh\n", 1)[1].split("```", 1)[0]


def renamed(text, names):
    """Return a text about the names of the recipe, or of categories, as one about these."""
    one, several, schema = names
    kebab = several.replace("_", "-")
    for old, new in zip(
        ("purchase-orders", "purchase_orders", "purchase_order", "PurchaseOrder"),
        (kebab, several, one, schema),
        strict=True,
    ):
        text = text.replace(old, new)
    return text


def with_resource(raw, names):
    """Give the contract what the recipe begins with: the schemas and the operations."""
    one, several, schema = names

    def say(node):
        text = json.dumps(node).replace("/v1/categories", f"/v1/{several.replace('_', '-')}")
        text = text.replace("categories", several).replace("category", one)
        return json.loads(text.replace("Category", schema))

    schemas = raw["components"]["schemas"]
    for name in ("Category", "CategoryCreate", "CategoryUpdate", "CategoryPage"):
        schemas[name.replace("Category", schema)] = say(schemas[name])
    for path in ("/v1/categories", "/v1/categories/{category_id}"):
        (renamed_path,) = say([path])
        raw["paths"][renamed_path] = say(raw["paths"][path])


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(ROOT, tmp_path / "web", ignore=NOT_COPIED)


def test_screens_of_every_name_work_as_the_recipe_makes_them(copy, record_property):
    raw = json.loads(PATH.read_bytes())
    free = [names for names in NAMES if not (ROOT / names[1]).exists()]
    for names in free:
        with_resource(raw, names)
        subprocess.run(["sh", "-ec", renamed(recipe(), names)], cwd=copy, check=True)
        (copy / names[1] / "tests" / "test_recipe.py").unlink()
        for file, old in (
            ("config/settings.py", '"categories"'),
            ("pyproject.toml", '"categories", '),
        ):
            path = copy / file
            path.write_text(
                path.read_text().replace(old, renamed('"purchase_orders", ', names) + old)
            )
    (copy / "contract.json").write_text(json.dumps(raw))
    run = [sys.executable, "-m"]
    subprocess.run([*run, "contract", "generate"], cwd=copy, check=True)

    folders = [several for _, several, _ in free]
    tests = subprocess.run(
        [*run, "pytest", "-q", "-p", "no:cacheprovider", *folders, "categories", "config",
         "--ignore=categories/tests/test_recipe.py"],
        cwd=copy, check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert tests.returncode == 0, tests.stdout
    record_property("names of resources that the recipe makes screens of", len(free))
