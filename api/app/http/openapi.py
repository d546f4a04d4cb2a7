"""Builds the OpenAPI document, which becomes the contract.

FastAPI adds a 422 body of its own, knows nothing of problem details or response headers, and
calls ``If-Match`` optional because its absence is answered by 428 and not by 422.
"""

import re
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.http.links import add_links
from app.http.problems import FieldProblem, ProblemDetails

EXAMPLE_ID = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"
DESCRIPTION = """\
Corner Shop, over HTTP.

**Errors** are `application/problem+json` (RFC 9457). **Lists** are pages with opaque cursors.
**Writes** to a thing that exists want `If-Match` with the `ETag` that was read. A `POST` with an
`Idempotency-Key` may be repeated safely. **Reads** answer 304 to `If-None-Match`. A response may
carry fields, and enums marked `x-extensible-enum` may carry values, that this release does not
name: clients ignore the former and show the latter as they are. A query parameter that this release
does not name is ignored; the next major release may refuse it.
"""
SUCCESS = {"200": "Success.", "201": "Created.", "204": "Deleted."}
PLACES = ["path", "query", "header", "cookie"]
OF_EVERY_LIST = ["sort", "cursor", "limit", "q"]
HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {
        "description": "Version of the resource, for `If-Match`.",
        "schema": {"type": "string", "maxLength": 40},
        "example": '"1"',
    },
    "Location": {
        "description": "Path of the new resource.",
        "schema": {"type": "string", "maxLength": 400},
    },
    "Link": {
        "description": "The pages after and before (RFC 8288), as many as fit.",
        "schema": {"type": "string", "maxLength": 5000},
    },
    "Contract-Version": {
        "description": "Release of this contract that the API speaks.",
        "schema": {"type": "string", "maxLength": 40},
        "example": "1.0.0",
    },
    "WWW-Authenticate": {
        "description": "What the token lacks (RFC 6750).",
        "schema": {"type": "string", "maxLength": 400},
        "example": 'Bearer error="invalid_token"',
    },
    "Idempotency-Replayed": {
        "description": "There, and `true`, if this is the answer to an earlier request.",
        "schema": {"type": "string", "enum": ["true"]},
        "example": "true",
    },
    "RateLimit-Policy": {
        "description": "How many requests (`q`) a caller has in how many seconds (`w`).",
        "schema": {"type": "string", "maxLength": 100},
        "example": '"default";q=6000;w=60',
    },
    "RateLimit": {
        "description": "How many requests remain (`r`), and when there will be more (`t`).",
        "schema": {"type": "string", "maxLength": 100},
        "example": '"default";r=0;t=1',
    },
    "Retry-After": {
        "description": "Seconds to wait.",
        "schema": {"type": "string", "maxLength": 10},
        "example": "1",
    },
}


def build_openapi(app: FastAPI) -> dict[str, Any]:
    """Return the document of ``app``."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        tags=app.openapi_tags,
        servers=[{"url": "/", "description": "Wherever the API is deployed."}],
        license_info=app.license_info,
        contact=app.contact,
    )
    _add_problem_schemas(document["components"]["schemas"])
    schemas = document["components"]["schemas"]
    versioned = {
        name for name, schema in schemas.items() if "version" in schema.get("properties", {})
    }
    for path in document["paths"].values():
        for operation in path.values():
            _complete(operation, versioned)
    add_links(document)
    document["components"]["headers"] = _headers(document["paths"])
    document["components"]["schemas"] = dict(sorted(document["components"]["schemas"].items()))
    tidied: dict[str, Any] = _tidy(document)
    tidied["info"]["title"] = app.title
    return tidied


def _headers(paths: dict[str, Any]) -> dict[str, Any]:
    """Return the headers that some response has; their examples are paths of this API."""
    operations = [(path, operation) for path, item in paths.items() for operation in item.values()]
    found: dict[str, Any] = {}
    for path, operation in operations:
        here = re.sub(r"{\w+}", EXAMPLE_ID, path)
        examples = {"Location": f"{here}/{EXAMPLE_ID}", "Link": f'<{here}?cursor=W10>; rel="next"'}
        for response in operation["responses"].values():
            for name in response["headers"].keys() - found.keys():
                example = {"example": examples[name]} if name in examples else {}
                found[name] = HEADERS[name] | example
    return {name: found[name] for name in HEADERS if name in found}


def _add_problem_schemas(schemas: dict[str, Any]) -> None:
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    models: list[tuple[type[BaseModel], Literal["serialization"]]] = [
        (ProblemDetails, "serialization"),
        (FieldProblem, "serialization"),
    ]
    _, definitions = models_json_schema(models, ref_template="#/components/schemas/{model}")
    schemas.update(definitions["$defs"])


def _complete(operation: dict[str, Any], versioned_schemas: set[str]) -> None:
    """Give an operation a readable summary, and each response its headers."""
    operation["summary"] = operation["operationId"].replace("_", " ").capitalize()
    operation.get("parameters", []).sort(key=_place)
    for parameter in operation.get("parameters", []):
        parameter["schema"] = _without_null(parameter["schema"])
        parameter["schema"].pop("description", None)
        if parameter["name"] == "if-match":
            parameter["required"] = True
    wanted = {parameter["name"] for parameter in operation.get("parameters", [])}
    responses = operation["responses"]
    if "if-none-match" in wanted:
        responses["304"] = {"description": "Not modified: what you have is still the same."}
    for status, response in responses.items():
        response["description"] = SUCCESS.get(status, response["description"])
        versioned = _name_of_schema(response) in versioned_schemas
        names = ["Contract-Version", *_header_names(operation["operationId"], int(status))]
        if (versioned and status in ("200", "201")) or (
            "if-none-match" in wanted and status in ("200", "304")
        ):
            names.append("ETag")
        if "idempotency-key" in wanted and status in ("200", "201"):
            names.append("Idempotency-Replayed")
        response["headers"] = {n: {"$ref": f"#/components/headers/{n}"} for n in names}
    operation["responses"] = dict(sorted(responses.items()))


def _place(parameter: dict[str, Any]) -> tuple[int, int]:
    """Return the place of a parameter: those of every list come last."""
    place, name = PLACES.index(parameter["in"]), parameter["name"]
    return place, OF_EVERY_LIST.index(name) + 1 if name in OF_EVERY_LIST else 0


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter: it is left out, never null."""
    offered: list[dict[str, Any]] = schema.pop("anyOf", [])
    kinds = [each for each in offered if each != {"type": "null"}]
    if len(kinds) == 1:
        return kinds[0] | schema
    return schema | ({"anyOf": kinds} if kinds else {})


def _name_of_schema(response: dict[str, Any]) -> str:
    media = response.get("content", {}).get("application/json", {})
    return str(media.get("schema", {}).get("$ref", "")).rsplit("/", 1)[-1]


def _header_names(operation_id: str, status: int) -> list[str]:
    match status:
        case 200 if operation_id.startswith("list_"):
            return ["Link"]
        case 201:
            return ["Location"]
        case 401 | 403:
            return ["WWW-Authenticate"]
        case 429:
            return ["RateLimit", "RateLimit-Policy", "Retry-After"]
        case 503:
            return ["Retry-After"]
    return []


def _tidy(node: Any) -> Any:
    """Drop the generated titles, and write whole numbers as integers."""
    if isinstance(node, list):
        return [_tidy(value) for value in node]
    if isinstance(node, float) and node.is_integer():
        return int(node)
    if not isinstance(node, dict):
        return node
    # In a schema the title is a text; among properties it may be a field called title.
    return {
        key: _tidy(value)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str))
    }
