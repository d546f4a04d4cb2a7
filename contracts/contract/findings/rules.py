"""The rules of the comparison, as data: what each is called, how its findings are graded, an example and the reason.

A waiver, a severity of the configuration and every output format use these ids.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One rule. `grades` are the verdicts that its findings may have, gravest first."""

    id: str
    grades: tuple[str, ...]
    example: str
    reason: str


_W, _U, _S, _C, _N = ("wire",), ("unproven",), ("source",), ("compatible",), ("words",)
_DEMAND = (*_W, *_U, *_C)
_TIGHTER = "A request that was accepted is refused, or a response has a value that was never promised."
_UNDECIDED = "Nobody can tell from the documents which values it allows."

_TABLE: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    # Operations, and the document around them.
    ("operation-added", _C, "`POST /orders` is new", "No deployed client calls it."),
    ("operation-removed", _W + _S, "`GET /orders` is gone", "A deployed client that calls it gets an error."),
    ("operation-id", _S, "`operationId: listOrders` becomes `getOrders`", "Generated code has another name for it."),
    ("tag", _S, "`tags: [orders]` becomes `[sales]`", "Generated code is in another module."),
    ("not-compared", _C, "`x-stability-level: alpha` on both sides", "Nothing was promised, so nothing can break."),
    ("callback-removed", _W, "the callback `paid` is gone", "A client waits for a call that never comes."),
    ("security", _W, "the scope `orders:read` is now needed", "A caller with the old credentials is refused."),
    ("security-relaxed", _C, "a scope is no longer needed", "Whoever was let in still is."),
    ("base-path-removed", _W, "the server `/v1` becomes `/v2`", "A deployed client calls an address that is gone."),
    ("server-removed", _S, "the server `https://eu.shop.test` is gone", "Its address may be in a client's settings."),
    ("dialect", _U, "OpenAPI 3.0 becomes 3.1 beside `const`", "The keyword has a meaning in one of the versions only."),
    # Promises about time.
    ("deprecated", _C, "`deprecated: true` is new", "It still works; its callers should know."),
    ("sunset", _W + _U + _S + _C, "`x-sunset` moves from June to March", "Clients were promised more time."),
    ("stability", _W, "`x-stability-level: stable` becomes `beta`", "A client relied on the promise."),
    # Parameters and headers.
    ("parameter-added", _C, "the optional query parameter `sort` is new", "No deployed client has to send it."),
    ("parameter-declared", _C, "`id` of `/orders/{id}` gets declared", "The path always had it."),
    ("parameter-removed", _W + _U + _S, "the query parameter `sort` is gone", "What a client asks for has no effect."),
    ("parameter-required", _W + _C, "`sort` becomes required", "A client that does not send it is refused."),
    ("parameter-optional", _W + _C, "`sort` is no longer required", "A client that is called may miss it."),
    ("path-parameter", _W, "`id` is declared, and the path has no `{id}`", "No request can have it."),
    ("allowEmptyValue", _W, "`?flag=` is no longer allowed", "A client that sends it empty is refused."),
    ("style", _W, "`?a=1&a=2` becomes `?a=1,2`", "The same values are written in another way."),
    ("header-added", _C, "the response header `ETag` is new", "Deployed clients do not read it."),
    ("header-required", _W + _C, "a header becomes required", "Whoever does not send it is refused."),
    ("header-optional", _W + _C, "a required response header may be absent", "A client that reads it misses it."),
    ("header-removed", _W + _U + _S, "the response header `ETag` is gone", "A client that reads it misses it."),
    # Bodies and responses.
    ("body-added", _C, "a body may be sent now", "No deployed client has to send it."),
    ("body-removed", _W, "no body is accepted any more", "A client that sends one is refused."),
    ("body-required", _W, "`requestBody.required: true` is new", "A client that sends none is refused."),
    ("body-optional", _W + _C, "a body may be absent", "A client that is called may miss it."),
    ("media-type-added", _W + _C, "`text/csv` beside `application/json`", "A client has to read what it is sent."),
    ("media-type-removed", _W + _S, "`text/csv` is gone", "A client that sends it or asks for it is refused."),
    ("encoding", _U, "`encoding` of a form's part differs", "The keyword is not compared further."),
    ("xml", _U, "`xml: {name: order}` differs", "The keyword is not compared further."),
    ("status-added", _W + _S + _C, "202 beside 200", "A client may not expect it."),
    ("status-removed", _W, "200 is gone", "A client waits for an answer that never comes."),
    ("link-added", _C, "a link is new", "Deployed clients do not follow it."),
    ("link-removed", _S, "a link is gone", "Generated code may follow it."),
    ("link-changed", _S, "a link names another operation", "Generated code that follows it calls another operation."),
    # Fields and types.
    ("field-added", _C, "the optional field `weight` is new", "Readers ignore fields that they do not know."),
    ("field-removed", _U + _S, "the optional field `weight` is gone", "Nothing sent fails; code that names it does."),
    ("required", _W + _U + _C, "`required: [name]` in a request", "Who does not send it is refused, or misses it."),
    ("read-only", _U + _S + _C, "a required field becomes `readOnly`", "OpenAPI: it should not be sent any more."),
    ("type", (*_DEMAND, *_N), "`integer` becomes `[integer, 'null']` in a response", _TIGHTER),
    ("enum", _DEMAND, "the value `KWD` is new in a response, or gone in a request", _TIGHTER),
    ("const", _DEMAND, "`const: 1` becomes `const: 2`", _TIGHTER),
    ("format", _DEMAND, "`format: uuid` is new in a request", _TIGHTER),
    ("format-dropped", _S + _C, "`format: date` is gone in a response", "Generated code has another type for it."),
    ("discriminator", _W + _U + _S, "`mapping: {cat: Cat}` becomes `{cat: Lion}`", "Code picks a type by it."),
    ("alternative", _U, "two alternatives of `oneOf` can no longer be told apart", _UNDECIDED),
    ("oneOf", _DEMAND, "an alternative of `oneOf` is gone in a request", _TIGHTER),
    ("anyOf", _DEMAND, "an alternative of `anyOf` is new in a response", _TIGHTER),
    ("not", _DEMAND, "`not: {const: 0}` is new in a request", _TIGHTER),
    ("contradiction", _U, "`minimum: 5` beside `maximum: 3`", "A schema that allows nothing proves nothing."),
    ("alternatives", _U, "`oneOf` of very many alternatives", "It has too many alternatives to be compared."),
    # Limits.
    ("minimum", _DEMAND, "`minimum: 1` is new in a request", _TIGHTER),
    ("maximum", _DEMAND, "`maximum: 100` becomes 200 in a response", _TIGHTER),
    ("exclusiveMinimum", _DEMAND, "`exclusiveMinimum: 0` is new in a request", _TIGHTER),
    ("exclusiveMaximum", _DEMAND, "`exclusiveMaximum: 1` is gone in a response", _TIGHTER),
    ("multipleOf", _DEMAND, "`multipleOf: 5` is new in a request", _TIGHTER),
    ("minLength", _DEMAND, "`minLength: 1` is new in a request", _TIGHTER),
    ("maxLength", _DEMAND, "`maxLength: 40` becomes 30 in a request", _TIGHTER),
    ("pattern", (*_DEMAND, *_S), "`pattern: ^[A-Z]+$` is new in a request", "In a response it is a description."),
    ("minItems", _DEMAND, "`minItems: 1` is new in a request", _TIGHTER),
    ("maxItems", _DEMAND, "`maxItems: 10` is gone in a response", _TIGHTER),
    ("items", _DEMAND, "`items: false` after `prefixItems` is new in a request", _TIGHTER),
    ("uniqueItems", _DEMAND, "`uniqueItems: true` is new in a request", _TIGHTER),
    ("minContains", _DEMAND, "`contains: {const: 1}` is new in a request", _TIGHTER),
    ("maxContains", _DEMAND, "`maxContains: 2` is gone in a response", _TIGHTER),
    ("minProperties", _DEMAND, "`minProperties: 1` is new in a request", _TIGHTER),
    ("maxProperties", _DEMAND, "`maxProperties: 5` is gone in a response", _TIGHTER),
    ("additionalProperties", _DEMAND, "`additionalProperties: false` is new in a request", _TIGHTER),
    ("dependentRequired", _DEMAND, "`dependentRequired: {card: [cvc]}` is new in a request", _TIGHTER),
    # What is not decided.
    ("contentEncoding", _U, "`contentEncoding: base64` is new", _UNDECIDED),
    ("contentMediaType", _U, "`contentMediaType: image/png` is new", _UNDECIDED),
    ("contentSchema", _U, "`contentSchema` differs", _UNDECIDED),
    ("unevaluatedProperties", _DEMAND, "`unevaluatedProperties: false` is new in a request", _TIGHTER),
    ("unevaluatedItems", _DEMAND, "`unevaluatedItems: false` is new in a request", _TIGHTER),
    ("unreadable", _U, "a pattern that is no regular expression", _UNDECIDED),
    ("x-minor-digits", (*_DEMAND, *_S), "`x-minor-digits: {EUR: 2}` differs", "Amounts would mean something else."),
    # Words.
    ("default", _C, "`default: 10` becomes 20", "What is left out means something else; nothing is refused."),
    ("x-default", _C, "`x-default: 10` becomes 20 in a request", "What is left out means something else."),
    ("x-extensible-enum", _C, "a value is new", "Readers expect values that they do not know."),
    ("x-sunset", _C, "an end is announced", "Its callers should know."),
    ("x-stability-level", _C, "a level is promised", "Its callers should know."),
    ("version", _N, "`info.version` differs", "It promises nothing by itself."),
    ("words", _C + _N, "a `description` differs", "Nothing else is sent or answered."),
)  # fmt: skip

RULES: dict[str, Rule] = {row[0]: Rule(*row) for row in _TABLE}
