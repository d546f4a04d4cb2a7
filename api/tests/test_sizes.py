"""What is as large as the document allows can be stored, listed, and answered again."""

import itertools
import json
import re
import uuid
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from app.http.page_query import MAX_CURSOR_LENGTH
from app.http.pagination import MAX_LINK_LENGTH
from tests.bounds import (
    FORMATS,
    JSON,
    READS,
    WRITES,
    Operation,
    Walk,
    fill,
    id_parameter,
    python_pattern,
    resolve,
    with_ids,
)
from tests.sequences import MADE_VALID

LETTERS = ["\x01", "\U0010ffff", "İ"]  # the longest in JSON, in UTF-8 and in a URL, in lower case
ROWS = 101  # one more than a page
CREATES = [each for each in WRITES if each.body and each.method == "post" and id_parameter(each)]


def largest(schema: dict[str, Any], letter: str, number: int, name: str = "") -> Any:
    """Return the largest value of a schema; texts and names end in a number."""
    schema = resolve(schema)
    if "anyOf" in schema and "properties" not in schema:
        return largest(schema["anyOf"][0], letter, number, name)
    if schema.get("format") == "uuid":
        return f"id:{name}:1"
    if "format" in schema:
        return FORMATS[schema["format"]][-1]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "string":
        return longest(schema, letter, f"{number:06}")
    if kind == "array":
        count = schema.get("maxItems", 1)
        return [largest(schema["items"], letter, each) for each in range(count)]
    fields = schema.get("properties", {})
    parts = {each: largest(fields[each], letter, number, each) for each in fields}
    return {"object": parts, "boolean": False}.get(str(kind), schema.get("maximum", 10**6))


def longest(schema: dict[str, Any], letter: str, end: str) -> str:
    """Return the longest text of a schema, of ``letter`` or else of one that its pattern takes."""
    pattern = python_pattern(schema.get("pattern", ""))
    texts = [each * (schema["maxLength"] - len(end)) + end for each in (letter, "a", "A", "0")]
    return next(text for text in texts if re.search(pattern, text))


async def create(walk: Walk, operation: Operation, letter: str, number: int) -> Response:
    """Create one as large as can be; of the first and the last the key answers the same again."""
    place = walk.place(operation, lambda known: known[0])
    made_valid = MADE_VALID.get(operation.spec["operationId"], lambda each: each)
    body = made_valid(largest(operation.body or {}, letter, number))
    content = with_ids(json.dumps(body), walk.ids)
    key = {"Idempotency-Key": uuid.uuid4().hex}
    url, headers = operation.url(place), JSON | key
    response = await walk.send("POST", url, content=content, headers=headers)
    if number in (0, ROWS - 1):  # what is between is as large
        again = await walk.send("POST", url, content=content, headers=headers)
        assert (again.status_code, again.content) == (response.status_code, response.content)
    return response


@pytest.mark.sampled(2)
@pytest.mark.parametrize("letter", LETTERS, ids=ascii)
async def test_a_page_of_the_largest_rows_can_be_read_in_every_order(
    client: AsyncClient, letter, record_property
):
    walk = Walk(client)
    await fill(walk)
    longest = {"page": 0, "link": 0, "cursor": 0}
    for operation in CREATES:
        for number in range(ROWS):
            response = await create(walk, operation, letter, number)
            assert response.status_code in (201, 409), response.text  # 409: stock is full
        listed = next(each for each in READS if each.path == operation.path)
        url = operation.url(walk.place(operation, lambda known: known[0]))
        sorts = listed.query.get("sort", {}).get("enum", [None])
        words = [None, letter * 100] if "q" in listed.query else [None]
        for sort, text in itertools.product(sorts, words):
            params = {"limit": 100 if text is None else 50}
            params |= {"sort": sort} if sort else {}
            page = await walk.send("GET", url, params=params | ({"q": text} if text else {}))
            for name in ("next", "prev"):
                assert page.status_code == 200, page.text
                assert page.json()[f"{name}_cursor"], (url, params)
                longest["page"] = max(longest["page"], len(page.content))
                longest["link"] = max(longest["link"], len(page.headers["link"]))
                longest["cursor"] = max(longest["cursor"], len(page.json()[f"{name}_cursor"]))
                page = await walk.send("GET", page.links[name]["url"])
    assert longest["cursor"] <= MAX_CURSOR_LENGTH
    assert longest["link"] <= MAX_LINK_LENGTH
    record_property("requests about the largest rows", walk.sent)
