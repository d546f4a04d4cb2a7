"""The tests that every family of screens has in common: a new one calls this, and adds its own."""

import json
from typing import Any

from django.urls import reverse

from core.screens import Screens
from core.tests.page import posted


def check_family(client: Any, api: Any, screens: Screens, typed: dict[str, Any]) -> None:
    """Walk through list, detail, create, edit and delete of one family as an editor."""
    thing: dict[str, Any] = api.example(screens.schema)
    listed, url = screens.list_url, reverse(screens.detail, args=[thing["id"]])
    api.plan(f"list_{screens.app}", 200, api.page(thing))
    api.plan(f"read_{screens.name}", 200, thing)
    api.plan(screens.create, 201, thing)
    api.plan(screens.update, 200, thing | {"version": 2})
    api.plan(screens.remove, 204)

    page = client.get(listed).text
    assert thing["name"] in page
    assert f"New {screens.noun}" in page
    assert f'href="{listed}" aria-current="page">{screens.title}<' in page
    assert thing["name"] in client.get(url).text
    assert client.get(screens.create_url).status_code == 200
    assert client.post(screens.create_url, typed).url == url

    page = client.get(f"{url}edit/").text
    assert client.post(f"{url}edit/", posted(page)).url == url
    assert api.sent[-1] == {}
    assert client.post(f"{url}edit/", typed | {"seen": json.dumps(thing)}).url == url
    assert api.requests[-1].headers["If-Match"] == f'"{thing["version"]}"'

    assert client.get(f"{url}delete/").status_code == 200
    assert client.post(f"{url}delete/", {"version": "1"}).url == listed
    assert api.requests[-1].method == "DELETE"
