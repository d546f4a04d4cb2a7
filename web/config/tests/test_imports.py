"""The rules of who may import what hold for every app, and under TYPE_CHECKING, too."""

import shutil
import subprocess
import sys

import pytest

from config.environment import BASE_DIR

NOT_COPIED = shutil.ignore_patterns(".venv", "var", ".git", "__pycache__", ".*_cache")
FORBIDDEN = """
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imaginary_items import urls
"""
CIRCLE = """
def late():
    from imaginary_items import urls
"""


@pytest.fixture
def copy(tmp_path):
    """A copy of this repository with an app of its own."""
    copy = shutil.copytree(BASE_DIR, tmp_path / "web", ignore=NOT_COPIED)
    app = copy / "imaginary_items"
    app.mkdir()
    (app / "__init__.py").write_text("")
    (app / "urls.py").write_text("from imaginary_items import gateway\n")
    (app / "gateway.py").write_text("from client import operations\n")
    return copy


@pytest.mark.parametrize(
    ("file", "text", "finding"),
    [
        ("imaginary_items/gateway.py", "", ""),
        ("imaginary_items/gateway.py", CIRCLE, "a circle of imports: "),
        ("imaginary_items/urls.py", "from client import operations\n", "gateways call operations"),
        ("core/http.py", FORBIDDEN, "core knows no app"),
    ],
)
def test_what_a_new_app_may_not_import_is_found(copy, file, text, finding):
    with (copy / file).open("a") as found:
        found.write(text)
    command = [sys.executable, "scripts/imports"]
    run = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)

    broken = [line for line in run.stdout.splitlines() if "BROKEN" in line or "circle" in line]
    assert bool(run.returncode) == bool(finding), run.stdout + run.stderr
    assert finding in "".join(broken)
