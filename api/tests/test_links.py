"""Which links an answer has, found by the paths and schemas of a document."""

import copy
from typing import Any

import pytest

from app.http.links import add_links
from conftest import DOCUMENT

ID = "$response.body#/id"
ETAG = "$response.header.ETag"
FIRST = "$response.body#/items/0/id"
FIRST_ETAG = '"{$response.body#/items/0/version}"'


def links(operation_id: str, status: str) -> dict[str, dict[str, str]]:
    """Return what each link of an answer of widgets fills, by its name."""
    [operation] = [
        operation
        for item in DOCUMENT["paths"].values()
        for operation in item.values()
        if operation["operationId"] == operation_id
    ]
    found = operation["responses"][status].get("links", {})
    assert all(link["operationId"] == name for name, link in found.items())
    return {name: link["parameters"] for name, link in found.items()}


def test_what_is_created_leads_to_what_takes_its_id_with_its_etag_where_that_is_wanted():
    assert links("create_widget", "201") == {
        "read_widget": {"widget_id": ID},
        "update_widget": {"widget_id": ID, "if-match": ETAG},
        "delete_widget": {"widget_id": ID, "if-match": ETAG},
        "update_widget_color": {"widget_id": ID, "if-match": ETAG},
        "grow_widget": {"widget_id": ID},
    }


def test_a_page_leads_to_what_takes_the_id_of_its_first_item_with_its_version():
    assert links("list_widgets", "200") == {
        "read_widget": {"widget_id": FIRST},
        "update_widget": {"widget_id": FIRST, "if-match": FIRST_ETAG},
        "delete_widget": {"widget_id": FIRST, "if-match": FIRST_ETAG},
        "update_widget_color": {"widget_id": FIRST, "if-match": FIRST_ETAG},
        "grow_widget": {"widget_id": FIRST},
    }


@pytest.mark.parametrize(
    "name", ["read_widget", "update_widget", "update_widget_color", "grow_widget"]
)
def test_each_answer_that_shows_it_leads_to_the_others(name):
    assert links(name, "200").keys() == links("create_widget", "201").keys() - {name}


def test_what_shows_no_resource_leads_nowhere():
    assert links("delete_widget", "204") == {}
    assert links("create_widget", "422") == {}
    assert links("check_live", "200") == {}


def answer(schema: str, *headers: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"content": content, "headers": {name: {} for name in headers}}


def operation(name: str, responses: dict[str, Any], *parameters: str) -> dict[str, Any]:
    named = [{"name": each} for each in parameters]
    return {"operationId": name, "parameters": named, "responses": responses}


THING: dict[str, Any] = {"properties": {"id": {}, "name": {}}}
PAGE: dict[str, Any] = {"properties": {"items": {"items": {"$ref": "#/components/schemas/Thing"}}}}
DONE: dict[str, Any] = {"204": {"headers": {}}}
# Things of an owner, which have no version; notes of a thing, which cannot be read.
PLAIN: dict[str, Any] = {
    "paths": {
        "/owners/{owner}/things": {
            "get": operation("list_things", {"200": answer("Page", "ETag")}),
            "post": operation("create_thing", {"201": answer("Thing")}),
        },
        "/owners/{owner}/things/{thing}": {
            "get": operation("read_thing", {"200": answer("Thing")}),
            "delete": operation("delete_thing", DONE, "if-match"),
        },
        "/owners/{owner}/things/{thing}/notes": {
            "post": operation("create_note", {"201": answer("Note")})
        },
        "/owners/{owner}/things/{thing}/notes/{note}": {"delete": operation("delete_note", DONE)},
        "/news": {"get": operation("list_news", {"200": answer("Page")})},
    },
    "components": {"schemas": {"Thing": THING, "Page": PAGE, "Note": {"properties": {"id": {}}}}},
}


def test_a_path_is_filled_from_the_request_too_or_there_is_no_link():
    document = copy.deepcopy(PLAIN)

    add_links(document)

    paths = document["paths"]
    created = paths["/owners/{owner}/things"]["post"]["responses"]["201"]["links"]
    listed = paths["/owners/{owner}/things"]["get"]["responses"]["200"]["links"]
    for found, own in ((created, ID), (listed, FIRST)):
        assert {name: link["parameters"] for name, link in found.items()} == {
            name: {"owner": "$request.path.owner", "thing": own}
            for name in ("read_thing", "delete_thing", "create_note")
        }
    # Neither whose things they are is known here, nor what a note is.
    assert "links" not in paths["/news"]["get"]["responses"]["200"]
    notes = paths["/owners/{owner}/things/{thing}/notes"]
    assert "links" not in notes["post"]["responses"]["201"]
