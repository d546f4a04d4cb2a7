"""Links: those that lead nowhere are refused, and a change of one is told."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from contract.compare import compare
from contract.findings.finding import Verdict
from contract.lint.links import RULES
from contract.openapi.document import Document, DocumentError
from contract.tests.everything import everything
from contract.tests.sampling import sample

VERSIONS = ("3.0", "3.1", "3.2")
JSON = "application/json"
TEXT = {"type": "string"}
THING: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": TEXT,
        "version": {"type": "integer"},
        "a/b~c": TEXT,
        "free": {"type": "object"},
        "named": {"type": "object", "additionalProperties": {"type": "object", "properties": {"id": TEXT}}},
        "items": {"type": "array", "items": {"allOf": [{"$ref": "#/components/schemas/Part"}, {"required": ["id"]}]}},
        "either": {"oneOf": [{"$ref": "#/components/schemas/Part"}, TEXT]},
    },
}


def document(link: Any, form: str = "inline", version: str = "3.1", callback: str = "{$request.body#/url}") -> Document:
    """A document in which creating a thing has one link; `form`: where the link stands."""
    thing = {"description": "Done.", "content": {JSON: {"schema": {"$ref": "#/components/schemas/Thing"}}}}
    text = {"description": "Done.", "content": {"text/plain": {"schema": TEXT}}}
    named = {name: {"name": name, "in": where, "schema": TEXT} for name, where in (("q", "query"), ("kind", "query"))}
    match = {"name": "if-match", "in": "header", "required": True, "schema": TEXT}
    made: dict[str, Any] = {**copy.deepcopy(thing), "headers": {"ETag": {"schema": TEXT}}}
    held = {"$ref": "#/components/links/held"} if form == "component" else link
    made["links"] = {"next": held}
    status = {"default": "default", "range": "2XX"}.get(form, "201")
    body = {"content": {JSON: {"schema": {"type": "object", "properties": {"url": TEXT, "name": TEXT}}}}}
    owner = {"name": "owner", "in": "path", "required": True, "schema": TEXT}
    data: dict[str, Any] = {
        "openapi": f"{version}.0",
        "info": {"title": "Things", "version": "1.0.0"},
        "paths": {
            "/{owner}/things": {
                "parameters": [owner],
                "get": {"operationId": "list_things", "parameters": [named["q"]], "responses": {"200": text}},
                "post": {
                    "operationId": "create_thing", "parameters": [named["q"]], "requestBody": body,
                    "responses": {status: {"$ref": "#/components/responses/Made"} if form == "response" else made},
                    "callbacks": {"made": {callback: {"post": {"responses": {"204": {"description": "Thanks."}}}}}},
                },
            },
            "/things/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": TEXT}],
                "get": {"operationId": "read_thing", "responses": {"200": thing}},
                "patch": {"operationId": "update_thing", "parameters": [match], "requestBody": body,
                          "responses": {"200": thing}},
            },
            "/kinds/{kind}": {"get": {"operationId": "read_kind", "parameters": [
                named["kind"], {"name": "kind", "in": "path", "required": True, "schema": TEXT},
            ], "responses": {"200": text}}},
        },
        "components": {
            "schemas": {"Thing": copy.deepcopy(THING), "Part": {"type": "object", "properties": {"id": TEXT}}},
            **({"responses": {"Made": made}} if form == "response" else {}),
            **({"links": {"held": link}} if form == "component" else {}),
        },
    }  # fmt: skip
    if version == "3.2":
        copying = {"operationId": "copy_thing", "responses": {"204": {"description": "Copied."}}}
        data["paths"]["/things/{id}"]["additionalOperations"] = {"COPY": copying}
    return Document(data, Path("links.json"))


FORMS = ("inline", "component", "response", "default", "range")


def to(operation: Any = "read_thing", **parameters: Any) -> dict[str, Any]:
    return {"operationId": operation, "parameters": parameters}


def by(reference: str, **parameters: Any) -> dict[str, Any]:
    return {"operationRef": reference, "parameters": parameters}


def reads(expression: Any) -> dict[str, Any]:
    return to(id=expression)


VALUES = [
    "$response.body#/id", "$response.body", "$response.body#", "$response.body#/items/0/id", "$response.body#/items/12",
    "$response.body#/free/anything/below", "$response.body#/named/any/id", "$response.body#/either/id",
    "$response.body#/a~1b~0c", "$response.header.ETag", "$response.header.etag", "$response.header.Content-Type",
    "$request.body#/name", "$request.path.owner", "$request.query.q", "$request.header.Accept", "$url", "$method",
    "$statusCode", '"{$response.body#/version}"', "{$request.path.owner}-{$response.body#/id}", "{$url}/x",
    "5", 5, 1.5, True, None, ["a"], {"a": 1}, "", "{id}", "{}", "a { b", "costs 5 $", "a response.body#/id",
]  # fmt: skip
GOOD: list[dict[str, Any]] = [
    *map(reads, VALUES),
    {"operationId": "read_thing"},
    {"operationId": "update_thing", "requestBody": "$response.body"},
    {"operationId": "update_thing", "parameters": {"path.id": "a", "if-match": "$response.header.ETag"}},
    {"operationId": "update_thing", "parameters": {"header.If-Match": "*"}, "description": "Change it."},
    {"operationId": "read_kind", "parameters": {"path.kind": "a", "query.kind": "b"}},
    {"operationId": "list_things", "server": {"url": "https://example.com"}, "parameters": {"owner": "me", "q": "a"}},
    by("#/paths/~1things~1{id}/get", id="a"),
    by("#/paths/~1things~1%7Bid%7D/patch", **{"If-Match": "*"}),
    by("https://example.com/openapi.json#/paths/~1a/get", anything="$response.body#/id"),
]
# Each with the rule that refuses it.
BAD: list[tuple[str, dict[str, Any]]] = [
    *(("link-target", link) for link in (
        to("no_such"), to(""), to(None), {}, {"parameters": {"id": "a"}}, {"description": "Somewhere."},
        {"operationId": "read_thing", "operationRef": "#/paths/~1things~1{id}/get"},
        to(no_such="a"), to(**{"query.id": "a"}), to(**{"Id": "a"}), to(**{"if-match": "*"}), to(owner="a"),
        to(**{"path.id.x": "a"}), to("read_kind", kind="a"), to("update_thing", **{"query.if-match": "*"}),
        {**to(id="a"), "requestBody": "$response.body"}, by("#/paths/~1things~1{id}"), by("#/paths/~1things/get"),
        by("#/paths/~1things~1{id}/delete"), by("#/components/schemas/Thing"), by("#/paths/~1things~1{id}/parameters"),
        by("no-such-file.json#/paths/~1a/get"), by("read_thing"), by(""), by("#/paths/~1things~1{id}/get", owner="a"),
    )),
    *(("runtime-expression", reads(text)) for text in (
        "$", "$response", "$response.", "$response.body/id", "$response.body.id", "$response.body#id", "$reponse.body",
        "$response.header", "$response.header.", "$response.header.E Tag", "$response.header.E\tTag", "$request.path.",
        "$request.query", "$Response.body#/id", "$response.Body", "$statuscode", "$status", "$url/x",
        "$request.cookie.a",
        "$response.query.q", "$response.path.id", "$response.body#/a~2b", "$response.body#/a~", "response.body#/id",
        "request.path.owner", "{$response.body#/id", "x-{$response.body#id}", "{response.body#/id}", "{ $url}", "{$}",
        "{$response.body#/id}{$nothing}",
    )),
    ("runtime-expression", {"operationId": "update_thing", "requestBody": "$response.body.all"}),
    *(("expression-source", reads(text)) for text in (
        "$response.header.Location", "$request.path.id", "$request.path.Owner", "$request.query.kind",
        "$request.header.X-None", "$request.body#/none", "$response.body#/none", "$response.body#/items/id",
        "$response.body#/items/0/none", "$response.body#/id/deeper", "$response.body#/either/none", "$response.body#/",
        "$response.body#/named/any/none", "{$response.body#/none}-{$response.body#/id}", "{$request.path.none}",
    )),
    ("expression-source", {"operationId": "update_thing", "requestBody": "$response.body#/none"}),
]  # fmt: skip
CALLBACKS = [
    (None, "{$request.body#/url}"), (None, "$request.body#/url"), (None, "{$request.query.q}?id={$response.body#/id}"),
    (None, "https://example.com/{$request.path.owner}"), (None, "https://example.com"), (None, "$url"),
    ("runtime-expression", "{$request.body.url}"), ("runtime-expression", "{request.query.q}"),
    ("runtime-expression", "$request.query"), ("expression-source", "{$request.query.url}"),
    ("expression-source", "{$request.body#/callbackUrl}"), ("expression-source", "{$request.path.id}"),
]  # fmt: skip


def refused(made: Document) -> list[str]:
    """The rules that find something."""
    return [rule.name for rule in RULES for _ in rule.find(made)]


@pytest.mark.parametrize("version", VERSIONS)
def test_links_that_lead_somewhere_are_let_be_and_others_are_refused_by_one_rule(version, tell, long):
    cases = [(form, rule, link) for form in FORMS for rule, link in [*((None, one) for one in GOOD), *BAD]]
    cases = sample(cases, lambda case: (case[0], case[1]), 6, long)
    wrong = []
    for form, rule, link in cases:
        said = refused(document(link, form, version))
        if set(said) != ({rule} if rule else set()):
            wrong.append((form, link, rule, said))
    for rule, callback in CALLBACKS:
        said = refused(document(reads("a"), version=version, callback=callback))
        if said != ([rule] if rule else []):
            wrong.append(("callback", callback, rule, said))
    callbacks = f"{len(CALLBACKS)} callbacks"
    tell(f"links of {version}: {len(cases)} in {len(FORMS)} places, {callbacks}, {len(wrong)} judged wrongly")
    assert wrong == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_document_with_every_key_has_links_that_lead_somewhere(version):
    assert refused(Document(everything(version), Path("all.json"))) == []


MALFORMED = [
    to(5),
    {"operationRef": ["#/paths"]},
    {**to(), "parameters": ["id"]},
    {**to(), "parameters": "id"},
    5,
    ["read_thing"],
]


@pytest.mark.parametrize("link", MALFORMED)
def test_what_is_no_link_object_cannot_be_read(link):
    for version in VERSIONS:
        for form in FORMS:
            with pytest.raises(DocumentError, match="/links/"):
                document(link, form, version)


def test_an_operation_of_a_method_that_openapi_does_not_name_can_be_a_target():
    at = "#/paths/~1things~1{id}/additionalOperations"
    for link in (to("copy_thing", id="a"), by(f"{at}/COPY", id="a")):
        assert refused(document(link, version="3.2")) == []
    for link in (by(f"{at}/MOVE"), by(f"{at}/get"), by("#/paths/~1things~1{id}/COPY")):
        assert refused(document(link, version="3.2")) == ["link-target"]


def test_a_link_that_nothing_uses_is_read_too():
    made = document(reads("a")).data
    made["components"]["links"] = {"unused": to("no_such", id="$nothing")}
    assert refused(Document(made, Path("links.json"))) == ["link-target", "runtime-expression"]


def test_a_path_item_elsewhere_is_followed(tmp_path):
    made = document(by("#/paths/~1moved~1{id}/get", id="$response.body#/id")).data
    made["paths"]["/moved/{id}"] = {"$ref": "#/components/pathItems/Moved"}
    read = {"get": {"operationId": "read_moved", "responses": {"204": {"description": "Done."}}}}
    made["components"]["pathItems"] = {"Moved": read}
    assert refused(Document(made, Path("links.json"))) == []


OLD = {**to(id="$response.body#/id"), "description": "Read it."}
# What is made of the link, the grade, and the rule.
CHANGES: list[tuple[str, Any, Verdict, str]] = [
    ("removed", None, Verdict.SOURCE, "link-removed"),
    ("another operation", {**OLD, "operationId": "update_thing"}, Verdict.SOURCE, "link-changed"),
    ("by reference", {**by("#/paths/~1things~1{id}/get"), "description": "Read it."}, Verdict.SOURCE, "link-changed"),
    ("another value", {**OLD, "parameters": {"id": "$response.body#/version"}}, Verdict.SOURCE, "link-changed"),
    ("a constant of another type", {**OLD, "parameters": {"id": 1}}, Verdict.SOURCE, "link-changed"),
    ("no parameters", {**to(), "description": "Read it."}, Verdict.SOURCE, "link-changed"),
    ("a body", {**OLD, "requestBody": "$response.body"}, Verdict.SOURCE, "link-changed"),
    ("a server", {**OLD, "server": {"url": "https://example.com"}}, Verdict.SOURCE, "link-changed"),
    ("described otherwise", {**OLD, "description": "Get it."}, Verdict.WORDS, "words"),
    ("not described", to(id="$response.body#/id"), Verdict.WORDS, "words"),
    ("an extension", {**OLD, "x-own": 1}, Verdict.WORDS, "words"),
]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_change_of_a_link_is_told_and_breaks_no_deployed_client(version, tell):
    wrong = []
    for form in FORMS:
        for name, link, verdict, rule in CHANGES:
            old, new = document(OLD, form, version), document(link or OLD, form, version)
            if link is None:
                holder = new.data["paths"]["/{owner}/things"]["post"]["responses"]
                answer = (
                    new.data["components"]["responses"]["Made"] if form == "response" else next(iter(holder.values()))
                )
                answer.pop("links")
                new = Document(new.data, Path("links.json"))
            said = {(one.verdict, one.rule) for one in compare(old, new) if one.place.operation}
            if said != {(verdict, rule)}:
                wrong.append((form, name, said))
            back = {one.rule for one in compare(new, old) if one.place.operation}
            if back != {"link-added" if link is None else rule}:
                wrong.append((form, name, "back", back))
    tell(f"changes of links of {version}: {len(CHANGES)} kinds in {len(FORMS)} places, {len(wrong)} judged wrongly")
    assert wrong == []


def test_the_form_of_a_link_does_not_count():
    for form in FORMS[:3]:
        assert [one for one in compare(document(OLD), document(OLD, form)) if one.verdict is not Verdict.WORDS] == []
