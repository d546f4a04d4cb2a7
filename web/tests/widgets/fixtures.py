"""Fixtures of tests that run on widgets: their folder's conftest.py imports them."""

import json
from collections.abc import Iterator

import pytest

import config.urls  # noqa: F401  while the real contract is pinned
from accounts.roles import scopes_by_role
from contract.document import pinned
from core.context import apps_with_a_list
from core.styles import site_style
from tests.widgets.client import contract

CACHES = (pinned, scopes_by_role, apps_with_a_list, site_style)


@pytest.fixture(autouse=True)
def widgets(monkeypatch, settings, tmp_path_factory) -> Iterator[None]:
    """Pin the widgets' contract, and serve their pages alone."""
    path = tmp_path_factory.getbasetemp() / "widgets.json"
    if not path.exists():
        path.write_text(json.dumps(contract.raw))
    monkeypatch.setattr("contract.document.PATH", path)
    settings.APPS = ["tests.widgets"]
    settings.ROOT_URLCONF = "tests.widgets.site"
    for cache in CACHES:
        cache.cache_clear()
    yield
    for cache in CACHES:
        cache.cache_clear()


@pytest.fixture
def widget(api):
    return api.example("Widget", name="Blue widget")


@pytest.fixture
def url(widget) -> str:
    return f"/widgets/{widget['id']}/"


@pytest.fixture
def views():
    """The pages of widgets; their declaration is imported while the widgets' contract is pinned."""
    from tests.widgets.urls import views

    return views
