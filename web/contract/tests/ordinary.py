"""Ordinary documents by seed: each kind of parameter, body and answer, with its value.

Names are odd on purpose. Values are JSON; a document says where each stands.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from contract.document import Json

SIGNS = ("a", "b c", "d/e", "ü", "100%", "x=y&z", "?#", "+", "'\"", "..", "\\")
TOKENS = ("a", "b-1", "c.d", "~", "E_f")
# Names in JSON, queries and forms; those that are no identifiers, words of Python, and clashes.
NAMES = (
    "id", "name", "a-b", "a_b", "a.b", "class", "from", "None", "list", "str", "type", "models",
    "segment", "Call", "field", "Any", "UNSET", "UUID", "bytes", "multipart", "1st", "ä", "a b",
    "$ref_", "@type", "__v", "_links", "self", "body", "Id", "x<", "x>", 'quo"te', "back\\slash",
    "cls", "Struct", "{curly}", "print", "annotations", "T\u00e9l\u00e9phone", "line\nbreak",
)  # fmt: skip
HEADERS = ("X-Id", "x-id2", "From", "X.Odd", "Class", "If-Match", "Body", "Models", "type", "X_id")
SCHEMAS = (
    "Thing", "Page[Thing]", "some.dotted-Name", "list", "Any", "Struct", "models", "None", "A-B",
    "A_B", "UNSET", "field", "str", "TypeAlias", "UnsetType",
)  # fmt: skip
METHODS = ("get", "post", "put", "patch", "delete", "get", "post", "put", "patch", "head")
STYLES = ("form*", "form", "spaceDelimited", "pipeDelimited", "deepObject", "application/json")


@dataclass
class Parameter:
    """One parameter that is sent, and its value."""

    place: str
    name: str
    style: str
    value: Any


@dataclass
class Case:
    """One operation, what is sent with it, and what comes back."""

    kinds: list[str]
    method: str
    path: str
    parameters: list[Parameter] = field(default_factory=list)
    media: str = ""
    body: Any = None
    files: dict[str, bytes] = field(default_factory=dict)
    status: int = 200
    answer_media: str = ""
    answer: Any = None


class Ordinary:
    """A document made from a seed, and its cases by the name that is in their paths."""

    def __init__(self, seed: int, operations: int = 12) -> None:
        self.random = Random(seed)
        self.version = self.random.choice(("3.0.3", "3.1.0"))
        self.schemas: Json = {}
        self.values: Json = {}
        self.cases: list[Case] = []
        self.raw: Json = {
            "openapi": self.version,
            "info": {"title": f"Ordinary {seed}", "version": "1.0.0"},
            "paths": {},
            "components": {"schemas": self.schemas},
        }
        for name in self.random.sample(SCHEMAS, 6):
            self.schemas[name], self.values[name] = self.object(2)
        tree = {"$ref": "#/components/schemas/Tree"}
        properties = {"value": {"type": "integer"}, "children": {"type": "array", "items": tree}}
        self.schemas["Tree"] = {"type": "object", "properties": properties, "required": ["value"]}
        self.values["Tree"] = {"value": 1, "children": [{"value": 2, "children": []}]}
        for number in range(operations):
            self.operation(number)

    # Schemas, each with a value

    def scalar(self, signs: tuple[str, ...] = SIGNS) -> tuple[Json, Any]:
        """Return a schema of one text, and a value."""
        text = self.random.choice(signs)
        return self.random.choice(
            (
                ({"type": "string"}, text),
                ({"type": "string", "enum": [text, "other"]}, text),
                ({"enum": [text]}, text),
                ({"const": text}, text),
                ({"type": "integer"}, self.random.choice((0, -1, 2**53))),
                ({"type": "integer", "enum": [1, 2]}, 2),
                ({"enum": [1, 2]}, 1),
                ({"const": 5}, 5),
                ({"type": "number"}, self.random.choice((0.5, -1e-7, 3))),
                ({"type": "boolean"}, self.random.choice((True, False))),
                ({"const": False}, False),
                ({"type": "string", "format": "date-time"}, "2026-11-23T08:30:00Z"),
                ({"type": "string", "format": "uuid"}, "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"),
                ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, text),
                ({"oneOf": [{"type": "number"}, {"type": "string"}]}, 0.25),
                ({"allOf": [{"type": "string"}, {"maxLength": 99}]}, text),
                ({}, text),
            )
        )

    def any(self, depth: int) -> tuple[Any, Any]:
        """Return any schema, and a value."""
        if depth == 0 or self.random.random() < 0.4:
            return self.scalar()
        inner, value = self.any(depth - 1)
        component = self.component()
        return self.random.choice(
            (
                ({"type": "array", "items": inner}, [value, value]),
                ({"type": "array"}, [1, "a"]),
                ({"type": "array", "items": {"type": "array", "items": inner}}, [[value], []]),
                ({"type": "object", "additionalProperties": inner}, {"a b": value, "class": value}),
                ({"type": "object"}, {"free": [1, {"form": None}]}),
                self.nullable(inner, value),
                self.nullable(inner, None),
                component,
                self.nullable(*component),
                self.nullable(component[0], None),
                ({"allOf": [component[0]], "description": "One."}, component[1]),
                ({"oneOf": [component[0], self.object(0)[0]]}, component[1]),
                ({"anyOf": [component[0], {"type": "array", "items": inner}]}, [value]),
                (self.object(depth - 1)),
            )
        )

    def nullable(self, schema: Any, value: Any) -> tuple[Json, Any]:
        """Return a schema that takes null as well, in the words of the document's version."""
        if self.version == "3.0.3":
            if "$ref" in schema or "allOf" in schema:
                return {"allOf": [schema], "nullable": True}, value
            return schema | {"nullable": True}, value
        kind = schema.get("type")
        if isinstance(kind, str) and not schema.keys() & {"enum", "const"}:
            return schema | {"type": [kind, "null"]}, value
        return {"anyOf": [schema, {"type": "null"}]}, value

    def component(self) -> tuple[Json, Any]:
        """Return a reference to a schema that is there already, and its value."""
        if not self.values:
            return self.scalar()
        name = self.random.choice(list(self.values))
        return {"$ref": f"#/components/schemas/{name}"}, self.values[name]

    def object(self, depth: int, names: tuple[str, ...] = NAMES) -> tuple[Json, Json]:
        """Return an object with odd names, and a value; what is optional may be missing."""
        chosen = self.random.sample(names, self.random.randint(1, 5))
        found = {name: self.any(depth) for name in chosen}
        required = [name for name in chosen if self.random.random() < 0.5]
        schema: Json = {
            "type": "object",
            "description": self.random.choice(('Ends with a "quote"', "Back \\ slash\x00.", '"""')),
            "properties": {name: one for name, (one, _) in found.items()},
        }
        if required:
            schema["required"] = required
        kept = {
            name: value
            for name, (_, value) in found.items()
            if name in required or self.random.random() < 0.7
        }
        if self.random.random() < 0.2:  # a part of it stands elsewhere
            part = {"type": "object", "properties": {"more": {"type": "integer"}}}
            return {"allOf": [schema, part]}, kept | {"more": 1}
        if self.random.random() < 0.1:
            schema.pop("type")
        return schema, kept

    # Operations

    def operation(self, number: int) -> None:
        """Add an operation of everything that fits its method."""
        method = self.random.choice(METHODS)
        case = Case([], method.upper(), f"/operation{number}")
        spec: Json = {"responses": {}, "parameters": []}
        odd = self.random.choice((f"op-{number}", f"op {number}/x", f"class.{number}", ""))
        if odd:
            spec["operationId"] = odd
        path = case.path + self.random.choice(("", "/ü b", "/a:b@c"))
        for name in self.random.sample(("id", "thing-id", "class", "x.y", "type"), 2):
            self.path_parameter(case, spec, name)
            path += f"/{{{name}}}"
        for name in self.random.sample(NAMES, 3):
            self.query_parameter(case, spec, name)
        for place, names in (("header", HEADERS), ("cookie", ("session", "a-b", "class"))):
            for name in self.random.sample(names, self.random.randint(0, 2)):
                self.plain_parameter(case, spec, place, name)
        if method not in ("get", "delete", "head"):
            self.request_body(case, spec)
        self.answers(case, spec)
        self.random.shuffle(spec["parameters"])
        self.share(case, spec)
        self.raw["paths"][path] = {method: spec}
        self.cases.append(case)

    def share(self, case: Case, spec: Json) -> None:
        """Move some parts of an operation to the components."""
        components, name = self.raw["components"], case.path[1:]
        if spec["parameters"] and self.random.random() < 0.3:
            shared = components.setdefault("parameters", {})
            shared[name] = spec["parameters"].pop()
            spec["parameters"].append({"$ref": f"#/components/parameters/{name}"})
        if self.random.random() < 0.3:
            status, answer = spec["responses"].popitem()
            components.setdefault("responses", {})[f"{name}/~"] = answer
            spec["responses"][status] = {"$ref": f"#/components/responses/{name}~1~0"}

    def path_parameter(self, case: Case, spec: Json, name: str) -> None:
        """Add a value or a list of values within the path."""
        schema, value = self.scalar()
        if self.random.random() < 0.3:
            schema, value = {"type": "array", "items": schema}, [value, value]
        spec["parameters"].append({"name": name, "in": "path", "required": True, "schema": schema})
        case.parameters.append(Parameter("path", name, "simple", value))
        case.kinds.append(f"path {shape(value)}")

    def query_parameter(self, case: Case, spec: Json, name: str) -> None:
        """Add a value, a list or an object in one of the styles, required or not."""
        style = self.random.choice(STYLES)
        signs = TOKENS if style in ("spaceDelimited", "pipeDelimited") else SIGNS
        schema, value = self.scalar(signs)
        form = self.random.choice(("value", "list", "object"))
        if style == "deepObject" or form == "object":
            keys = [f"{name}.{key}" for key in ("left", "right side")]
            if style in ("spaceDelimited", "pipeDelimited"):
                keys = ["left", "right"]
            schema = {"type": "object", "properties": dict.fromkeys(keys, schema)}
            value = dict.fromkeys(keys, value)
        elif form == "list":
            schema, value = {"type": "array", "items": schema}, [value, value]
        described: Json = {"name": name, "in": "query", "required": self.random.random() < 0.5}
        if style == "application/json":
            schema, value = self.any(2)
            if value is None:  # An argument that is None is left out.
                schema, value = self.object(1)
            described["content"] = {style: {"schema": schema}}
        else:
            described["schema"] = schema
            described["style"] = style.rstrip("*")
            described["explode"] = style.endswith("*") or style == "deepObject"
            if style == "form*" and self.random.random() < 0.5:
                del described["style"], described["explode"]
        spec["parameters"].append(described)
        case.parameters.append(Parameter("query", name, style, value))
        case.kinds.append(f"query {style} {shape(value)}")

    def plain_parameter(self, case: Case, spec: Json, place: str, name: str) -> None:
        """Add a value in a header or a cookie, or a list in a header."""
        schema, value = self.scalar(TOKENS)
        if place == "header" and self.random.random() < 0.3:
            schema, value = {"type": "array", "items": schema}, [value, value]
        required = self.random.random() < 0.5
        spec["parameters"].append(
            {"name": name, "in": place, "required": required, "schema": schema}
        )
        case.parameters.append(Parameter(place, name, "simple", value))
        case.kinds.append(f"{place} {shape(value)}")

    def request_body(self, case: Case, spec: Json) -> None:
        """Add a body of one of the media types."""
        media = self.random.choice(
            (
                "application/json", "application/json", "application/merge-patch+json",
                "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data",
                "text/plain", "text/csv", "application/octet-stream", "image/png",
            )
        )  # fmt: skip
        content: Json = {}
        if media.endswith("json"):
            content["schema"], case.body = self.any(3)
        elif media.startswith("text/"):
            content["schema"], case.body = {"type": "string"}, "ä,b\r\n1;2"
        elif media == "application/x-www-form-urlencoded":
            content["schema"], case.body = self.form(SIGNS)
        elif media == "multipart/form-data":
            content["schema"], case.body = self.form(SIGNS)
            self.add_files(case, content["schema"])
        else:
            case.body = b"\x00\xff\r\n--"
        if "schema" in content and self.random.random() < 0.5 and "form" in media:
            name = f"Body_{case.path[1:]}"
            self.schemas[name] = content["schema"]
            content["schema"] = {"$ref": f"#/components/schemas/{name}"}
        body = {"content": {media: content}, "required": self.random.random() < 0.7}
        if self.random.random() < 0.3:
            name = f"body{case.path[1:]}"
            self.raw["components"].setdefault("requestBodies", {})[name] = body
            body = {"$ref": f"#/components/requestBodies/{name}"}
        spec["requestBody"] = body
        case.media = media
        case.kinds.append(f"body {media} {shape(case.body)}")

    def form(self, signs: tuple[str, ...]) -> tuple[Json, Json]:
        """Return the fields of a form: values and lists of values."""
        names = self.random.sample(NAMES, self.random.randint(1, 4))
        found = {name: self.scalar(signs) for name in names}
        for name in names[2:]:
            schema, value = found[name]
            found[name] = {"type": "array", "items": schema}, [value, value]
        properties = {name: schema for name, (schema, _) in found.items()}
        schema = {"type": "object", "properties": properties, "required": names[:1]}
        return schema, {name: value for name, (_, value) in found.items()}

    def add_files(self, case: Case, schema: Json) -> None:
        """Add a file, and perhaps an object, to a form."""
        binary = {"type": "string", "contentMediaType": "application/octet-stream"}
        if self.version == "3.0.3":
            binary = {"type": "string", "format": "binary"}
        schema["properties"]["photo-1"] = binary
        schema["properties"]["optional"] = self.nullable(binary, None)[0]
        case.files["photo-1"] = b"\x89PNG\r\n--\x00"
        if self.random.random() < 0.5:
            schema["properties"]["details"], case.body["details"] = self.object(1)

    def answers(self, case: Case, spec: Json) -> None:
        """Add one or more successes; the case has one of them."""
        found: dict[str, tuple[str, Json, Any]] = {}
        for status in self.random.sample(("200", "201", "202", "204"), self.random.randint(1, 2)):
            schema, value = self.any(3)
            found[status] = self.random.choice(
                (
                    ("application/json", schema, value),
                    ("application/json", schema, value),
                    ("application/hal+json", schema, value),
                    ("text/csv", {"type": "string"}, "a,ü\r\n"),
                    ("text/html", {"type": "string"}, "<p>"),
                    ("application/pdf", {"type": "string", "format": "binary"}, b"%PDF\x00\xff"),
                    ("application/xml", {"type": "object"}, b"<a/>"),
                )
            )
            if status == "204":
                found[status] = ("", {}, None)
        for status, (media, schema, _) in found.items():
            content = {"content": {media: {"schema": schema}}} if media else {}
            spec["responses"][status] = {"description": "A success."} | content
        spec["responses"]["default"] = {
            "description": "A problem.",
            "content": {"application/problem+json": {"schema": {"type": "object"}}},
        }
        if len(found) == 1 and self.random.random() < 0.1:
            spec["responses"] = {"default": next(iter(spec["responses"].values()))}
        if case.method == "HEAD":
            found = dict.fromkeys(found, ("", {}, None))
        status = self.random.choice(list(found))
        case.status, (case.answer_media, _, case.answer) = int(status), found[status]
        case.kinds.append(f"answer {case.answer_media or 'nothing'} {shape(case.answer)}")


def shape(value: Any) -> str:
    """Return the kind of a value."""
    return {str: "text", bool: "boolean", int: "number", float: "number", type(None): "null"}.get(
        type(value), type(value).__name__
    )
