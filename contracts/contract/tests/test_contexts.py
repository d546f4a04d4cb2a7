"""Every keyword, narrowed and widened, sent and answered, in every context and version: the verdict by construction."""

from collections import Counter
from typing import Any, NamedTuple

import pytest

from contract.compare import compare
from contract.tests.building import S, asks, obj, tells
from contract.tests.corpus import COMPONENTS, NARROWED
from contract.tests.sampling import sample


def tagged(word):
    """A union whose branches are told apart by a field, one of which holds the schema."""

    def made(schema):
        branches = [
            {**obj(tag={"enum": [name]}, v=inner), "required": ["tag"]} for name, inner in (("a", schema), ("b", S))
        ]
        return {word: branches}

    return made


CONTEXTS = {
    "top": lambda schema: schema,
    "field": lambda schema: obj(p=schema),
    "required field": lambda schema: {**obj(p=schema), "required": ["p"]},
    "field of a field": lambda schema: obj(p=obj(q=schema)),
    "item": lambda schema: {"type": "array", "items": schema},
    "entry": lambda schema: {"type": "object", "additionalProperties": schema},
    "part of allOf": lambda schema: {"allOf": [{}, schema]},
    "branch of anyOf": tagged("anyOf"),
    "branch of oneOf": tagged("oneOf"),
    "reference": lambda schema: {"$ref": "#/components/schemas/Context"},
    "field by reference": lambda schema: obj(p={"$ref": "#/components/schemas/Context"}),
}
# Words that OpenAPI 3.0 does not have.
MODERN = frozenset({
    "const", "prefixItems", "contains", "if", "patternProperties", "propertyNames", "dependentRequired",
    "dependentSchemas", "unevaluatedProperties", "unevaluatedItems", "minContains", "maxContains", "exclusiveMinimum",
    "exclusiveMaximum", "$defs", "contentSchema",
})  # fmt: skip


def modern(node):
    if isinstance(node, dict):
        listed = isinstance(node.get("type"), list) or node.get("type") == "null"
        return listed or bool(MODERN & set(node)) or any(map(modern, node.values()))
    return isinstance(node, bool) or (isinstance(node, list) and any(map(modern, node)))


def versions(wide, narrow, context):
    """Schemas of 3.2 are those of 3.1: one context is enough to see it."""
    old = () if modern(wide) or modern(narrow) else ("3.0.3",)
    return (*old, "3.1.0", *(("3.2.0",) if context == "top" else ()))


def document(make, schema, wrap, version):
    return make(wrap(schema), version, components={"schemas": {**COMPONENTS["schemas"], "Context": schema}})


class Case(NamedTuple):
    name: str
    version: str
    make: Any
    old: Any
    new: Any
    breaking: bool


def cases(context):
    for name, wide, narrow in NARROWED:
        for version in versions(wide, narrow, context):
            for make in (asks, tells):
                yield Case(name, version, make, wide, narrow, make is asks)
                yield Case(name, version, make, narrow, wide, make is not asks)


@pytest.mark.parametrize("context", CONTEXTS)
def test_each_keyword_is_judged_alike_wherever_it_stands(context, tell, long):
    counts, wrong = Counter(), []
    for case in sample(cases(context), lambda case: (case.name, case.breaking), 1, long):
        pair = [document(case.make, schema, CONTEXTS[context], case.version) for schema in (case.old, case.new)]
        stops = any(finding.stops for finding in compare(*pair, relaxations=False))
        counts["breaking" if case.breaking else "harmless"] += 1
        if stops is not case.breaking:
            wrong.append((case.name, case.version, case.make.__name__, case.breaking))
    tell(f"keywords, {context}: {counts['breaking']} breaking, {counts['harmless']} harmless, {len(wrong)} wrong")
    assert wrong == []
