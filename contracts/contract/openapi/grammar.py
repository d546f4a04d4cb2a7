"""The grammar of OpenAPI 3.0, 3.1 and 3.2: which keys each kind of object has, and one walk over a document.

LEADS are keys that lead to other objects, FACTS are values with an effect, WORDS are texts and examples. All code that
reads or compares documents uses these tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
# The values of these keywords are data. A `$ref` within them is not a reference.
DATA = frozenset(
    {"example", "examples", "default", "enum", "const", "x-default", "x-extensible-enum", "x-minor-digits"}
)


class Lead(NamedTuple):
    """What is below a key: one object, a list or a map of them, and their kind."""

    form: str
    kind: str


def _one(kind: str) -> Lead:
    return Lead("one", kind)


def _list(kind: str) -> Lead:
    return Lead("list", kind)


def _map(kind: str) -> Lead:
    return Lead("map", kind)


_CONTENT = {"schema": _one("schema"), "content": _map("media"), "examples": _map("example")}
_ENCODINGS = {"encoding": _map("encoding"), "prefixEncoding": _list("encoding"), "itemEncoding": _one("encoding")}
LEADS: dict[str, dict[str, Lead]] = {
    "document": {
        "info": _one("info"), "paths": _map("item"), "webhooks": _map("item"), "components": _one("components"),
        "security": _list("requirement"), "servers": _list("server"), "tags": _list("tag"),
    },
    "components": {
        "schemas": _map("schema"), "responses": _map("response"), "parameters": _map("parameter"),
        "examples": _map("example"), "headers": _map("header"), "requestBodies": _map("body"),
        "securitySchemes": _map("scheme"), "links": _map("link"), "pathItems": _map("item"),
        "callbacks": _map("callback"), "mediaTypes": _map("media"),
    },
    "item": {
        **dict.fromkeys(METHODS, _one("operation")), "additionalOperations": _map("operation"),
        "parameters": _list("parameter"), "servers": _list("server"),
    },
    "operation": {
        "parameters": _list("parameter"), "requestBody": _one("body"), "responses": _map("response"),
        "callbacks": _map("callback"), "security": _list("requirement"), "servers": _list("server"),
    },
    "parameter": _CONTENT,
    "header": _CONTENT,
    "body": {"content": _map("media")},
    "response": {"content": _map("media"), "headers": _map("header"), "links": _map("link")},
    "media": {
        "schema": _one("schema"), "itemSchema": _one("schema"), "examples": _map("example"), **_ENCODINGS,
    },
    "encoding": {"headers": _map("header"), **_ENCODINGS},
    "link": {"server": _one("server")},
    "server": {"variables": _map("variable")},
    "scheme": {"flows": _one("flows")},
    "schema": {
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _list("schema")),
        **dict.fromkeys(
            ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions"), _map("schema")
        ),
        **dict.fromkeys(
            ("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else",
             "unevaluatedProperties", "unevaluatedItems", "contentSchema"), _one("schema")),
        "discriminator": _one("discriminator"),
    },
    "info": {}, "tag": {}, "requirement": {}, "example": {}, "callback": {}, "variable": {}, "discriminator": {},
    "flows": {},
}  # fmt: skip
# Objects that are maps themselves: what each of their values is.
MAPS = {"callback": _one("item"), "requirement": _list("text")}
# Maps in which a name that begins with `x-` is an extension and not a name.
EXTENSIBLE = frozenset({("document", "paths"), ("operation", "responses")})

_STYLE = ("style", "explode", "allowReserved")
FACTS: dict[str, frozenset[str]] = {
    kind: frozenset(" ".join(words).split())
    for kind, words in {
        "document": ("openapi jsonSchemaDialect $self",),
        "info": ("version",),
        "operation": ("operationId deprecated tags",),
        "parameter": ("name in required deprecated allowEmptyValue", *_STYLE),
        "header": ("required deprecated", *_STYLE),
        "body": ("required",),
        "encoding": ("contentType", *_STYLE),
        "link": ("operationRef operationId parameters requestBody",),
        "server": ("url name",),
        "variable": ("enum default",),
        "scheme": ("type in name scheme openIdConnectUrl oauth2MetadataUrl deprecated bearerFormat",),
        "flows": ("implicit password clientCredentials authorizationCode deviceAuthorization",),
        "tag": ("name parent kind",),
        "discriminator": ("propertyName mapping defaultMapping",),
        "schema": (
            "type enum const format pattern required minimum maximum exclusiveMinimum exclusiveMaximum multipleOf",
            "minLength maxLength minItems maxItems uniqueItems minContains maxContains minProperties maxProperties",
            "dependentRequired nullable readOnly writeOnly deprecated default contentEncoding contentMediaType",
            "$id $anchor $dynamicAnchor $dynamicRef $schema $vocabulary xml",
        ),
    }.items()
}  # fmt: skip
_DESCRIBED = frozenset({"summary", "description"})
_SHOWN = frozenset({"example", "examples"})
WORDS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("item", "response", "scheme", "link", "body", "server", "variable"), _DESCRIBED),
    "document": frozenset({"externalDocs"}),
    "info": _DESCRIBED | {"title", "termsOfService", "contact", "license"},
    "operation": _DESCRIBED | {"externalDocs"},
    "parameter": _DESCRIBED | _SHOWN,
    "header": _DESCRIBED | _SHOWN,
    "media": _SHOWN | {"description"},
    "example": _DESCRIBED | {"value", "externalValue", "dataValue", "serializedValue"},
    "tag": _DESCRIBED | {"externalDocs"},
    "schema": _SHOWN | {"title", "description", "externalDocs", "$comment"},
}
# Keys whose value is an object that leads nowhere. It may have extensions.
PLAIN: dict[str, frozenset[str]] = {
    **dict.fromkeys(("document", "operation", "tag"), frozenset({"externalDocs"})),
    "schema": frozenset({"externalDocs", "xml"}),
    "info": frozenset({"contact", "license"}),
    "flows": FACTS["flows"],
}
# Extensions with a meaning that the comparison knows, each with the objects in which it has it.
EXTENSIONS = {
    "x-default": frozenset({"schema"}),
    "x-extensible-enum": frozenset({"schema"}),
    "x-minor-digits": frozenset({"schema"}),
    "x-stability-level": frozenset({"operation", "parameter", "schema"}),
    "x-sunset": frozenset({"operation", "parameter", "header", "schema"}),
}
# Where a document lists the extensions that mean nothing to a client.
WITHOUT_MEANING = "x-not-compared"
# OpenAPI allows a Reference Object in place of these. Elsewhere it is followed if nothing stands beside it.
REFERABLE = frozenset(
    {"item", "parameter", "header", "body", "response", "media", "example", "link", "callback", "scheme"}
)
# Objects that can never be replaced by a `$ref`.
NEVER = frozenset({"document", "components", "info", "requirement", "flows", "discriminator"})
# The keys of these maps are names, not keywords: a field may be called `default`, and so may a response.
_NAMES = {key for leads in LEADS.values() for key, led in leads.items() if led.form == "map"}

Place = tuple[Any, ...]


class GrammarError(Exception):
    """A node that the grammar does not allow; the text is one sentence with its place."""


def known(kind: str, key: str) -> bool:
    """Whether an object of this kind has such a key."""
    told = key in LEADS.get(kind, {}) or key in FACTS.get(kind, ()) or key in WORDS.get(kind, ())
    return told or key == "$ref" or key.startswith("x-") or kind in MAPS


def lead(kind: str, key: str) -> Lead | None:
    """What is below a key; None for a plain value."""
    if kind in MAPS:
        return None if key.startswith("x-") and kind == "callback" else MAPS[kind]
    return LEADS.get(kind, {}).get(key)


def named(kind: str, key: str, held: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The entries of a map, without its extensions."""
    for name, value in held.items():
        if not (name.startswith("x-") and (kind, key) in EXTENSIBLE):
            yield name, value


def descend(node: Any, names: bool = False) -> Iterator[tuple[Any, bool]]:
    """The children of any node without data, each with whether its keys are names."""
    if isinstance(node, list):
        yield from ((inner, False) for inner in node)
    elif names and isinstance(node, dict):
        yield from ((inner, False) for inner in node.values())
    elif isinstance(node, dict):
        yield from ((inner, key in _NAMES) for key, inner in node.items() if key not in DATA)


class Walk:
    """Every node of a document with its place and kind, each once; `target` answers what a `$ref` points at."""

    def __init__(self, data: Any, target: Callable[[dict[str, Any]], Any]) -> None:
        self._data = data
        self._target = target

    def nodes(self) -> Iterator[tuple[Place, str, dict[str, Any]]]:
        """Every node, in no particular order; raises GrammarError at one that the grammar does not allow."""
        seen: set[tuple[int, str]] = set()
        stack: list[tuple[Place, str, Any]] = [((), "document", self._data)]
        while stack:
            place, kind, node = stack.pop()
            if node is None or (id(node), kind) in seen or (kind == "schema" and isinstance(node, bool)):
                continue
            seen.add((id(node), kind))
            if kind == "text":
                _check(isinstance(node, str), place, "is not a text")
                continue
            _check(isinstance(node, dict), place, f"is not {_article(kind)}")
            _well(place, kind, node)
            if isinstance(node.get("$ref"), str) and kind not in NEVER:
                stack.append((_at(node["$ref"], place), kind, self._followed(place, kind, node)))
            yield place, kind, node
            stack.extend(_below(place, kind, node))

    def _followed(self, place: Place, kind: str, node: dict[str, Any]) -> Any:
        chain = [id(node)]
        target = self._target(node)
        while isinstance(target, dict) and isinstance(target.get("$ref"), str) and kind != "schema":
            _check(id(target) not in chain, place, f"refers to itself by {node['$ref']}")
            chain.append(id(target))
            target = self._target(target)
        allowed = isinstance(target, dict) or (kind == "schema" and isinstance(target, bool))
        _check(allowed, place, f"refers by {node['$ref']} to what is not {_article(kind)}")
        return target


def _article(kind: str) -> str:
    return "an object" if kind != "schema" else "a schema"


def _at(reference: str, place: Place) -> Place:
    fragment = reference.partition("#")
    return tuple(fragment[2].split("/")[1:]) if not fragment[0] else (*place, "$ref")


def _well(place: Place, kind: str, node: dict[str, Any]) -> None:
    """Check the values of one node."""
    _check("$ref" not in node or isinstance(node["$ref"], str) or kind in MAPS, (*place, "$ref"), "is not a text")
    if isinstance(node.get("$ref"), str):
        beside = [key for key in node if key != "$ref" and key not in _DESCRIBED and not key.startswith("x-")]
        strange = kind not in REFERABLE and kind != "schema" and bool(beside)
        _check(not strange, place, f"has {', '.join(beside)} beside a `$ref`: nobody can tell what is meant")
        return
    for key in _TEXTS.get(kind, ()):
        _check(isinstance(node.get(key), str | None), (*place, key), "is not a text")
    for key in _FLAGS.get(kind, ()):
        _check(isinstance(node.get(key), bool | None), (*place, key), "is neither true nor false")
    if kind == "parameter":
        _check(isinstance(node.get("name"), str), place, "is a parameter without a name")
        _check(node.get("in") in LOCATIONS, place, f"is a parameter in {node.get('in')!r}, not {', '.join(LOCATIONS)}")
        is_path = node["in"] == "path" and node.get("required") is False
        _check(not is_path, (*place, "required"), "is false: a path has no place to leave one out")
    if kind == "link":
        _check(isinstance(node.get("parameters"), dict | None), (*place, "parameters"), "is not an object")
    if kind == "operation" and node.get("tags") is not None:
        listed = isinstance(node["tags"], list) and all(isinstance(tag, str) for tag in node["tags"])
        _check(listed, (*place, "tags"), "is not a list of texts")


LOCATIONS = ("query", "header", "path", "cookie", "querystring")
_TEXTS = {
    "operation": ("operationId",), "parameter": ("name", "in", "style"), "header": ("style",), "server": ("url",),
    "link": ("operationId", "operationRef"),
}  # fmt: skip
_FLAGS = {
    "operation": ("deprecated",),
    "parameter": ("required", "deprecated", "explode", "allowReserved", "allowEmptyValue"),
    "header": ("required", "deprecated", "explode"),
    "body": ("required",),
}


def _below(place: Place, kind: str, node: dict[str, Any]) -> Iterator[tuple[Place, str, Any]]:
    for key, value in node.items():
        led = lead(kind, key)
        if led is None or value is None or (key == "$ref" and kind not in NEVER and isinstance(value, str)):
            continue
        here = (*place, key)
        if led.form == "one":
            # A schema's keyword that cannot be read is compared as text.
            if kind != "schema" or isinstance(value, dict):
                yield here, led.kind, value
        elif led.form == "list":
            yield from _listed(here, kind, led.kind, value)
        else:
            yield from _mapped(here, kind, led.kind, value)


def _listed(place: Place, kind: str, inner: str, value: Any) -> Iterator[tuple[Place, str, Any]]:
    if not isinstance(value, list):
        _check(kind == "schema", place, "is not a list")
        return
    for index, one in enumerate(value):
        _check(one is not None or kind == "schema", (*place, index), "is empty")
        if kind != "schema" or isinstance(one, dict):
            yield (*place, index), inner, one


def _mapped(place: Place, kind: str, inner: str, value: Any) -> Iterator[tuple[Place, str, Any]]:
    if not isinstance(value, dict):
        # `examples` has two forms: a list in a schema, a map elsewhere.
        _check(kind == "schema" or place[-1] == "examples", place, "is not an object")
        return
    reference = value.get("$ref")
    _check(not isinstance(reference, str), place, f"is a map; it cannot be replaced by the reference {reference}")
    for name, one in named(kind, str(place[-1]), value):
        if kind != "schema" or isinstance(one, dict):
            yield (*place, name), inner, one


def _check(right: bool, place: Place, words: str) -> None:
    if not right:
        raise GrammarError(f"{pointer(place)} {words}")


def pointer(place: Place) -> str:
    """A place as a JSON pointer (RFC 6901)."""
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)
