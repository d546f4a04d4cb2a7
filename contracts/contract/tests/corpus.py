"""Every keyword of JSON Schema, narrowed: old schema, new schema, and whether that breaks requests and responses.

Each pair is tried as it stands and with the roles exchanged, where what narrowed widens.
"""

from __future__ import annotations

from typing import Any

from contract.tests.building import I, S, obj

N, A, O = ({"type": name} for name in ("number", "array", "object"))
Case = tuple[str, Any, Any]


# name, the wider schema, the narrower schema. Wide to narrow breaks requests; narrow to wide breaks responses.
NARROWED: list[Case] = [
    ("type-dropped-from-list", {"type": ["string", "integer"]}, S),
    ("type-null-dropped", {"type": ["string", "null"]}, S),
    ("type-number-integer", N, I),
    ("type-added", {}, S),
    ("enum-value-dropped", {"enum": ["a", "b"]}, {"enum": ["a"]}),
    ("enum-added", S, {"type": "string", "enum": ["a", "b"]}),
    ("enum-of-mixed-types", {"enum": [1, "a", None]}, {"enum": [1, "a"]}),
    ("const-added", S, {"const": "a"}),
    ("minimum-raised", {**I, "minimum": 1}, {**I, "minimum": 2}),
    ("minimum-added", I, {**I, "minimum": 2}),
    ("maximum-lowered", {**I, "maximum": 9}, {**I, "maximum": 8}),
    ("maximum-added", N, {**N, "maximum": 8}),
    ("exclusive-minimum-raised", {**N, "exclusiveMinimum": 1}, {**N, "exclusiveMinimum": 2}),
    ("exclusive-minimum-for-minimum", {**N, "minimum": 1}, {**N, "exclusiveMinimum": 1}),
    ("exclusive-maximum-lowered", {**N, "exclusiveMaximum": 9}, {**N, "exclusiveMaximum": 8}),
    ("multiple-of-added", I, {**I, "multipleOf": 5}),
    ("multiple-of-coarser", {**I, "multipleOf": 5}, {**I, "multipleOf": 10}),
    ("min-length-raised", {**S, "minLength": 1}, {**S, "minLength": 3}),
    ("max-length-lowered", {**S, "maxLength": 9}, {**S, "maxLength": 8}),
    ("max-length-added", S, {**S, "maxLength": 8}),
    ("format-added", S, {**S, "format": "uuid"}),
    ("format-narrower", {**I, "format": "int64"}, {**I, "format": "int32"}),
    ("format-uri-of-reference", {**S, "format": "uri-reference"}, {**S, "format": "uri"}),
    ("required-added", obj(a=S), {**obj(a=S), "required": ["a"]}),
    ("additional-properties-typed", O, {"type": "object", "additionalProperties": I}),
    ("additional-properties-narrowed", {"additionalProperties": N, **O}, {"additionalProperties": I, **O}),
    ("property-narrowed", obj(a=S), obj(a={**S, "maxLength": 3})),
    ("property-narrowed-deep", obj(a=obj(b=[N][0])), obj(a=obj(b=I))),
    ("pattern-properties-added", O, {**O, "patternProperties": {"^x-": S}}),
    ("property-names-added", O, {**O, "propertyNames": {"pattern": "^[a-z]$"}}),
    ("min-properties-raised", {**obj(a=S, b=S), "minProperties": 1}, {**obj(a=S, b=S), "minProperties": 2}),
    ("max-properties-lowered", {**obj(a=S, b=S), "maxProperties": 2}, {**obj(a=S, b=S), "maxProperties": 1}),
    ("dependent-required-added", obj(a=S, b=S), {**obj(a=S, b=S), "dependentRequired": {"a": ["b"]}}),
    ("dependent-schema-added", obj(a=S, b=S), {**obj(a=S, b=S), "dependentSchemas": {"a": {"required": ["b"]}}}),
    ("items-narrowed", {**A, "items": N}, {**A, "items": I}),
    ("items-added", A, {**A, "items": S}),
    ("min-items-raised", {**A, "minItems": 1}, {**A, "minItems": 2}),
    ("max-items-lowered", {**A, "maxItems": 5}, {**A, "maxItems": 4}),
    ("unique-items-added", {**A, "items": S}, {**A, "items": S, "uniqueItems": True}),
    ("prefix-items-narrowed", {**A, "prefixItems": [N, S]}, {**A, "prefixItems": [I, S]}),
    ("prefix-items-closed", {**A, "prefixItems": [S]}, {**A, "prefixItems": [S], "items": False}),
    ("unevaluated-items-closed", {**A, "prefixItems": [S]}, {**A, "prefixItems": [S], "unevaluatedItems": False}),
    ("contains-added", {**A, "items": N}, {**A, "items": N, "contains": I}),
    ("min-contains-raised", {**A, "contains": I}, {**A, "contains": I, "minContains": 2}),
    ("max-contains-lowered", {**A, "contains": I, "maxContains": 3}, {**A, "contains": I, "maxContains": 2}),
    ("any-of-branch-dropped", {"anyOf": [S, I]}, {"anyOf": [S]}),
    ("one-of-branch-dropped", {"oneOf": [S, I]}, {"oneOf": [S]}),
    ("one-of-branch-narrowed", {"oneOf": [S, I]}, {"oneOf": [{**S, "maxLength": 3}, I]}),
    ("all-of-part-added", {"allOf": [obj(a=S)]}, {"allOf": [obj(a=S), {"required": ["a"]}]}),
    ("not-added", I, {**I, "not": {"minimum": 5}}),
    ("if-then-added", obj(a=S, b=S), {**obj(a=S, b=S), "if": {"required": ["a"]}, "then": {"required": ["b"]}}),
    ("else-added", obj(a=S, b=S), {**obj(a=S, b=S), "if": {"required": ["a"]}, "else": {"required": ["b"]}}),
    ("schema-false", obj(a=S), obj(a=False)),
    (
        "recursive",
        {"$ref": "#/components/schemas/Tree"},
        {"$ref": "#/components/schemas/ShortTree"},
    ),
]  # fmt: skip

# Narrowing these breaks requests, but widening them breaks no response: a client copes with unknown fields.
REQUESTS_ONLY: list[Case] = [
    ("additional-properties-closed", obj(a=S), {**obj(a=S), "additionalProperties": False}),
    ("unevaluated-properties-closed", obj(a=S), {**obj(a=S), "unevaluatedProperties": False}),
    ("pattern-added", S, {**S, "pattern": "^[a-z]+$"}),
    ("pattern-narrowed", {**S, "pattern": "^[a-z]+$"}, {**S, "pattern": "^[a-f]+$"}),
]

# The same to everyone, in both directions and both roles.
EQUAL: list[Case] = [
    ("title", S, {**S, "title": "A"}),
    ("default", S, {**S, "default": "a"}),
    ("order-of-required", {**obj(a=S, b=S), "required": ["a", "b"]}, {**obj(b=S, a=S), "required": ["b", "a"]}),
    ("order-of-enum", {"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
    ("const-as-enum", {"const": "a"}, {"enum": ["a"]}),
    ("exclusive-bound-of-integers", {**I, "exclusiveMinimum": 0}, {**I, "minimum": 1}),
    ("all-of-one", S, {"allOf": [S]}),
    ("any-of-one", S, {"anyOf": [S]}),
    ("all-of-merged", {"allOf": [obj(a=S), obj(b=I)]}, obj(a=S, b=I)),
    ("reference-inlined", {"$ref": "#/components/schemas/Name"}, S),
    ("reference-renamed", {"$ref": "#/components/schemas/Name"}, {"$ref": "#/components/schemas/Title"}),
    ("types-as-any-of", {"type": ["string", "integer"]}, {"anyOf": [S, I]}),
    ("any-of-order", {"anyOf": [S, I]}, {"anyOf": [I, S]}),
    ("tagged-union-order", {"oneOf": [obj(a=S), I]}, {"oneOf": [I, obj(a=S)]}),
    ("same-pattern-language", {**S, "pattern": "^[a-c]$"}, {**S, "pattern": "^(a|b|c)$"}),
    ("min-length-zero", S, {**S, "minLength": 0}),
    ("additional-properties-true", obj(a=S), {**obj(a=S), "additionalProperties": True}),
    ("annotation-format", S, {**S, "format": "password"}),
    ("lengths-of-a-pattern", {**S, "pattern": "^[a-c]{2}$"}, {**S, "pattern": "^[a-c]{2}$", "maxLength": 2}),
    ("lengths-of-a-format", {**S, "format": "uuid"}, {**S, "format": "uuid", "minLength": 36, "maxLength": 36}),
    ("bounds-of-a-format", {**I, "format": "int32"}, {**I, "minimum": -(2**31), "maximum": 2**31 - 1}),
    ("extension", S, {**S, "x-note": 1}),
    ("renamed-recursion", {"$ref": "#/components/schemas/Tree"}, {"$ref": "#/components/schemas/SameTree"}),
    ("contains-anything", {**A, "minItems": 1}, {**A, "contains": True}),
    ("branch-within-branch", {"anyOf": [N, I]}, N),
]


def tree(name: str, value: Any) -> dict[str, Any]:
    return {**obj(value=value, next={"$ref": f"#/components/schemas/{name}"}), "required": ["value"]}


COMPONENTS = {
    "schemas": {
        "Name": S,
        "Title": S,
        "Tree": tree("Tree", S),
        "SameTree": tree("SameTree", S),
        "ShortTree": tree("ShortTree", {**S, "maxLength": 3}),
    }
}
