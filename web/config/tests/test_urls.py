"""A resource that does not fit the contract stops the start, in one line that names it."""

import os
import re
import subprocess
import sys

import pytest
from django.urls import URLResolver, get_resolver

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


def addresses(patterns, prefix="/"):
    """Yield an address for each pattern."""
    for each in patterns:
        path = prefix + re.sub("<[^>]+>", "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10", str(each.pattern))
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, path)
        else:
            yield path


def test_every_address_leads_to_a_page(editor, api, record_property):
    for operation in api.contract.operations:
        api.plan_failure(operation)
    paths = [*addresses(get_resolver().url_patterns)]

    answers = {path: editor.get(path).status_code for path in paths}

    assert {path: status for path, status in answers.items() if status in (404, 405, 500)} == {}
    record_property("addresses of the site opened by a GET", len(paths))
