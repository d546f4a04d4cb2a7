"""Single edits of a contract, each at every place that it fits, with what it does to requests and to responses.

An edit of a schema that both travel through breaks when it breaks either.
"""

from __future__ import annotations

from dataclasses import dataclass

from contract.tests.edits import Edit, Node, adds, becomes, drops, forgets, notes, puts


@dataclass(frozen=True)
class Kind:
    """An edit of a schema node; `asks` and `tells`: whether it breaks requests, responses."""

    name: str
    edit: Edit
    asks: bool
    tells: bool


def _nullable(node: Node) -> bool:
    if not isinstance(node.get("type"), str) or node["type"] == "null" or "enum" in node:
        return False
    node["type"] = [node["type"], "null"]
    return True


def _not_null(node: Node) -> bool:
    branches = [one for one in node.get("anyOf", ()) if one != {"type": "null"}]
    if len(branches) == len(node.get("anyOf", ())) or not branches:
        return False
    node["anyOf"] = branches
    return True


def _enum_less(node: Node) -> bool:
    if len(node.get("enum", ())) < 2:
        return False
    node["enum"] = node["enum"][1:]
    return True


def _enum_more(extensible: bool) -> Edit:
    def edit(node: Node) -> bool:
        if "enum" not in node or bool(node.get("x-extensible-enum")) is not extensible:
            return False
        node["enum"] = [*node["enum"], "something-new"]
        return True

    return edit


def _enum_reversed(node: Node) -> bool:
    if len(node.get("enum", ())) < 2:
        return False
    node["enum"] = node["enum"][::-1]
    return True


def _wrapped(keyword: str) -> Edit:
    def edit(node: Node) -> bool:
        if not isinstance(node.get("type"), str) or "properties" in node:
            return False
        inner = dict(node)
        node.clear()
        node[keyword] = [inner]
        return True

    return edit


def _one_more_branch(node: Node) -> bool:
    if not isinstance(node.get("type"), str) or node["type"] in ("number", "integer", "null"):
        return False
    inner = dict(node)
    node.clear()
    node["oneOf"] = [inner, {"type": "number"}]
    return True


def _exclusive(node: Node) -> bool:
    if node.get("type") != "integer" or "minimum" not in node:
        return False
    node["exclusiveMinimum"] = node.pop("minimum")
    return True


def _same_exclusive(node: Node) -> bool:
    if node.get("type") != "integer" or "minimum" not in node:
        return False
    node["exclusiveMinimum"] = node.pop("minimum") - 1
    return True


def _new_field(required: bool) -> Edit:
    def edit(node: Node) -> bool:
        if "properties" not in node:
            return False
        node["properties"] = {**node["properties"], "brand_new": {"type": "string", "maxLength": 9}}
        node["required"] = [*node.get("required", ()), *(["brand_new"] if required else [])]
        return True

    return edit


def _optional_field(node: Node) -> str | None:
    return next((name for name in node.get("properties", ()) if name not in node.get("required", ())), None)


def _required_field(node: Node) -> str | None:
    return next((name for name in node.get("properties", ()) if name in node.get("required", ())), None)


def _field_gone(required: bool, closed: bool) -> Edit:
    def edit(node: Node) -> bool:
        name = _required_field(node) if required else _optional_field(node)
        if name is None or (node.get("additionalProperties") is False) is not closed:
            return False
        node["properties"] = {key: value for key, value in node["properties"].items() if key != name}
        node["required"] = [key for key in node.get("required", ()) if key != name]
        return True

    return edit


def _must(node: Node) -> bool:
    name = _optional_field(node)
    if name is not None:
        node["required"] = [*node.get("required", ()), name]
    return name is not None


def _may(node: Node) -> bool:
    name = _required_field(node)
    if name is not None:
        node["required"] = [key for key in node["required"] if key != name]
    return name is not None


def _reversed(keyword: str) -> Edit:
    def edit(node: Node) -> bool:
        held = node.get(keyword)
        if not held or len(held) < 2:
            return False
        node[keyword] = dict(reversed(held.items())) if isinstance(held, dict) else held[::-1]
        return True

    return edit


def _renamed_field(node: Node) -> bool:
    name = _required_field(node)
    if name is None:
        return False
    node["properties"] = {f"{key}_2" if key == name else key: one for key, one in node["properties"].items()}
    node["required"] = [f"{key}_2" if key == name else key for key in node["required"]]
    return True


def _closed(node: Node) -> bool:
    if "properties" not in node or node.get("additionalProperties") is False:
        return False
    node["additionalProperties"] = False
    return True


def _opened(node: Node) -> bool:
    return node.pop("additionalProperties", None) is False


UNBOUNDED = ("enum", "format", "const")
KINDS = (
    Kind("string: maxLength lowered", adds("maxLength", -1, "string"), True, False),
    Kind("string: maxLength raised", adds("maxLength", 1, "string"), False, True),
    Kind("string: maxLength removed", drops("maxLength", "string"), False, True),
    Kind("string: maxLength added", puts("maxLength", 7, "string", UNBOUNDED), True, False),
    Kind("string: minLength raised", adds("minLength", 1, "string"), True, False),
    Kind("string: minLength lowered", adds("minLength", -1, "string", ("pattern",)), False, True),
    Kind("string: minLength added", puts("minLength", 1, "string", UNBOUNDED), True, False),
    Kind("string: pattern added", puts("pattern", "^[a-z]{3}$", "string", UNBOUNDED), True, False),
    Kind("string: pattern removed", drops("pattern", "string"), False, False),
    Kind("string: format added", puts("format", "uuid", "string", (*UNBOUNDED, "minLength", "maxLength")), True, False),
    Kind("string: format removed", drops("format", "string"), False, True),
    Kind("string: const added", puts("const", "aaa", "string", (*UNBOUNDED, "pattern")), True, False),
    Kind("string: enum added", puts("enum", ["aaa", "bbb"], "string", (*UNBOUNDED, "pattern")), True, False),
    Kind("string becomes integer", becomes("string", "integer"), True, True),
    Kind("integer: minimum raised", adds("minimum", 1, "integer"), True, False),
    Kind("integer: minimum lowered", adds("minimum", -1, "integer"), False, True),
    Kind(
        "integer: minimum removed",
        lambda n: n.get("type") == "integer" and n.pop("minimum", None) is not None,
        False,
        True,
    ),
    Kind("integer: minimum exclusive", _exclusive, True, False),
    Kind("integer: minimum said as exclusive", _same_exclusive, False, False),
    Kind("integer: maximum lowered", adds("maximum", -1, "integer"), True, False),
    Kind("integer: maximum raised", adds("maximum", 1, "integer"), False, True),
    Kind("integer: maximum removed", drops("maximum", "integer"), False, True),
    Kind("integer: minimum added", puts("minimum", 1, "integer", ("exclusiveMinimum",)), True, False),
    Kind("integer: maximum added", puts("maximum", 9, "integer"), True, False),
    Kind("integer: multipleOf added", puts("multipleOf", 7, "integer"), True, False),
    Kind("integer becomes number", becomes("integer", "number"), False, True),
    Kind("integer becomes string", becomes("integer", "string"), True, True),
    Kind("boolean becomes string", becomes("boolean", "string"), True, True),
    Kind("array: maxItems lowered", adds("maxItems", -1, "array"), True, False),
    Kind("array: maxItems raised", adds("maxItems", 1, "array"), False, True),
    Kind("array: maxItems removed", drops("maxItems", "array"), False, True),
    Kind("array: minItems raised", adds("minItems", 1, "array"), True, False),
    Kind("array: minItems added", puts("minItems", 1, "array"), True, False),
    Kind("array: uniqueItems added", puts("uniqueItems", True, "array"), True, False),
    Kind("array becomes object", becomes("array", "object"), True, True),
    Kind("null allowed", _nullable, False, True),
    Kind("null refused", _not_null, True, False),
    Kind("enum: value removed", _enum_less, True, False),
    Kind("enum: value added to a closed one", _enum_more(False), False, True),
    Kind("enum: value added to an extensible one", _enum_more(True), False, False),
    Kind("enum: order", _enum_reversed, False, False),
    Kind("one more alternative", _one_more_branch, False, True),
    Kind("wrapped in allOf", _wrapped("allOf"), False, False),
    Kind("wrapped in anyOf", _wrapped("anyOf"), False, False),
    Kind("object: optional field added", _new_field(False), False, False),
    Kind("object: required field added", _new_field(True), True, False),
    Kind("object: optional field removed, closed", _field_gone(False, True), True, False),
    Kind("object: optional field removed, open", _field_gone(False, False), False, False),
    Kind("object: required field removed, closed", _field_gone(True, True), True, True),
    Kind("object: required field removed, open", _field_gone(True, False), False, True),
    Kind("object: field renamed", _renamed_field, True, True),
    Kind("object: field becomes required", _must, True, False),
    Kind("object: field becomes optional", _may, False, True),
    Kind("object: closed", _closed, True, False),
    Kind("object: opened", _opened, False, False),
    Kind("object: minProperties added", puts("minProperties", 40, "object"), True, False),
    Kind("object: maxProperties added", puts("maxProperties", 0, "object"), True, False),
    Kind("object: order of fields", _reversed("properties"), False, False),
    Kind("object: order of required", _reversed("required"), False, False),
    Kind("description changed", notes("description", "Other words."), False, False),
    Kind("description removed", forgets("description"), False, False),
    Kind("title added", notes("title", "A title"), False, False),
    Kind("examples removed", forgets("examples"), False, False),
    Kind("default removed", forgets("default"), False, False),
    Kind("default added", lambda n: n.get("type") == "string" and notes("default", "aaa")(n), False, False),
    Kind("deprecated", notes("deprecated", True), False, False),
    Kind("extension added", notes("x-note", "n"), False, False),
)
