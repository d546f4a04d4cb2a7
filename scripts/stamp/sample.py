"""What sample=none leaves out: the one list of the sample domain's files, and of the lines that name it.

A line that is not there any more stops the stamping: the template has moved on, and this list has not.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from stamp import contract
from stamp.answers import Answers
from stamp.choices import edit
from stamp.choices import remove as delete

FILES = {
    "api": [
        "app/resources/*/",
        "app/sample",
        "migrations/versions/*",
        "scripts/without-sample",
        "tests/test_sample.py",
    ],
    "web": [],
    "contracts": [],
}
# Sections of README.md that are about the sample.
SECTIONS = {"api": ["Delete the sample domain"], "web": ["Delete the sample"], "contracts": []}
EDITS: dict[str, list[tuple[str, str, str]]] = {
    "api": [
        (
            "README.md",
            "The catalogue of a shop and its stock, over HTTP: FastAPI",
            "An HTTP API: FastAPI",
        ),
        ("README.md", "app/sample/          the sample shop\n", ""),
        ("pyproject.toml", "The API of Corner Shop: a catalogue and its stock.", "The API of Corner Shop."),
        ("scripts/run", "Migrate, fill an empty database with samples, serve", "Migrate, serve"),
        ("scripts/run", " && .venv/bin/python -m app seed", ""),
        ("app/__main__.py", "import asyncio\n", ""),
        ("app/__main__.py", "serve,migrate,seed,openapi,token", "serve,migrate,openapi,token"),
        ("app/__main__.py", "(serve, migrate, seed, openapi, token)", "(serve, migrate, openapi, token)"),
        ("app/core/openapi.py", *contract.WORDS),
    ],
    "web": [],
    "contracts": [],
}
# Tests that show the rules of every resource on the resources of the sample.
SHOWN_ON_IT = re.compile(r'app\.(resources|sample)\.|app\.sample|"(products|categories)"|/v1/products"')
KEPT_TABLES = "_idempotency_keys.py"
NO_RESOURCES = '''"""The resources of this service: RESOURCES is the one list to edit when one comes or goes.

Importing this module registers every table with ``Model.metadata``; Alembic relies on that.
"""

from types import ModuleType

from app.core.problems import Violation

RESOURCES: tuple[ModuleType, ...] = ()

CONSTRAINTS: dict[str, Violation] = {
    name: violation for resource in RESOURCES for name, violation in resource.CONSTRAINTS.items()
}
'''


def remove(root: Path, folder: Path, part: str, answers: Answers, rename: Callable[[str], str]) -> None:
    """Take the sample domain out of one repository."""
    kept = {path: path.read_text(encoding="utf-8") for path in core_migrations(folder)}
    for pattern in FILES[part]:
        for path in sorted(folder.glob(pattern)):
            delete(path)
    for name, old, new in EDITS[part]:
        edit(folder / name, rename(old), rename(new))
    for heading in SECTIONS[part]:
        cut_section(folder / "README.md", heading)
    {"api": remove_api, "web": remove_web, "contracts": remove_contracts}[part](root, folder, answers, rename)
    for path, text in kept.items():
        path.write_text(re.sub(r"(?m)^down_revision = .*", "down_revision = None", text), encoding="utf-8")


def remove_api(root: Path, folder: Path, answers: Answers, rename: Callable[[str], str]) -> None:
    """Empty RESOURCES; remove the tests that need one, and the command that fills a database."""
    (folder / "app" / "resources" / "__init__.py").write_text(NO_RESOURCES, encoding="utf-8")
    for path in sorted((folder / "tests").glob("test_*.py")):
        if SHOWN_ON_IT.search(path.read_text(encoding="utf-8")):
            path.unlink()
    commands = folder / "app" / "__main__.py"
    text = commands.read_text(encoding="utf-8")
    commands.write_text(re.sub(r"(?s)def seed\(.*?\n\n\n", "", text), encoding="utf-8")


def remove_web(root: Path, folder: Path, answers: Answers, rename: Callable[[str], str]) -> None:
    """Leave accounts and an empty home page."""


def remove_contracts(root: Path, folder: Path, answers: Answers, rename: Callable[[str], str]) -> None:
    """Keep the sample's contract for the tool's own tests: its tests have to be about something."""
    shop = folder / "contract" / "tests" / "shop"
    (shop / "releases").mkdir(parents=True)
    (shop / "CHANGELOG.md").write_text((folder / "CHANGELOG.md").read_text(encoding="utf-8"), encoding="utf-8")
    contract.write_shelf(shop, rename(contract.first_release(root, answers, sample=True)))
    tests = folder / "contract" / "tests"
    root_line = "ROOT = Path(__file__).resolve().parents[2]\n"
    edit(tests / "building.py", root_line, 'ROOT = Path(__file__).resolve().parent / "shop"\n')


def core_migrations(folder: Path) -> Iterator[Path]:
    """Yield the migrations that are not about the sample."""
    yield from sorted(folder.glob(f"migrations/versions/*{KEPT_TABLES}"))


def cut_section(readme: Path, heading: str) -> None:
    """Remove a section from a text in Markdown, up to the next of the same level."""
    text = readme.read_text(encoding="utf-8")
    edit(readme, re.search(rf"(?ms)^## {heading}\n.*?(?=^## |\Z)", text)[0], "")  # type: ignore[index]

