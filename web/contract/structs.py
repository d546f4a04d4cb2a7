"""client/models.py: one msgspec struct a schema, or an alias. Standard library only.

The structs are tolerant readers. They carry no limits, an enum is a string, and unknown fields are
ignored: only a missing required field or another type is a break.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from contract.annotations import ANY, FILE, Types, is_binary, merged, references
from contract.document import Document, Json
from contract.names import TYPES, Unsupported, attribute, distinct
from contract.python import docstring, header, refused_by_name

MULTIPART = "multipart/form-data"
IMPORTS = """
from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import UNSET, Struct, UnsetType, field
"""
EXPORTS = """
__all__ = ["UNSET", "Any", "Struct", "UnsetType", "field"]
"""


@dataclass(frozen=True)
class Use:
    """Where a schema goes: leaving a field out of what is sent differs from its default."""

    sent: bool
    answered: bool

    def has(self, prop: Json) -> bool:
        """Tell whether a property goes there at all."""
        is_kept = self.sent or not self.answered or not prop.get("writeOnly")
        return is_kept and (self.answered or not self.sent or not prop.get("readOnly"))

    def is_sure(self, prop: Json) -> bool:
        """Tell whether a required property is there in both directions."""
        one_way = prop.get("readOnly") or prop.get("writeOnly")
        return not (one_way and self.sent and self.answered)


def models_code(document: Document) -> str:
    """Return the text of client/models.py."""
    sent, answered, forms = request_schemas(document), answer_schemas(document), files(document)
    types, in_forms = Types(document), Types(document, files=True)
    structs: list[str] = []
    for name in document.schemas:
        with refused_by_name(f"schema {name}"):
            if types.is_struct(name):
                use = Use(name in sent, name in answered)
                structs.append(
                    struct_code(name, document, in_forms if name in forms else types, use)
                )
    first, last = alias_codes(document, types)
    code = "".join([*first, *structs, *last])
    more = "\nfrom contract import multipart\n" if FILE in code else ""
    exports = EXPORTS
    if ": TypeAlias =" not in code:
        exports = exports.replace('"Struct",', '"Struct", "TypeAlias",')
    return header("What goes over the wire.", document) + IMPORTS + more + exports + code


def request_schemas(document: Document) -> set[str]:
    """Return the schemas that are sent, in a body or a parameter."""
    operations = document.operations.values()
    bodies = [op.spec["requestBody"] for op in operations if "requestBody" in op.spec]
    return reached(document, [*bodies, *(op.parameters for op in operations)])


def answer_schemas(document: Document) -> set[str]:
    """Return the schemas that are answered."""
    return reached(document, [op.spec["responses"] for op in document.operations.values()])


def reached(document: Document, nodes: Iterable[Any]) -> set[str]:
    """Return the schemas that are referred to, directly or by one of them."""
    found: set[str] = set()
    todo = list(nodes)
    while todo:
        for name in set(references(todo.pop())) - found:
            found.add(name)
            todo.append(document.schemas.get(name))
    return found


def files(document: Document) -> set[str]:
    """Return the schemas of forms with files; raise Unsupported for one that is JSON too."""
    forms, others = set[str](), []
    for operation in document.operations.values():
        others += [operation.spec["responses"], operation.parameters]
        contents = operation.spec.get("requestBody", {}).get("content") or {}
        for media, content in contents.items():
            schema = content.get("schema")
            is_schema = isinstance(schema, dict)  # JSON Schema's `true` is another
            name = next(references({"$ref": schema.get("$ref")}), None) if is_schema else None
            if media == MULTIPART and name is not None:
                forms.add(name)
            else:
                others.append(content)
    for name in forms & reached(document, others):
        properties = merged(document, document.schemas[name]).get("properties", {})
        if any(is_binary(document.resolve(prop)) for prop in properties.values()):
            raise Unsupported(f"schema {name} has a file, and is not only the body of a form")
    return forms


def alias_codes(document: Document, types: Types) -> tuple[list[str], list[str]]:
    """Return the aliases before the structs, and those after, which name structs."""
    lines: dict[str, tuple[str, bool]] = {}

    def add(name: str) -> None:
        if name in lines or types.is_struct(name):
            return
        with refused_by_name(f"schema {name}"):
            kind = " | ".join(types.alias(name))
        inner = [n for n, python in types.names.items() if python in re.findall(r"\w+", kind)]
        for each in inner:
            add(each)
        values = " ".join(", ".join(map(str, document.schemas[name].get("enum", ()))).split())
        note = f"  # {values}; and what a newer release adds" if values else ""
        late = any(types.is_struct(each) or lines[each][1] for each in inner)
        lines[name] = f"\n{types.names[name]}: TypeAlias = {kind}{note}\n", late

    for name in document.schemas:
        add(name)
    early = [line for line, late in lines.values() if not late]
    return early, [f"\n{line}" for line, late in lines.values() if late]


def struct_code(name: str, document: Document, types: Types, use: Use) -> str:
    """Return a struct."""
    schema = merged(document, document.schemas[name])
    properties = {
        key: resolved
        for key, prop in schema["properties"].items()
        if use.has(resolved := described(document, prop))
    }
    kinds = {key: types.members(schema["properties"][key]) for key in properties}
    # An attribute that is named as the type of another would hide it.
    taken = TYPES | set(re.findall(r"\w+", str(list(kinds.values()))))
    names = distinct(properties, lambda key: attribute(key, taken))
    lines = [
        field_code(
            Field(names[key], key, kinds[key], key in schema.get("required", ())), prop, types, use
        )
        for key, prop in properties.items()
    ]
    doc = docstring(schema.get("description", name))
    text = "".join(lines) or "    pass\n"
    return f"\n\nclass {types.names[name]}(Struct, frozen=True, kw_only=True):\n{doc}{text}"


def described(document: Document, prop: Any) -> Json:
    """Return a property with what it refers to in it."""
    return document.resolve(prop) if isinstance(prop, dict) else {}


@dataclass(frozen=True)
class Field:
    """A property as an attribute."""

    name: str
    key: str
    kinds: list[str]
    required: bool


def field_code(field: Field, prop: Json, types: Types, use: Use) -> str:
    """Return one field; an answer's optional field takes its default, a request's stays unset."""
    field = replace(field, required=field.required and use.is_sure(prop))
    annotation, default = " | ".join(field.kinds), prop.get("default")
    values = []
    if not field.required:
        if use.sent or "default" not in prop or not fits(default, types.plain(field.kinds)):
            annotation = ANY if annotation == ANY else f"{annotation} | UnsetType"
            values = ["default=UNSET"]
        elif isinstance(default, list | dict):
            factory = f"lambda: {default!r}" if default else type(default).__name__
            values = [f"default_factory={factory}"]
        else:
            values = [f"default={default!r}"]
    if field.name != field.key:
        values.append(f"name={field.key!r}")
    if len(values) == 1 and values[0].startswith("default="):
        return f"    {field.name}: {annotation} = {values[0].removeprefix('default=')}\n"
    return f"    {field.name}: {annotation}" + (
        f" = field({', '.join(values)})\n" if values else "\n"
    )


def fits(default: Any, kinds: list[str]) -> bool:
    """Tell whether a default is a value of a type, as far as its text shows."""
    if ANY in kinds:
        return True
    if isinstance(default, dict):
        return "dict[str, Any]" in kinds or (not default and "dict[" in str(kinds))
    if isinstance(default, list):
        found = [kind[5:-1].split(" | ") for kind in kinds if kind.startswith("list[")]
        return bool(found) and all(fits(each, found[0]) for each in default)
    name = "None" if default is None else type(default).__name__
    return name in kinds or (name == "int" and "float" in kinds)
