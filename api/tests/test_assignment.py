"""Nobody sets what only the service may (OWASP API3:2023): the document names every such field."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from conftest import DOCUMENT
from tests.bounds import WRITES, Operation, Walk, fill


def properties(holder: dict[str, Any]) -> set[str]:
    """Return the names of a body's fields."""
    media: dict[str, Any] = next(iter(holder["content"].values()))
    name = media["schema"].get("$ref", "").rsplit("/", 1)[-1]
    return set(DOCUMENT["components"]["schemas"].get(name, {}).get("properties", {}))


def foreign(operation: Operation) -> set[str]:
    """Return the fields that an operation answers with and does not take, and two of nobody."""
    answers = operation.spec["responses"]
    answered = properties(answers.get("201") or answers["200"])
    return answered - properties(operation.spec["requestBody"]) | {"owner", "is_admin"}


@pytest.mark.parametrize(
    "operation",
    [each for each in WRITES if each.body],
    ids=lambda each: each.spec["operationId"],
)
async def test_every_field_that_is_not_taken_is_refused(client: AsyncClient, operation):
    walk = Walk(client)
    await fill(walk)
    url = operation.url(walk.place(operation, lambda known: known[-1]))
    body = dict.fromkeys(foreign(operation), "x")

    response = await walk.send(operation.method, url, json=body, headers={"If-Match": "*"})

    assert response.status_code == 422
    errors = response.json()["errors"]
    refused = {error["pointer"][2:] for error in errors if error["code"] == "extra_forbidden"}
    assert refused == foreign(operation)
