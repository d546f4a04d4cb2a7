"""The Python type of a schema, as msgspec reads it. Standard library only.

Limits and formats are left out, an enum is its type. Objects of several shapes, which msgspec
cannot tell apart, are ``Any``: JSON as it is.
"""

import re
from collections.abc import Iterator
from typing import Any

from contract.document import Document, Json
from contract.names import Unsupported, distinct, free

COMPONENT = "#/components/schemas/"
SIMPLE = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
VALUES = {str: "str", bool: "bool", int: "int", float: "float", type(None): "None"}
ANY = "Any"
FILE = "multipart.File"
NO_FIELD = re.compile(r'[\x00-\x1f"\\]')  # signs that msgspec takes in no field's name
# Keywords of values that no type is named for, but that a type could follow from.
UNREAD = frozenset(
    (
        "$dynamicRef", "contains", "dependentSchemas", "else", "if", "not", "patternProperties",
        "prefixItems", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    )
)  # fmt: skip


class Types:
    """The annotations of a document; ``prefix`` stands before the names of its schemas."""

    def __init__(self, document: Document, prefix: str = "", *, files: bool = False) -> None:
        self._document = document
        self._prefix = prefix
        self._files = files  # whether binary text is a file: in a form
        self.names = distinct(document.schemas, free)
        self._recursive: dict[str, bool] = {}

    def of(self, schema: Any) -> str:
        """Return the annotation of a schema."""
        return " | ".join(self.members(schema))

    def members(self, schema: Any) -> list[str]:
        """Return the members of the union that a schema's annotation is; often one."""
        if not isinstance(schema, dict):
            return [ANY]  # JSON Schema's `true`
        found = self._members(schema)
        return self._joined([*found, "None"]) if schema.get("nullable") is True else found

    def is_struct(self, name: str) -> bool:
        """Tell whether a component is an object whose properties have names."""
        return is_struct(self._document, self._document.schemas[name])

    def plain(self, members: list[str]) -> list[str]:
        """Return the members with each alias replaced by what it stands for."""
        aliases = {self._prefix + python: name for name, python in self.names.items()}
        found: list[str] = []
        for member in members:
            name = aliases.get(member)
            if name is None or self.is_struct(name):
                found.append(member)
            else:
                found += self.plain(self.alias(name))
        return list(dict.fromkeys(found))

    def alias(self, name: str) -> list[str]:
        """Return what a component stands for that is no struct; Any where it contains itself."""
        return [ANY] if self._is_recursive(name) else self.members(self._document.schemas[name])

    def _members(self, schema: Json) -> list[str]:
        if "$ref" in schema:
            return self._reference(schema)
        if "allOf" in schema:
            return self._all(schema)
        if kinds := kinds_of(schema):
            return self._joined([self._typed(kind, schema) for kind in kinds])
        if options := schema.get("anyOf") or schema.get("oneOf"):
            return self._joined([member for each in options for member in self.members(each)])
        if values := schema.get("enum", [schema["const"]] if "const" in schema else None):
            return self._joined([VALUES.get(type(value), ANY) for value in values])
        if found := sorted(schema.keys() & UNREAD):
            raise Unsupported(f"no Python type for {', '.join(found)}")
        return [FILE] if self._files and is_binary(schema) else [ANY]

    def _typed(self, kind: Any, schema: Json) -> str:
        if kind == "array":
            items = True if "prefixItems" in schema else schema.get("items", True)
            return f"list[{self.of(items)}]"
        if kind == "object":
            is_map = "properties" not in schema and "patternProperties" not in schema
            values = schema.get("additionalProperties", True) if is_map else True
            return f"dict[str, {self.of(values)}]"
        if self._files and is_binary(schema):
            return FILE
        if kind not in SIMPLE:
            raise Unsupported(f"no Python type for type {kind!r}")
        return SIMPLE[kind]

    def _reference(self, schema: Json) -> list[str]:
        target = self._document.resolve(schema)
        name = component(schema["$ref"])
        if name is None or (self._files and is_binary(target)):
            if name is None and schema["$ref"] in references(target, whole=True):
                raise Unsupported(f"{schema['$ref']!r} contains itself")
            return self.members(target)
        found = [self._prefix + self.names[name]]
        return [*found, "None"] if self.is_struct(name) and is_nullable(target) else found

    def _all(self, schema: Json) -> list[str]:
        """Return what satisfies all parts, of which many only describe or limit."""
        own = {k: v for k, v in schema.items() if k not in ("allOf", "nullable")}
        parts = [self.members(each) for each in (*schema["allOf"], own)]
        parts = [members for members in parts if ANY not in members]
        if not parts or all(members == parts[0] for members in parts):
            return parts[0] if parts else [ANY]
        if any(
            member not in SIMPLE.values() for members in parts for member in self.plain(members)
        ):
            is_object = is_struct(self._document, schema)
            return ["dict[str, Any]"] if is_object else [ANY]
        common = [m for m in parts[0] if all(m in members for members in parts)]
        return common or min(parts, key=len)

    def _joined(self, members: list[str]) -> list[str]:
        """Return a union without duplicates; Any if it may be an object of several shapes."""
        found = sorted(dict.fromkeys(members), key=lambda member: member == "None")
        plain = self.plain(found)
        shapes = [member for member in plain if member not in SIMPLE.values()]
        return [ANY] if len(shapes) > 1 or ANY in plain else found

    def _is_recursive(self, name: str) -> bool:
        if name not in self._recursive:
            seen: set[str] = set()
            todo = [name]
            while todo:
                for each in references(self._document.schemas[todo.pop()]):
                    if each not in seen and not self.is_struct(each):
                        seen.add(each)
                        todo.append(each)
            self._recursive[name] = name in seen
        return self._recursive[name]


def kinds_of(schema: Json) -> list[Any]:
    """Return the types that a schema names, or that its keywords are made for."""
    kind = schema.get("type")
    if kind is not None:
        return kind if isinstance(kind, list) else [kind]
    if "properties" in schema:
        return ["object"]
    if "items" in schema:
        return ["array"]
    has_other = schema.keys() & {"anyOf", "oneOf", "enum", "const"}
    return ["object"] if "additionalProperties" in schema and not has_other else []


def component(reference: str) -> str | None:
    """Return the name of the schema that is referred to; None for a place within one."""
    name = str(reference).removeprefix(COMPONENT)
    return None if name == reference or "/" in name else name.replace("~1", "/").replace("~0", "~")


def references(node: Any, *, whole: bool = False) -> Iterator[str]:
    """Yield the name of each schema that is referred to; the ``whole`` reference when asked."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str):
            if whole:
                yield reference
            elif (name := component(reference)) is not None:
                yield name
        for value in node.values():
            yield from references(value, whole=whole)
    elif isinstance(node, list):
        for value in node:
            yield from references(value, whole=whole)


def merged(document: Document, schema: Json | bool) -> Json:
    """Return a schema with the parts of its ``allOf`` in it."""
    schema = document.resolve(schema) if isinstance(schema, dict) else {}  # JSON Schema's `true`
    if "allOf" not in schema:
        return schema
    found: Json = {}
    own = {key: value for key, value in schema.items() if key != "allOf"}
    for part in (*(merged(document, each) for each in schema["allOf"]), own):
        properties = dict(found.get("properties", {}))
        for name, prop in part.get("properties", {}).items():
            known = properties.get(name, prop)
            properties[name] = prop if known == prop else {"allOf": [known, prop]}
        required = [*found.get("required", []), *part.get("required", [])]
        found |= part
        if properties:
            found["properties"] = properties
        if required:
            found["required"] = required
    return found


def is_deprecated(document: Document, schema: Json | bool) -> bool:
    """Tell whether a property or a parameter is deprecated: itself, or all that it may be."""
    schema = merged(document, schema)
    options = [merged(document, o) for union in ("anyOf", "oneOf") for o in schema.get(union, ())]
    values = [option for option in options if option.get("type") != "null"] or [schema]
    marks = [value.get("deprecated") is True for value in values]
    return schema.get("deprecated") is True or all(marks)


def ending(document: Document, schema: Json | bool) -> set[str]:
    """Return the deprecated properties of an object that need not be sent.

    If each alternative wants one of them, those of the first must be sent.
    """
    schema = merged(document, schema)
    optional = schema.get("properties", {}).keys() - set(schema.get("required", ()))
    found = {name for name in optional if is_deprecated(document, schema["properties"][name])}
    options = [merged(document, o) for union in ("anyOf", "oneOf") for o in schema.get(union, ())]
    wanted = [found.intersection(option.get("required", ())) for option in options]
    return found - wanted[0] if wanted and all(wanted) else found


def is_ending(document: Document, parameter: Json) -> bool:
    """Tell whether a parameter is deprecated and need not be sent."""
    marked = parameter.get("deprecated") is True
    marked = marked or is_deprecated(document, parameter.get("schema", {}))
    return marked and not parameter.get("required")


def is_struct(document: Document, schema: Json) -> bool:
    """Tell whether a schema is an object whose properties all have names in one place."""
    schema = merged(document, schema)
    kinds = schema.get("type", "object")
    is_object = "object" in kinds and (isinstance(kinds, str) or set(kinds) <= {"object", "null"})
    options = [merged(document, o) for union in ("anyOf", "oneOf") for o in schema.get(union, ())]
    names = schema.get("properties", {}).keys()
    return (
        is_object
        and bool(names)
        and not NO_FIELD.search("".join(names))
        and all(
            option.get("type", "object") == "object"
            and option.get("properties", {}).keys() <= names
            and not option.keys() & {"anyOf", "oneOf"}
            for option in options
        )
    )


def is_nullable(schema: Json) -> bool:
    """Tell whether an object may be null, in the words of OpenAPI 3.0 or 3.1."""
    return schema.get("nullable") is True or "null" in (schema.get("type") or ())


def is_binary(schema: Json) -> bool:
    """Tell whether a text is a file's bytes, in the words of OpenAPI 3.0 or 3.1."""
    if schema.get("type", "string") != "string" or "contentEncoding" in schema:
        return False
    media = schema.get("contentMediaType", "application/json")
    is_text = re.match(r"text/|application/(.*\+)?json", media) is not None
    return schema.get("format") == "binary" or not is_text
