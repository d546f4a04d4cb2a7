"""The tests that every family of screens has in common: a new one calls this, and adds its own."""

import json
from typing import Any


def check_family(client: Any, api: Any, plural: str, schema: str, typed: dict[str, str]) -> None:
    """Walk through list, detail, create, edit and delete of one family as an editor."""
    noun = schema.lower()
    thing: dict[str, Any] = api.example(schema)
    url = f"/{plural}/{thing['id']}/"
    api.plan(f"list_{plural}", 200, api.page(thing))
    api.plan(f"read_{noun}", 200, thing)
    api.plan(f"create_{noun}", 201, thing)
    api.plan(f"update_{noun}", 200, thing | {"version": 2})
    api.plan(f"delete_{noun}", 204)

    assert thing["name"] in client.get(f"/{plural}/").text
    assert thing["name"] in client.get(url).text
    assert client.get(f"/{plural}/new/").status_code == 200
    assert client.post(f"/{plural}/new/", typed).url == url

    assert client.get(f"{url}edit/").status_code == 200
    assert client.post(f"{url}edit/", typed | {"seen": json.dumps(thing)}).url == url
    assert api.requests[-1].headers["If-Match"] == f'"{thing["version"]}"'

    assert client.get(f"{url}delete/").status_code == 200
    assert client.post(f"{url}delete/", {"version": "1"}).url == f"/{plural}/"
    assert api.requests[-1].method == "DELETE"
