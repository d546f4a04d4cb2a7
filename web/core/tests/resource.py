"""The tests that every plain resource has in common: a new one calls this, and adds its own."""

import json
from typing import Any

from django.urls import reverse

from core.resource_views import ResourceViews
from core.tests.page import posted


def check_resource(
    client: Any, api: Any, views: ResourceViews[Any, Any], typed: dict[str, Any]
) -> None:
    """Walk through list, detail, create, edit and delete of one resource as an editor."""
    gateway = views.gateway
    example: dict[str, Any] = api.example(gateway.schema)
    name = example[views.name]
    listed, url = views.list_url, reverse(views.detail_name, args=[example["id"]])
    api.plan(gateway.list_id, 200, api.page(example))
    api.plan(gateway.read_id, 200, example)
    api.plan(gateway.create_id, 201, example)
    api.plan(gateway.update_id, 200, example | {"version": 2})
    api.plan(gateway.delete_id, 204)

    page = client.get(listed).text
    assert name in page
    assert f"New {views.noun}" in page
    assert f'href="{listed}" aria-current="page">{views.title}<' in page
    assert name in client.get(url).text
    assert client.get(views.create_url).status_code == 200
    assert client.post(views.create_url, typed).url == url

    page = client.get(f"{url}edit/").text
    assert client.post(f"{url}edit/", posted(page)).url == url
    assert api.sent[-1] == {}
    assert client.post(f"{url}edit/", typed | {"seen": json.dumps(example)}).url == url
    assert api.requests[-1].headers["If-Match"] == f'"{example["version"]}"'

    assert client.get(f"{url}delete/").status_code == 200
    assert client.post(f"{url}delete/", {"version": "1"}).url == listed
    assert api.requests[-1].method == "DELETE"
