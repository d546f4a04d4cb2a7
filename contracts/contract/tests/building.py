"""Small documents for tests, and the second validator."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema_rs

from contract.compare import compare
from contract.findings.finding import Finding, Verdict
from contract.openapi.direction import Direction
from contract.openapi.document import Document
from contract.schema.formats import FORMATS
from contract.schema.validator import Judge
from contract.schema.view import Side

# From where a process imports the tool.
CODE = Path(__file__).resolve().parents[2]
# A contract of the tests' own: what this repository releases changes no test of the tool.
EXAMPLE = Path(__file__).resolve().parent / "example.json"
S, I = {"type": "string"}, {"type": "integer"}
LIMITS = {"int32": 2**31, "int64": 2**63}


def obj(**properties: Any) -> dict[str, Any]:
    """An object with these properties."""
    return {"type": "object", "properties": properties}


def document(operation: dict[str, Any] | None = None, version: str = "3.1.0", **more: Any) -> Document:
    """A document with one operation, POST /things."""
    data: dict[str, Any] = {
        "openapi": version,
        "info": {"title": "Test", "version": "1.0.0"},
        "paths": {"/things": {"post": {"responses": {"204": {"description": "Done."}}, **(operation or {})}}},
        **more,
    }
    return Document(copy.deepcopy(data), Path("test.json"))


def asks(schema: Any, version: str = "3.1.0", **more: Any) -> Document:
    """A document whose operation takes a JSON body of this schema."""
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return document({"requestBody": body}, version, **more)


def tells(schema: Any, version: str = "3.1.0", **more: Any) -> Document:
    """A document whose operation answers a JSON body of this schema."""
    answer = {"description": "Done.", "content": {"application/json": {"schema": schema}}}
    return document({"responses": {"200": answer}}, version, **more)


def takes(schema: Any, version: str = "3.1.0", **more: Any) -> Document:
    """A document whose operation has a query parameter `q` of this schema."""
    return document({"parameters": [{"name": "q", "in": "query", "schema": schema, **more}]}, version)


def found(old: Document, new: Document, *verdicts: Verdict) -> list[Finding]:
    """The findings of these verdicts; of all but mere words when none is named."""
    wanted = verdicts or [verdict for verdict in Verdict if verdict is not Verdict.WORDS]
    return [finding for finding in compare(old, new) if finding.verdict in wanted]


def breaks(old: Document, new: Document) -> list[str]:
    """The rules of what stops a release."""
    return sorted({finding.rule for finding in compare(old, new) if finding.stops})


def second(side_document: Document, direction: Direction, reader: bool, schema: Any) -> Any:
    """The same schema in the hand of another validator."""
    bundle = Judge(Side(side_document, direction, reader)).bundle((schema,))
    return jsonschema_rs.Draft202012Validator(
        _with_limits(bundle),
        validate_formats=True,
        ignore_unknown_formats=True,
        formats={name: one.check for name, one in FORMATS.items() if one.kind == "string"},
    )


def _with_limits(node: Any) -> Any:
    """Number formats as limits: the second validator knows formats of strings only."""
    if isinstance(node, list):
        return [_with_limits(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    made = {key: value if key in ("enum", "const") else _with_limits(value) for key, value in node.items()}
    top = LIMITS.get(str(node.get("format")))
    if top:
        made["allOf"] = [*made.get("allOf", []), {"minimum": -top, "maximum": top - 1}]
    return made


def shop() -> Any:
    """A small contract that keeps the house rules: products, and statistics."""

    def refers(name):
        return {"$ref": f"#/components/schemas/{name}"}

    def of(name):
        return {"content": {"application/json": {"schema": refers(name)}}}

    def operation(name, answer=None, **more):
        answers = {"200": {"description": "Done.", **of(answer)}} if answer else {"204": {"description": "Done."}}
        about = {"operationId": name, "summary": name, "tags": ["shop"], "security": [{"bearer": []}]}
        return {**about, **more, "responses": answers}

    text = {"type": "string", "minLength": 1, "maxLength": 200, "examples": ["Mug"]}
    amount = {"type": "integer", "minimum": 0, "maximum": 9999, "examples": [5]}
    fields = {"name": text, "sku": text, "description": text, "price": refers("Money")}
    items = {"type": "array", "items": refers("Product")}
    schemas = {
        "Money": {"type": "object", "properties": {"amount_minor": amount}},
        **{name: {"type": "object", "properties": fields} for name in ("Product", "ProductCreate", "ProductUpdate")},
        "ProductPage": {"type": "object", "properties": {"items": items}},
    }
    products = {
        "get": operation("list_products", "ProductPage"),
        "post": operation("create_product", "Product", requestBody=of("ProductCreate")),
    }
    product = {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": text}],
        "patch": operation("update_product", "Product", requestBody=of("ProductUpdate")),
    }
    made = {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1.0.0"},
        "tags": [{"name": "shop"}],
        "paths": {
            "/v1/products": products,
            "/v1/products/{id}": product,
            "/v1/statistics": {"get": operation("read_statistics")},
        },
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }
    return copy.deepcopy(made)
