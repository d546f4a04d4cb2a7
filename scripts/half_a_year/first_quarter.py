"""January to March: fields from both sides, a way back, two releases at once, a hotfix."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from half_a_year import edits
from half_a_year.daily import FINDINGS, ask, deploy, hand_in, pin, propose, release, tell_usage
from half_a_year.stage import OWNERS, PARTS, SCRIPTS, Stage, Stumbled

Weeks = Iterator[int]


def play(stage: Stage) -> Weeks:
    """Play one week after the other; yield the number of each that is over."""
    for step in (begin, barcode, draft, implement, both_deployed, month_later, way_back, damaged):
        yield step(stage)
    for step in (two_branches, suppliers, filter_used, hotfix):
        yield step(stage)


def begin(stage: Stage) -> int:
    """Stamp the three, and give each to its owner's host."""
    stage.week(1, "three repositories")
    stage.says("""
        Ada writes the API, Uma the UI. Mo's team has a mobile app, whose source is somewhere else. The contracts are on
        a private host. Both sides know it by two variables: `CONTRACTS_URL` and `CONTRACTS_TOKEN`.""")
    stage.by("ada")
    stage.types("", 'scripts/new "Blue Sky"')
    command = [sys.executable, str(SCRIPTS / "new"), "Blue Sky", "--into", str(stage.folder)]
    made = subprocess.run(command, check=False, capture_output=True, text=True)
    if made.returncode:
        raise Stumbled(made.stderr)
    for part in PARTS:
        bare = stage.folder / "hosts" / part / OWNERS[part] / f"blue-sky-{part}.git"
        source = stage.folder / "blue-sky" / f"blue-sky-{part}"
        subprocess.run(["git", "clone", "--quiet", "--bare", source, bare], check=True)
        subprocess.run(["git", "-C", bare, "config", "http.receivepack", "true"], check=True)
    for person, parts in {"ada": ("contracts", "api"), "mo": ("contracts",), "uma": ("contracts", "web")}.items():
        stage.by(person)
        for part in parts:
            stage.clone(part)
    stage.says("Each consumer hands in what it uses. Uma's file is written by the tests of the pages, Mo's by hand.")
    tell_usage(stage, "1.0")
    stage.by("mo")
    hand_in_mobile(stage, "1.0", edits.MOBILE)
    stage.by("ada")
    stage.built("api", "1.0.0")
    stage.pull()
    what = "api=1.0.0 web=1.0 mobile=1.0"
    stage.run("contracts", f"scripts/contract deployed {what} --to production", show=0)
    stage.commit("contracts", f"Production runs {what}")
    stage.use_production()
    return 1


def hand_in_mobile(stage: Stage, version: str, usage: dict[str, Any]) -> None:
    """Hand in a usage that a person has written."""
    stage.pull()
    path = stage.folder / "mo" / "mobile.json"
    path.write_text(json.dumps(usage, indent=2) + "\n", encoding="utf-8")
    stage.types("", "$EDITOR mobile.json")
    for name, use in usage["operations"].items():
        stage.transcript.line(f"  + {json.dumps({name: use})}"[:150])
    stage.run("contracts", f"scripts/contract consumer add ../mobile.json --version {version}", show=0)
    stage.commit("contracts", f"What mobile {version} uses")


def barcode(stage: Stage) -> int:
    """The API goes first: an optional field."""
    stage.week(2, "products get a barcode, the API first")
    stage.by("ada")
    stage.says("Ada adds an optional field with its column. The UI knows nothing of it, and needs not.")
    for name, changes in edits.BARCODE.items():
        stage.edit("api", name, *changes)
    revision(stage, "product_barcode")
    propose(stage)
    stage.run("contracts", "scripts/contract check", show=FINDINGS)
    release(stage, "1.1.0")
    pin(stage, "api", "1.1.0")
    stage.test("api", "tests/test_contract.py app/resources/products/tests/test_router.py")
    stage.commit("api", "Products have a barcode")
    deploy(stage, "api=1.1.0")
    return 2


def revision(stage: Stage, name: str) -> None:
    """Make a migration of a table of the sample."""
    command = (
        f".venv/bin/alembic upgrade heads && .venv/bin/alembic revision --autogenerate --depends-on 0006 -m {name}"
    )
    stage.run("api", command, show=0)


def draft(stage: Stage) -> int:
    """The UI goes first: a draft."""
    stage.week(3, "categories get an icon, the UI first")
    stage.by("uma")
    stage.says("""
        Uma wants an icon beside each category. She writes it into the draft of the contract, and builds the page
        against it. No API serves it yet; `scripts/contract mock openapi.json` would answer from it.""")
    stage.pull()
    stage.edit_draft(edits.draft_icon)
    stage.run("contracts", "scripts/contract check", show=FINDINGS)
    stage.commit("contracts", "Propose an icon of categories")
    stage.run("web", "scripts/contract pin draft", show=r"^(note|pinned|client|generated|draft)")
    stage.edit("web", "categories/urls.py", ('"description", "created_at"', '"icon", "description", "created_at"'))
    stage.test("web", "categories")
    stage.says("It works on her machine. A draft cannot be released:")
    stage.run("web", "scripts/contract verify", 2)
    stage.quietly("web", "git add -A && git commit -qm 'Show the icon of a category' && git branch -m icons")
    return 3


def implement(stage: Stage) -> int:
    """The API follows; the UI asks too early."""
    stage.week(4, "the icon is released")
    stage.by("ada")
    stage.says("Ada implements what the draft says. There is nothing left to propose.")
    for name, changes in edits.ICON.items():
        stage.edit("api", name, *changes)
    revision(stage, "category_icon")
    propose(stage)
    release(stage, "1.2.0")
    pin(stage, "api", "1.2.0")
    stage.test("api", "tests/test_contract.py app/resources/categories")
    stage.commit("api", "Categories have an icon")
    stage.by("uma")
    stage.says("Uma pins the release in place of the draft. Ada has not deployed yet, so the answer is no. Uma waits.")
    pin(stage, "web", "1.2.0")
    stage.quietly("web", "git branch -m main")
    hand_in(stage, "1.1")
    ask(stage, "web=1.1", "no")
    return 4


def both_deployed(stage: Stage) -> int:
    """The API first, then the UI."""
    stage.week(5, "the icon is deployed")
    stage.by("ada")
    deploy(stage, "api=1.2.0")
    stage.by("uma")
    deploy(stage, "web=1.1")
    return 5


def month_later(stage: Stage) -> int:
    """The UI uses the field of week 2."""
    stage.week(6, "the UI shows the barcode, a month later")
    stage.by("uma")
    stage.says(
        "The field is in the pinned release since week 4, so forms have had it since then. A column is one word."
    )
    stage.edit("web", "products/views.py", ('("name", "sku", "status"', '("name", "sku", "barcode", "status"'))
    stage.test("web", "products")
    hand_in(stage, "1.2")
    deploy(stage, "web=1.2")
    return 6


def way_back(stage: Stage) -> int:
    """A rollback of the UI."""
    stage.week(7, "back to the UI of before")
    stage.by("uma")
    stage.says("The table is too wide for small screens. Uma goes back to the release of before, and asks first.")
    deploy(stage, "web=1.1")
    stage.edit("web", "products/views.py", ('("name", "sku", "barcode", "status"', '("name", "sku", "status"'))
    stage.run("web", "scripts/contract usage", show=0)
    stage.commit("web", "Show the barcode on a product's own page only")
    return 7


def damaged(stage: Stage) -> int:
    """An enum value; the UI upgrades without an edit."""
    stage.week(8, "stock can be damaged")
    stage.by("ada")
    stage.says(
        "A value more of an enum that is open (`x-extensible-enum`): old clients have to live with values to come."
    )
    stage.edit("api", "app/resources/stock/models.py", ('    ADJUSTED = "adjusted"', edits.DAMAGED))
    propose(stage)
    stage.run("contracts", "scripts/contract check", show=FINDINGS)
    release(stage, "1.3.0")
    pin(stage, "api", "1.3.0")
    stage.test("api", "tests/test_contract.py app/resources/stock")
    stage.commit("api", "Stock can be damaged")
    deploy(stage, "api=1.3.0")
    stage.by("uma")
    stage.says(
        "The nightly job of the UI pins it on a branch, and nobody edits a line: the form offers the new reason."
    )
    stage.run("web", "scripts/upgrade")
    stage.test("web", "stock products")
    stage.run("web", "git switch main && git merge contract-1.3.0", show=0)
    hand_in(stage, "1.3")
    deploy(stage, "web=1.3")
    return 8


def two_branches(stage: Stage) -> int:
    """Both teams release 1.4.0 on branches of their own."""
    stage.week(10, "two teams release at once")
    stage.by("uma")
    stage.says("""
        Uma proposes that a stock movement needs no reason. The same day Ada adds a filter. Each releases on a branch,
        each becomes 1.4.0, and Ada's is merged first.""")
    stage.pull()
    stage.run("contracts", "git switch -c reason", show=0)
    stage.edit_draft(edits.draft_reason)
    stage.run("contracts", "scripts/contract check", show=FINDINGS)
    stage.run("contracts", "scripts/contract release", show=r"^released")
    stage.commit("contracts", "Release 1.4.0", "reason")
    stage.by("ada")
    for name, changes in edits.FILTER.items():
        stage.edit("api", name, *changes)
    propose(stage)
    release(stage, "1.4.0")
    pin(stage, "api", "1.4.0")
    stage.test("api", "tests/test_contract.py app/resources/products/tests/test_list.py")
    stage.commit("api", "List products from a price on")
    stage.by("uma")
    stage.says("Uma merges main. Git stops, and one command releases hers again.")
    stage.quietly("contracts", "git fetch -q && git branch -qf main origin/main")
    stage.run("contracts", "git merge main", 1, show=r"^(CONFLICT|Automatic)")
    stage.run("contracts", "scripts/contract release --again")
    stage.run("contracts", "scripts/contract check && git commit --no-edit", show=r"^The draft")
    stage.run("contracts", "git switch main && git merge reason && git push", show=0)
    stage.quietly("contracts", "git tag v1.5.0 && git push -q origin v1.5.0")
    stage.by("ada")
    stage.says("Ada serves what Uma proposed. Her branch is behind, so she pins first.")
    stage.edit("api", "app/resources/stock/schemas.py", *edits.REASON)
    propose(stage, code=2)
    pin(stage, "api", "1.5.0")
    propose(stage)
    stage.test("api", "tests/test_contract.py app/resources/stock")
    stage.commit("api", "A stock movement needs no reason")
    stage.quietly("api", "git tag v1.5.0 && git push -q origin v1.5.0")
    deploy(stage, "api=1.5.0")
    return 10


def suppliers(stage: Stage) -> int:
    """New operations: a resource by the recipe."""
    stage.week(11, "suppliers")
    stage.by("ada")
    stage.says("A resource more, by the recipe of the API's README: copied from categories, renamed, listed, migrated.")
    stage.run("api", edits.COPY_RESOURCE, show=0, shown=edits.COPY_RESOURCE.partition("\n")[0] + " && …")
    stage.edit("api", "app/resources/__init__.py", *edits.NAMES)
    stage.edit("api", "app/resources/suppliers/schemas.py", *edits.SUPPLIER_WORDS)
    stage.edit("api", "app/resources/suppliers/router.py", ("Shelves for products.", "Who delivers."))
    command = ".venv/bin/alembic upgrade heads && .venv/bin/alembic revision --autogenerate -m suppliers"
    stage.run("api", command, show=0)
    stage.run("api", "scripts/check --fix", show=r"^all checks")
    propose(stage)
    stage.run("contracts", "scripts/contract check", show=FINDINGS)
    release(stage, "1.6.0")
    pin(stage, "api", "1.6.0")
    stage.test("api", "tests/test_contract.py app/resources/suppliers")
    stage.commit("api", "Suppliers")
    stage.says("It waits for its data, and is not deployed.")
    return 11


def filter_used(stage: Stage) -> int:
    """The UI offers the filter of week 10."""
    stage.week(12, "the UI filters by price")
    stage.by("uma")
    pin(stage, "web", "1.5.0")
    stage.edit("web", "products/views.py", edits.FILTER_CONTROL)
    stage.test("web", "products stock")
    hand_in(stage, "1.4")
    deploy(stage, "web=1.4")
    return 12


def hotfix(stage: Stage) -> int:
    """Back, in the right order; then 1.5.1 beside 1.6.0."""
    stage.week(13, "a hotfix beside a newer release")
    stage.by("ada")
    stage.says("""
        The filter leaves out what costs exactly the price. Ada wants to go back to the API of before. The answer is no:
        the UI sends the filter. So the UI goes back first.""")
    ask(stage, "api=1.3.0", "no")
    stage.by("uma")
    deploy(stage, "web=1.3")
    stage.by("ada")
    deploy(stage, "api=1.3.0")
    stage.says(
        """Main has suppliers already, which may not go out. So the correction becomes 1.5.1, from the tag of the API
        that was deployed, with a draft of its own."""
    )
    stage.run("api", "git switch -c hotfix v1.5.0", show=0)
    for name, changes in edits.HOTFIX.items():
        stage.edit("api", name, *changes)
    stage.run("contracts", "cp releases/1.5.0.json hotfix.json")
    propose(stage, " --draft ../blue-sky-contracts/hotfix.json")
    stage.run("contracts", "scripts/contract check 1.5.1 --draft hotfix.json", show=FINDINGS)
    stage.run("contracts", "scripts/contract release 1.5.1 --draft hotfix.json", show=r"^released")
    stage.run("contracts", "rm hotfix.json")
    stage.commit("contracts", "Release 1.5.1")
    pin(stage, "api", "1.5.1")
    stage.test("api", "tests/test_contract.py app/resources/products/tests/test_list.py")
    stage.commit("api", "Give what costs exactly the least price", "hotfix")
    deploy(stage, "api=1.5.1")
    stage.by("uma")
    deploy(stage, "web=1.4")
    return 13
