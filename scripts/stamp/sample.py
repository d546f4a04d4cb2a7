"""What sample=none leaves out: each repository's own ``scripts/without-sample``, then what its texts say of the sample.

A line that is not there any more stops the stamping: the template has moved on, and this list has not.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from stamp.answers import Refused
from stamp.files import copy

SCRIPT = "scripts/without-sample"
KEPT = "contract/tests/shop"
# Sections of README.md that are about the sample.
SECTIONS = {"api": ["Delete the sample domain"], "web": ["Delete the sample"], "contracts": []}
EDITS: dict[str, list[tuple[str, str, str]]] = {
    "api": [
        ("README.md", r"The catalogue of a shop and its stock, over HTTP", "An HTTP API"),
        ("README.md", r" with sample data \(", " ("),
        ("README.md", r"v1/products\?\S+\"", 'v1/identity"'),
        ("README.md", r"To serve without the samples: ", "To serve elsewhere: "),
        ("README.md", r"app/sample/ .*\n", ""),
        ("README.md", r" Read `resources/categories/` first.*", ""),
        ("README.md", r" A stock movement\s[^.]*\.", ""),
        ("README.md", r"- \*\*Stock never[^\n]*\n(?:  [^\n]*\n)*", ""),
        ("README.md", r"- \*\*A batch\*\*[^\n]*\n(?:  [^\n]*\n)*", ""),
        (
            "README.md",
            r"1\. `cp -r app/resources/categories app/resources/suppliers`",
            "1. Take the template's smallest one: `git clone TEMPLATE var/template` (TEMPLATE is in `.cruft.json`),\n"
            "   `cp -r var/template/api/app/resources/categories app/resources/suppliers`",
        ),
        (
            "README.md",
            r"Add `suppliers` to the two lines of `app/resources/__init__.py` \(import, `RESOURCES`\)",
            "Import `suppliers` in `app/resources/__init__.py`, and make it `RESOURCES = (suppliers,)`",
        ),
        (
            "README.md",
            r"`schemas.py` and `tests/`\.",
            "`schemas.py` and `tests/`. Delete the test that is about products.",
        ),
        (
            "CHANGELOG.md",
            r"(?s)- Categories.*",
            "- Identity and health, as release 1.0.0 of the contract says.\n",
        ),
    ],
    "web": [
        (
            "README.md",
            r"sign in, browse and change the catalogue, record stock\.",
            "sign in, and what you add.",
        ),
        (
            "README.md",
            r"categories/  products/  stock/  dashboard/     one folder",
            "dashboard/   one folder",
        ),
        (
            "README.md",
            r"1\. `cp -r categories suppliers`",
            "1. Take the template's smallest one: `git clone TEMPLATE var/template` (TEMPLATE is in `.cruft.json`),\n"
            "   `cp -r var/template/web/categories suppliers`",
        ),
        ("README.md", r" `products/` shows how to go further\.", ""),
        (
            "CHANGELOG.md",
            r"(?ms)^- Products:.*",
            "- A landing page that shows whom the API takes one for.\n",
        ),
    ],
    "contracts": [],
}


def remove(part: str, folder: Path) -> None:
    """Take the sample out of one repository, and the script that did it."""
    if part == "contracts":
        keep_for_tests(folder)
        return
    run(folder)
    (folder / SCRIPT).unlink()
    for name, old, new in EDITS[part]:
        replace(folder / name, old, new)
    for heading in SECTIONS[part]:
        replace(folder / "README.md", rf"(?ms)^## {heading}\n.*?(?=^## |\Z)", "")


@cache
def left_of_contract(root: Path) -> str:
    """Return the document that the API speaks without the sample."""
    with tempfile.TemporaryDirectory() as temporary:
        api = Path(temporary) / "api"
        copy(root, "api", api)
        run(api)
        return (api / "contract.json").read_text(encoding="utf-8")


def run(folder: Path) -> None:
    """Run a repository's own script; raises Refused with its one line."""
    command = [sys.executable, "-B", SCRIPT]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if done.returncode:
        raise Refused(f"{folder.name}/{SCRIPT}: {done.stderr.strip().splitlines()[-1]}")


def keep_for_tests(folder: Path) -> None:
    """Let the tool's own tests keep the sample's contract: they have to be about something."""
    root_line = r"(?m)^ROOT = Path\(__file__\)\.resolve\(\)\.parents\[2\]$"
    replace(
        folder / "contract" / "tests" / "building.py",
        root_line,
        'ROOT = Path(__file__).resolve().parent / "shop"',
    )
    shutil.copytree(folder / "releases", folder / KEPT / "releases")
    shutil.copy(folder / "CHANGELOG.md", folder / KEPT)


def replace(path: Path, old: str, new: str) -> None:
    """Replace what matches once; raises Refused when the template has moved on."""
    text, count = re.subn(old, lambda match: new, path.read_text(encoding="utf-8"))
    if count != 1:
        raise Refused(f"the template is at odds with itself: {path.name} has {count} times: {old}")
    path.write_text(text, encoding="utf-8")
