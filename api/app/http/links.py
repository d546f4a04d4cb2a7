"""OpenAPI links: an answer that shows a resource leads to the operations that take its id.

They are found in the document itself (OpenAPI 3.1, Link Object). A resource is what the GET of a
path that ends with an id answers; its operations are those of this path, and of what is below it.
"""

import re
from collections.abc import Iterator
from functools import partial
from os.path import commonpath
from typing import Any, NamedTuple

Json = dict[str, Any]
PARAMETER = re.compile(r"{(\w+)}")


class Shown(NamedTuple):
    """The resource in an answer: its schema, and the runtime expressions of its id and its ETag."""

    schema: str
    id: str
    etag: str  # empty: the answer does not have it


def add_links(document: Json) -> None:
    """Give each answer that shows a resource its links, named as the operations they lead to."""
    paths, schemas = document["paths"], document["components"]["schemas"]
    resources: dict[str, list[str]] = {}
    for path, item in paths.items():
        if path.endswith("}") and "get" in item:
            name = _schema_name(item["get"]["responses"]["200"])
            resources.setdefault(name, []).append(path)
    for path, item in paths.items():
        for operation in item.values():
            for response in operation["responses"].values():
                shown = _shown(response, schemas)
                if shown and shown.schema in resources:
                    # Of two versions that answer the same, each leads to its own.
                    nearest = partial(_shared, path)
                    resource = max(resources[shown.schema], key=nearest)
                    links = dict(_links(shown, path, resource, paths))
                    links.pop(operation["operationId"], None)
                    response |= {"links": links} if links else {}


def _shared(one: str, other: str) -> int:
    return len(commonpath([one, other]))


def _schema_name(response: Json) -> str:
    media = response.get("content", {}).get("application/json", {})
    return str(media.get("schema", {}).get("$ref", "")).rpartition("/")[2]


def _shown(response: Json, schemas: Json) -> Shown | None:
    """Return the resource in an answer, or the first one of a page; None: it shows none."""
    name = _schema_name(response)
    fields = schemas.get(name, {}).get("properties", {})
    if "id" in fields:
        etag = "$response.header.ETag" if "ETag" in response["headers"] else ""
        return Shown(name, "$response.body#/id", etag)
    first = fields.get("items", {}).get("items", {}).get("$ref", "").rpartition("/")[2]
    if not first:
        return None
    # The ETag of a page is not that of the resources in it.
    versioned = "version" in schemas[first]["properties"]
    etag = '"{$response.body#/items/0/version}"' if versioned else ""
    return Shown(first, "$response.body#/items/0/id", etag)


def _links(shown: Shown, path: str, resource: str, paths: Json) -> Iterator[tuple[str, Json]]:
    """Find the operations of a resource whose path can be filled from this request and answer."""
    own = PARAMETER.findall(resource)[-1]
    values = {name: f"$request.path.{name}" for name in PARAMETER.findall(path)} | {own: shown.id}
    for target, item in paths.items():
        wanted = PARAMETER.findall(target)
        is_below = f"{target}/".startswith(f"{resource}/")
        if is_below and values.keys() >= {*wanted}:
            for operation in item.values():
                filled = {name: values[name] for name in wanted}
                names = {parameter["name"] for parameter in operation["parameters"]}
                if shown.etag and "if-match" in names:
                    filled["if-match"] = shown.etag
                name = operation["operationId"]
                yield name, {"operationId": name, "parameters": filled}
