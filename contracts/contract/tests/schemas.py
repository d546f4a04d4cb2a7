"""A small schema for each keyword, by name."""

from __future__ import annotations

from typing import Any

REF = {"$ref": "#/components/schemas/Tree"}
MORE: dict[str, Any] = {
    "components": {
        "schemas": {
            "Tree": {"type": "object", "required": ["a"], "properties": {"a": {"anyOf": [{"type": "null"}, REF]}}},
            "Text": {"type": "string"},
        }
    }
}
SCHEMAS: dict[str, Any] = {
    "true": True,
    "false": False,
    "type": {"type": "string"},
    "types": {"type": ["integer", "null"]},
    "number": {"type": "number"},
    "const": {"const": {"a": [1]}},
    "const true": {"const": [True]},
    "enum": {"enum": [0, "a", None]},
    "minimum": {"minimum": 2},
    "exclusiveMaximum": {"exclusiveMaximum": 2.5},
    "multipleOf": {"multipleOf": 2},
    "range": {"type": "integer", "minimum": 1, "maximum": 4},
    "minLength": {"minLength": 2},
    "maxLength": {"type": "string", "maxLength": 1},
    "pattern": {"pattern": "^a+$"},
    "named group": {"pattern": r"^(?<first>\p{Lu})+$"},
    "format": {"format": "date"},
    "unknown format": {"format": "phone"},
    "required": {"required": ["a"]},
    "properties": {"properties": {"a": {"type": "string"}, "b": False}},
    "closed": {"type": "object", "properties": {"a": {"minLength": 1}}, "additionalProperties": False},
    "patternProperties": {"patternProperties": {"^a": {"type": "integer"}}, "additionalProperties": {"type": "null"}},
    "propertyNames": {"propertyNames": {"maxLength": 1}},
    "minProperties": {"minProperties": 1, "maxProperties": 2},
    "dependentRequired": {"dependentRequired": {"a": ["b", "c"]}},
    "dependentSchemas": {"dependentSchemas": {"a": {"minProperties": 2}}},
    "items": {"items": {"type": "integer"}},
    "prefixItems": {"prefixItems": [{"type": "string"}, {"const": 1}], "items": False},
    "minItems": {"type": "array", "minItems": 1, "maxItems": 2},
    "uniqueItems": {"uniqueItems": True},
    "contains": {"contains": {"type": "integer"}},
    "minContains": {"contains": {"const": 1}, "minContains": 2, "maxContains": 3},
    "no minContains": {"contains": {"type": "string"}, "minContains": 0, "maxContains": 1},
    "allOf": {"allOf": [{"minLength": 1}, {"maxLength": 2}]},
    "anyOf": {"anyOf": [{"type": "integer"}, {"minLength": 2}]},
    "oneOf": {"oneOf": [{"minimum": 2}, {"maximum": 4}]},
    "not": {"not": {"type": ["string", "object"]}},
    "if": {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"type": "integer"}},
    "if then": {"if": {"required": ["a"]}, "then": {"required": ["b"]}},
    "unevaluatedProperties": {"properties": {"a": True}, "allOf": [{"properties": {"b": True}}],
                              "unevaluatedProperties": False},
    "unevaluated beneath anyOf": {"anyOf": [{"properties": {"a": True}, "required": ["a"]}, True],
                                  "unevaluatedProperties": {"type": "string"}},
    "unevaluatedItems": {"prefixItems": [True], "unevaluatedItems": {"type": "string"}},
    "all evaluated": {"additionalProperties": True, "unevaluatedProperties": False},
    "recursive": REF,
    "reference": {"$ref": "#/components/schemas/Text", "minLength": 2},
}  # fmt: skip
