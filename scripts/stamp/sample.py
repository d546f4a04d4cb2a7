"""What sample=none leaves out: each repository's own ``scripts/without-sample``, then what its texts say of the sample.

A line that is not there any more stops the stamping: the template has moved on, and this list has not.
"""

import re
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from stamp.answers import Refused
from stamp.files import copy

SCRIPT = "scripts/without-sample"
# Sections of README.md that are about the sample.
SECTIONS = {"api": ["Delete the sample domain"], "web": [], "contracts": []}
DECISIONS = {"api": ["locks-of-a-batch.md", "sums-beyond-64-bits.md"], "web": []}
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
        ("README.md", r"\| sends a batch .*\n", ""),
        ("README.md", r"\| has not the scope .*\n", ""),
        ("README.md", r"- \*\*Sums are exact\*\*.*\n", ""),
        (
            "README.md",
            r"1\. Copy `categories` and rename what is in it, (.*:\n   ```sh\n)   cp -r app/",
            "1. Take the template's smallest one (TEMPLATE is in `.cruft.json`) and rename what is in it, \\1"
            "   git clone TEMPLATE var/template\n   cp -r var/template/api/app/",
        ),
        (
            "README.md",
            r"Add `purchase_orders` to the two lines of `app/resources/__init__.py` \(import, `RESOURCES`\)",
            "Import `purchase_orders` in `app/resources/__init__.py`, and make it `RESOURCES = (purchase_orders,)`",
        ),
        (
            "README.md",
            r"in `models.py`, `schemas.py` and `tests/`,(.*)\n",
            "in `models.py`, `schemas.py` and `tests/`,\\1 Delete the test that is about products.\n",
        ),
    ],
    "web": [],
    "contracts": [],
}


def remove(part: str, folder: Path) -> None:
    """Take the sample out of one repository, and the script that did it."""
    if part == "contracts":
        return
    run(folder)
    (folder / SCRIPT).unlink()
    for name, old, new in EDITS[part]:
        replace(folder / name, old, new)
    for name in DECISIONS[part]:
        (folder / "docs" / "decisions" / name).unlink()
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


def replace(path: Path, old: str, new: str) -> None:
    """Replace what matches once; raises Refused when the template has moved on."""
    text, count = re.subn(old, new, path.read_text(encoding="utf-8"))
    if count != 1:
        raise Refused(f"the template is at odds with itself: {path.name} has {count} times: {old}")
    path.write_text(text, encoding="utf-8")
