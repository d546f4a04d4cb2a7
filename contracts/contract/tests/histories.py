"""Things that a contract may lose, and ways in which their end was announced, or was not."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

TODAY = dt.date(2026, 6, 1)
Json = dict[str, Any]
S, I = {"type": "string"}, {"type": "integer"}
JSON = "application/json"
# What a element is in one release: None is gone; a dictionary is there, with these marks; `other`: another meaning.
Marks = Json | None


def base(**operation: Any) -> Json:
    """A document with GET and POST /products."""
    done = {"responses": {"204": {"description": "Done."}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Test", "version": "1.0.0"},
        "paths": {
            "/products": {
                "get": {"operationId": "list_products", **copy.deepcopy(done)},
                "post": {"operationId": "create_product", **copy.deepcopy(done), **operation},
            }
        },
    }


def body(schema: Any, media_type: str = JSON) -> Json:
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


def answer(schema: Any, **more: Any) -> Json:
    return {"responses": {"200": {"description": "Done.", "content": {JSON: {"schema": schema}}, **more}}}


def kind_of(marks: Json) -> Json:
    """The schema of the element: integer where it came back with another meaning."""
    return I if marks.get("other") else S


def only(marks: Json) -> Json:
    return {key: value for key, value in marks.items() if key != "other"}


def record(marks: Marks, required: bool = True, closed: bool = True) -> Json:
    """An object with a field that may be gone."""
    made: Json = {"type": "object", "properties": {"name": S}, "required": ["name"]}
    if marks is not None:
        made["properties"]["old"] = {**kind_of(marks), **only(marks)}
        made["required"] = ["name", "old"] if required else ["name"]
    return {**made, "additionalProperties": False} if closed else made


def parameter(location: str, place: str = "operation", ref: bool = False, in_schema: bool = False) -> Any:
    def make(marks: Marks) -> Json:
        made = base()
        if marks is None:
            return made
        schema = {**kind_of(marks), **(only(marks) if in_schema else {})}
        entry: Json = {"name": "old", "in": location, "schema": schema, **({} if in_schema else only(marks))}
        if ref:
            made["components"] = {"parameters": {"Old": entry}}
            entry = {"$ref": "#/components/parameters/Old"}
        item = made["paths"]["/products"]
        (item if place == "path" else item["get"])["parameters"] = [entry]
        return made

    return make


def lost_by_one_of_two(marks: Marks) -> Json:
    """A parameter of a path that one operation loses, and another has still."""
    made = parameter("query", "path")(marks or {})
    item = made["paths"]["/products"]
    if marks is None:
        item["post"]["parameters"] = item.pop("parameters")
    return made


def operation(marks: Marks) -> Json:
    made = base()
    if marks is not None:
        made["paths"]["/old"] = {"get": {"operationId": "read_old", **answer(kind_of(marks)), **only(marks)}}
    return made


def method(marks: Marks) -> Json:
    made = base()
    if marks is not None:
        made["paths"]["/products"]["delete"] = {"operationId": "old", **answer(kind_of(marks)), **only(marks)}
    return made


def path_item(marks: Marks) -> Json:
    made = operation(marks)
    if marks is not None:
        made["components"] = {"pathItems": {"Old": made["paths"]["/old"]}}
        made["paths"]["/old"] = {"$ref": "#/components/pathItems/Old"}
    return made


def callback(marks: Marks) -> Json:
    call = {"post": {"operationId": "old", **answer(S), **only(marks or {})}}
    return base(**({"callbacks": {"onOld": {"{$request.body#/url}": call}}} if marks is not None else {}))


def webhook(marks: Marks) -> Json:
    made = base()
    if marks is not None:
        made["webhooks"] = {"old": {"post": {"operationId": "old", **answer(S), **only(marks)}}}
    return made


def header(ref: bool = False, required: bool = True) -> Any:
    def make(marks: Marks) -> Json:
        headers, components = {}, {}
        if marks is not None:
            headers = {"X-Old": {"schema": kind_of(marks), "required": required, **only(marks)}}
        if ref and headers:
            components = {"components": {"headers": {"Old": headers["X-Old"]}}}
            headers = {"X-Old": {"$ref": "#/components/headers/Old"}}
        return {**base(**answer(S, headers=headers)), **components}

    return make


def shared(marks: Marks, **more: Any) -> Json:
    """One schema for a request, a page of answers and an answer, in two operations."""
    made = base(**body({"$ref": "#/components/schemas/Product"}), **answer({"$ref": "#/components/schemas/Product"}))
    page = {
        "type": "object",
        "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Product"}}},
    }
    made["paths"]["/products"]["get"] |= answer(page)
    made["components"] = {"schemas": {"Product": {**record(marks), **more}}}
    return made


def renamed(marks: Marks) -> Json:
    """The schema has another name where the field is gone."""
    made = shared(marks)
    if marks is None:
        made["components"]["schemas"]["Ware"] = made["components"]["schemas"].pop("Product")
        text = str.replace(repr(made), "schemas/Product", "schemas/Ware")
        made = eval(text)  # noqa: S307 - our own data
    return made


def recursive(marks: Marks) -> Json:
    node = record(marks, closed=False)
    node["properties"]["children"] = {"type": "array", "items": {"$ref": "#/components/schemas/Node"}}
    made = base(**answer({"$ref": "#/components/schemas/Node"}))
    made["components"] = {"schemas": {"Node": node}}
    return made


def referred(marks: Marks) -> Json:
    """The marks stand beside a reference."""
    made = base(**body(record(marks)))
    if marks is not None:
        fields = made["paths"]["/products"]["post"]["requestBody"]["content"][JSON]["schema"]["properties"]
        fields["old"] = {"$ref": "#/components/schemas/Text", **only(marks)}
        made["components"] = {"schemas": {"Text": kind_of(marks)}}
    return made


def value(marks: Marks) -> Json:
    """A value of an enum, each an alternative with a `const`."""
    values: list[Json] = [{"const": "new"}, {"const": "used"}]
    if marks is not None:
        values.append({"const": "old", **only(marks)})
    schema = {"type": "object", "properties": {"state": {"oneOf": values}}, "required": ["state"]}
    return base(**body(schema))


def alternative(marks: Marks) -> Json:
    def kind(name: str, schema: Json) -> Json:
        fields = {"kind": {"const": name}, "name": schema}
        return {"type": "object", "properties": fields, "required": ["kind", "name"], "additionalProperties": False}

    schemas = {"New": kind("new", S), "Used": kind("used", S)}
    if marks is not None:
        schemas["Old"] = {**kind("old", kind_of(marks)), **only(marks)}
    made = base(**body({"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in schemas]}))
    return {**made, "components": {"schemas": schemas}}


def field_of_alternative(marks: Marks) -> Json:
    """One of two alternatives loses a field that the other has still."""
    made = alternative(None)
    schemas = made["components"]["schemas"]
    schemas["Used"]["properties"]["old"] = S
    if marks is not None:
        schemas["New"]["properties"]["old"] = {**kind_of(marks), **only(marks)}
    return made


def nullable(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


REMOVABLE: dict[str, Callable[[Marks], Json]] = {
    "operation": operation,
    "method of a path": method,
    "operation of a $ref'd path item": path_item,
    "callback": callback,
    "webhook": webhook,
    "query parameter": parameter("query"),
    "query parameter, marked in its schema": parameter("query", in_schema=True),
    "query parameter of the path": parameter("query", "path"),
    "query parameter of the path, of one operation": lost_by_one_of_two,
    "$ref'd query parameter": parameter("query", ref=True),
    "header parameter": parameter("header"),
    "$ref'd header parameter of the path": parameter("header", "path", ref=True),
    "cookie parameter": parameter("cookie"),
    "response header": header(),
    "optional response header": header(required=False),
    "$ref'd response header": header(ref=True),
    "request field": lambda marks: base(**body(record(marks))),
    "optional request field": lambda marks: base(**body(record(marks, required=False))),
    "request field of an open object": lambda marks: base(**body(record(marks, closed=False))),
    "nested request field": lambda marks: base(**body({"type": "object", "properties": {"a": record(marks)}})),
    "request field in a list": lambda marks: base(**body({"type": "array", "items": record(marks)})),
    "request field of what may be null": lambda marks: base(**body(nullable(record(marks)))),
    "form field": lambda marks: base(**body(record(marks), "application/x-www-form-urlencoded")),
    "request field that is a $ref": referred,
    "response field": lambda marks: base(**answer(record(marks))),
    "optional response field": lambda marks: base(**answer(record(marks, required=False, closed=False))),
    "nested response field": lambda marks: base(**answer({"type": "object", "properties": {"a": record(marks)}})),
    "response field in a map": lambda marks: base(**answer({"type": "object", "additionalProperties": record(marks)})),
    "response field in allOf": lambda marks: base(
        **answer({"allOf": [record(marks, closed=False), {"type": "object"}]})
    ),
    "field of a shared schema": shared,
    "field of a schema that was renamed": renamed,
    "field of a recursive schema": recursive,
    "value of an enum": value,
    "alternative": alternative,
    "field of one alternative": field_of_alternative,
}
# Those that are not tried with another meaning: a value is itself, a header is text, and who is called answers.
SAME_ONLY = frozenset({
    "value of an enum", "response header", "optional response header", "$ref'd response header", "callback", "webhook",
})  # fmt: skip

NO: Json = {}
D = {"deprecated": True}


def until(day: Any, **more: Any) -> Json:
    return {"deprecated": True, "x-sunset": day, **more}


PAST, LONG_PAST, COME, SOON, LATE = "2026-05-01", "2026-01-31", "2026-06-01", "2026-06-02", "2027-01-31"
# The marks in 1.0.0, 1.1.0 and 1.2.0; whether 1.3.0 may lose it on TODAY; since when and until which day.
ANNOUNCEMENTS: dict[str, tuple[tuple[Json, Json, Json], tuple[str, str] | None]] = {
    "none": ((NO, NO, NO), None),
    "deprecated without a day": ((D, D, D), None),
    "a day without deprecated": (({"x-sunset": PAST},) * 3, None),
    "deprecated: false": ((until(PAST, deprecated=False),) * 3, None),
    "deprecated as text": ((until(PAST, deprecated="true"),) * 3, None),
    "no day but a word": ((NO, until("soon"), until("soon")), None),
    "no day of the calendar": ((NO, until("2026-02-30"), until("2026-02-30")), None),
    "a month": ((NO, until("2026-05"), until("2026-05")), None),
    "a day without dashes": ((NO, until("20260501"), until("20260501")), None),
    "a day in another order": ((NO, until("01.05.2026"), until("01.05.2026")), None),
    "a moment": ((NO, until("2026-05-01T00:00:00Z"), until("2026-05-01T00:00:00Z")), None),
    "a day with a blank": ((NO, until(" 2026-05-01"), until(" 2026-05-01")), None),
    "a number": ((NO, until(20260501), until(20260501)), None),
    "null": ((NO, until(None), until(None)), None),
    "a list": ((NO, until([PAST]), until([PAST])), None),
    "tomorrow": ((NO, until(SOON), until(SOON)), None),
    "next year, since 1.0": ((until(LATE),) * 3, None),
    "today": ((NO, until(COME), until(COME)), ("1.1.0", COME)),
    "past": ((NO, until(PAST), until(PAST)), ("1.1.0", PAST)),
    "past, since 1.0": ((until(PAST),) * 3, ("1.0.0", PAST)),
    "in the latest only": ((NO, NO, until(PAST)), ("1.2.0", PAST)),
    "not in the latest": ((until(PAST), until(PAST), NO), None),
    "in the latest without its day": ((until(PAST), until(PAST), D), None),
    "withdrawn, announced again": ((until(PAST), NO, until(PAST)), ("1.2.0", PAST)),
    "withdrawn with a later day, announced again": ((until(LATE), NO, until(PAST)), None),
    "without a day, then with one": ((D, D, until(PAST)), ("1.2.0", PAST)),
    "moved to a later day that has come": ((NO, until(LONG_PAST), until(PAST)), ("1.1.0", PAST)),
    "moved to a later day that has not": ((NO, until(PAST), until(LATE)), None),
    "moved to an earlier day": ((NO, until(LATE), until(PAST)), None),
}
