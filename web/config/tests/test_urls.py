"""A resource that does not fit the contract stops the start, in one line that names it."""

import os
import subprocess
import sys

import pytest

from config.environment import BASE_DIR

SETTINGS = """
from config.settings import *
APPS = [*APPS, "imaginary_items"]
"""
MISSPELT = """
from client import operations
app_name = "imaginary_items"
print(operations.list_imaginary_item)
"""


@pytest.mark.parametrize(
    ("urls", "line"),
    [
        (None, "imaginary_items: there is no imaginary_items/urls.py"),
        (MISSPELT, "imaginary_items: the contract has no operation 'list_imaginary_item'"),
        ("app_name = 'orders'", "imaginary_items/urls.py: app_name must be 'imaginary_items'"),
    ],
)
def test_wrong_name_stops_the_start(tmp_path, urls, line):
    app = tmp_path / "imaginary_items"
    app.mkdir()
    (tmp_path / "settings_of_test.py").write_text(SETTINGS)
    (app / "__init__.py").write_text("")
    if urls:
        (app / "urls.py").write_text(urls)
    env = {"DJANGO_SETTINGS_MODULE": "settings_of_test", "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", "import config.wsgi"]
    run = subprocess.run(
        command, cwd=BASE_DIR, env=os.environ | env, capture_output=True, text=True, check=False
    )

    assert run.returncode == 2, run.stderr
    assert run.stderr.splitlines()[-1].startswith(f"web: {line}")
    assert "Traceback" not in run.stderr
