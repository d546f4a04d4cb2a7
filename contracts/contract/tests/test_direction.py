"""What binds who writes and what binds who reads, where the client calls and where the server calls."""

import pytest

from contract.tests.building import S, breaks, document

ANSWER = {"responses": {"200": {"description": "Done."}}}
NAMED = {"type": "object", "properties": {"a": S}}


def parameter(where="query", **more):
    return {"parameters": [{"name": "q", "in": where, "schema": S, **more}]}


def body(required=True, **content):
    types = {"application/json": S} | {name.replace("_", "/"): schema for name, schema in content.items()}
    return {"requestBody": {"required": required, "content": {name: {"schema": one} for name, one in types.items()}}}


def answer(headers=None, **content):
    types = {name.replace("_", "/"): {"schema": schema} for name, schema in content.items()}
    return {"responses": {"200": {"description": "Done.", "headers": headers or {}, "content": types}}}


# What is sent less sure, then surer: breaks whoever receives it; the other way round, whoever sends it.
EDITS = {
    "query parameter": (parameter(), parameter(required=True)),
    "header parameter": (parameter("header"), parameter("header", required=True)),
    "length of a parameter": (parameter(schema={**S}), parameter(schema={**S, "maxLength": 9})),
    "length of a header": (parameter("header"), parameter("header", schema={**S, "maxLength": 9})),
    "empty value": (parameter(allowEmptyValue=True), parameter()),
    "body": (body(False), body()),
    "media type": (body(text_plain=S), body()),
    "media type of another kind": (body(), {"requestBody": {"required": True, "content": {"a/b": {"schema": S}}}}),
    "field of the body": (body(application_json=NAMED), body(application_json={**NAMED, "required": ["a"]})),
}
ANSWERS = {
    "header": (answer({"X": {"schema": S}}), answer({"X": {"schema": S, "required": True}})),
    "new header": (answer(), answer({"X": {"schema": S, "required": True}})),
    "field of the answer": (answer(application_json=NAMED), answer(application_json={**NAMED, "required": ["a"]})),
}
BOTH_WAYS = {"media type of another kind"}


def called(operation, by):
    """A document in which the client calls, or the server: by webhook, or back."""
    operation = {**ANSWER, **operation}
    if by == "client":
        return document(operation)
    if by == "webhook":
        return document(webhooks={"told": {"post": operation}})
    return document({"callbacks": {"told": {"{$request.query.url}": {"post": operation}}}})


@pytest.mark.parametrize("by", ["client", "webhook", "callback"])
def test_who_reads_is_asked_no_more_and_who_writes_promises_no_less(by, tell):
    wrong, count = [], 0
    for edits, incoming in ((EDITS, by == "client"), (ANSWERS, by != "client")):
        for name, (loose, tight) in edits.items():
            for old, new, tightened in ((loose, tight, True), (tight, loose, False)):
                count += 1
                expected = name in BOTH_WAYS or tightened is incoming
                if bool(breaks(called(old, by), called(new, by))) is not expected:
                    wrong.append((name, "tightened" if tightened else "loosened"))
    tell(f"direction, the {by} calls: {count} edits, {len(wrong)} judged wrong")
    assert wrong == []


@pytest.mark.parametrize("by", ["webhook", "callback"])
def test_a_parameter_with_which_the_server_calls_may_be_added_and_not_be_missed(by):
    assert breaks(called({}, by), called(parameter(required=True), by)) == []
    assert breaks(called(parameter(), by), called({}, by)) == []
    assert breaks(called(parameter(required=True), by), called({}, by)) == ["parameter-removed"]
    assert breaks(called(body(), by), called({}, by)) == ["body-removed"]


@pytest.mark.parametrize("by", ["webhook", "callback"])
def test_a_client_that_answers_any_success_stays_understood(by):
    wide, narrow = ({"responses": {status: {"description": "Done."}}} for status in ("2XX", "200"))
    assert breaks(called(wide, by), called(narrow, by)) == ["status-removed"]
    assert breaks(called(narrow, by), called(wide, by)) == []
