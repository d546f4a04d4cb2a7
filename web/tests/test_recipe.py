"""The recipe of docs/recipes makes pages of any name: several words, plurals that are no rule."""

import json
import shutil
import subprocess
import sys
import textwrap

from contract.document import PATH
from tests.widgets.client import WIDGETS

ROOT = PATH.parent
NOT_COPIED = shutil.ignore_patterns(".venv", "var", ".git", "__pycache__", ".*_cache")
NAMES = [
    ("purchase_order", "purchase_orders", "PurchaseOrder"),
    ("gift_card_batch", "gift_card_batches", "GiftCardBatch"),
    ("series", "series", "Series"),
    ("supplier", "suppliers", "Supplier"),
    ("address", "addresses", "Address"),
    ("data_set", "data_sets", "DataSet"),
    ("datum", "data", "Datum"),
    ("sku_list", "sku_lists", "SKUList"),
]


def recipe(names):
    """Return the commands of the recipe for a resource of these names."""
    section = (ROOT / "docs" / "recipes" / "add-a-resource.md").read_text()
    text = textwrap.dedent(section.split("```sh\n", 1)[1].split("```", 1)[0])
    recipe_names = ("purchase_order", "purchase_orders", "PurchaseOrder")
    for old, new in reversed([*zip(recipe_names, names, strict=True)]):
        text = text.replace(old, new)
    return text


def add_resource(raw, names):
    """Give the contract the schemas and the operations of widgets under other names."""
    one, several, schema = names
    widgets = json.loads(WIDGETS.read_bytes())

    def renamed(node):
        text = json.dumps(node).replace("/v1/widgets", f"/v1/{several.replace('_', '-')}")
        text = text.replace("widgets", several).replace("widget_id", f"{one}_id")
        text = text.replace('_widget"', f'_{one}"')
        return json.loads(text.replace("Widget", schema))

    schemas = raw["components"]["schemas"]
    schemas |= {
        name.replace("Widget", schema): renamed(body)
        for name, body in widgets["components"]["schemas"].items()
        if name not in schemas
    }
    for path, item in widgets["paths"].items():
        (renamed_path,) = renamed([path])
        raw["paths"].setdefault(renamed_path, renamed(item))


def test_pages_of_every_name_work_as_the_recipe_makes_them(tmp_path, pytestconfig, record_property):
    names = NAMES if pytestconfig.getoption("long") else NAMES[:3]
    names = [each for each in names if not (ROOT / each[1]).exists()]
    copy = shutil.copytree(ROOT, tmp_path / "web", ignore=NOT_COPIED)
    raw = json.loads(PATH.read_bytes())
    for each in names:
        add_resource(raw, each)
        subprocess.run(["sh", "-ec", recipe(each)], cwd=copy, check=True)
    (copy / "contract.json").write_text(json.dumps(raw))
    folders = [several for _, several, _ in names]
    settings = copy / "config" / "settings.py"
    begin = "APPS: list[str] = ["
    apps = begin + "".join(f'"{folder}", ' for folder in folders)
    settings.write_text(settings.read_text().replace(begin, apps))
    run = [sys.executable, "-m"]
    subprocess.run([*run, "contract", "generate"], cwd=copy, check=True)

    tests = subprocess.run(
        [*run, "pytest", "-q", "-p", "no:cacheprovider", *folders],
        cwd=copy, check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert tests.returncode == 0, tests.stdout
    record_property("names of resources that the recipe makes pages of", len(names))
