"""Small TypeScript programs that use a generated client as an application would.

Each sends every JSON body of the document with its required fields only, with each field that may be null as null, and
gets answers in which every value of an enum is one that the client does not know. The compiler holds them to the types.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contract.openapi.direction import Direction
from contract.openapi.document import Document, Operation
from contract.openapi.parameters import parameters_of
from contract.schema.examples import Examples
from contract.schema.validator import Judge
from contract.schema.view import Side

# Chooses the fetch that answers like a later release, and counts what the mock answered.
PREAMBLE = """
declare const process: { argv: string[]; exit(code: number): never };
const known = /"(%s)"/g;
const text = (value: unknown) => JSON.stringify(value) ?? "";
const created: Record<string, string> = {};
let sent = 0;

async function later(input: Request | URL | string, init?: RequestInit): Promise<Response> {
  const answer = await fetch(input, init);
  const body = await answer.text();
  const open = answer.ok ? body.replace(known, '"a value of a later release"') : body;
  return new Response(answer.status === 204 ? null : open, { status: answer.status, headers: answer.headers });
}

function check(name: string, path: string, response: Response | undefined, data: unknown, error: unknown): void {
  sent += 1;
  if (response?.ok) {
    const id = (data as { id?: unknown } | undefined)?.id;
    if (typeof id === "string") created[path] = id;
    return;
  }
  console.error(`${name}: ${response?.status} ${text(error)}`);
  process.exit(1);
}
"""


@dataclass(frozen=True)
class Sent:
    """A request: an operation, values of its parameters by place, and a body."""

    operation: Operation
    parameters: dict[str, dict[str, Any]]
    body: Any
    what: str

    @property
    def name(self) -> str:
        """The operation's name in the document."""
        return str(self.operation.data.get("operationId") or self.operation.name)


class Requests:
    """The requests that a document allows, made from its examples."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.examples = Examples(document, Direction.REQUEST)
        self.judge = Judge(Side(document, Direction.REQUEST, True))

    def all(self) -> Iterator[Sent]:
        """Each operation with a JSON body, those that create first: with what is required, and with each null."""
        operations = sorted(self.document.operations(), key=lambda one: (one.path.count("{"), one.method != "post"))
        for operation in operations:
            schema = self._schema(operation)
            if schema is None:
                continue
            least = self._least(schema)
            parameters = self._parameters(operation)
            yield Sent(operation, parameters, least, "required fields only")
            fields = self.examples.fields(schema)
            for name in fields.keys() - least.keys():
                if self.judge.allows((schema,), {**least, name: None}):
                    yield Sent(operation, parameters, {**least, name: None}, "null")

    def _schema(self, operation: Operation) -> Any:
        body = self.document.resolve(operation.data.get("requestBody")) or {}
        schema = ((body.get("content") or {}).get("application/json") or {}).get("schema")
        return schema if schema is not None and self.examples.fields(schema) else None

    def _least(self, schema: Any) -> dict[str, Any]:
        """The smallest object: its required fields, and others only until it is allowed."""
        node = self.document.resolve(schema)
        fields = self.examples.fields(schema)
        made = {name: self._value(fields[name]) for name in node.get("required", ()) if name in fields}
        for name, field in fields.items():
            if self.judge.allows((schema,), made):
                break
            made = {name: self._value(field), **made}
        return made

    def _value(self, field: Any) -> Any:
        node = self.document.resolve(field)
        if node.get("type") == "array" and node.get("items") is not None:
            least = int(node.get("minItems", 0))
            return [self._least_or_value(node["items"]) for _ in range(least)]
        return self._least_or_value(field)

    def _least_or_value(self, schema: Any) -> Any:
        return self._least(schema) if self.examples.fields(schema) else self.examples.make(schema)

    def _parameters(self, operation: Operation) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for (location, _), parameter in parameters_of(self.document, operation).items():
            if parameter.get("required") is True:
                name = str(parameter.get("name"))
                value = "*" if name.lower() == "if-match" else self.examples.make(parameter.get("schema"))
                found.setdefault(location, {})[name] = value
        return found


def enums(document: Document) -> dict[str, list[str]]:
    """The named enums that may grow, with the values that are known today."""
    schemas = (document.data.get("components") or {}).get("schemas") or {}
    return {name: node["enum"] for name, node in schemas.items() if node.get("x-extensible-enum") and "enum" in node}


def openapi_typescript(document: Document, requests: list[Sent]) -> str:
    """A program on the types of openapi-typescript, by openapi-fetch."""
    head = [
        'import createClient from "openapi-fetch";',
        'import type { components, paths } from "./schema";',
        PREAMBLE % _known(document),
        'const client = createClient<paths>({ baseUrl: process.argv[2] ?? "", fetch: later });',
        'const headers = { Authorization: "Bearer any" };',
        *_shows(document, lambda name: f'components["schemas"][{json.dumps(name)}]'),
    ]
    return _program(head, [_call_openapi_fetch(one) for one in requests])


def hey_api(document: Document, requests: list[Sent]) -> str:
    """A program on the client of hey-api."""
    head = [
        'import * as sdk from "./client/sdk.gen";',
        'import { client } from "./client/client.gen";',
        'import type * as types from "./client/types.gen";',
        PREAMBLE % _known(document),
        'client.setConfig({ baseUrl: process.argv[2] ?? "", fetch: later, auth: "any" });',
        *_shows(document, lambda name: f"types.{name}"),
    ]
    return _program(head, [_call_hey_api(one) for one in requests])


def _known(document: Document) -> str:
    values = sorted({re.escape(value) for listed in enums(document).values() for value in listed})
    return "|".join(values) or "(?!)"


def _shows(document: Document, kind: Any) -> list[str]:
    """One function an enum, which names the values that are known and shows any other as it is."""
    made = []
    for name, values in enums(document).items():
        cases = " ".join(f"case {json.dumps(value)}: return {json.dumps(value.title())};" for value in values)
        made.append(
            f"export function show{name}(value: {kind(name)}): string "
            f"{{ switch (value) {{ {cases} default: return String(value); }} }}"
        )
    return made


def _program(head: list[str], calls: list[str]) -> str:
    body = "".join(f"  {call}\n" for call in calls)
    return (
        "\n".join(head) + f"\n\nasync function main(): Promise<void> {{\n{body}  console.log(sent);\n}}\nvoid main();\n"
    )


def _literal(values: dict[str, Any], path: str = "") -> str:
    """An object as TypeScript; a value of the path is what was created above it, where something was."""
    fields = []
    for name, value in values.items():
        above = path.partition("/{" + name + "}")[0]
        known = f"created[{json.dumps(above)}] ?? " if path and isinstance(value, str) else ""
        fields.append(f"{json.dumps(name)}: {known}{json.dumps(value)}")
    return "{ " + ", ".join(fields) + " }"


def _call_openapi_fetch(one: Sent) -> str:
    places = [
        f"{place}: {_literal(values, one.operation.path if place == 'path' else '')}"
        for place, values in one.parameters.items()
    ]
    params = f" params: {{ {', '.join(places)} }}," if places else ""
    call = f"client.{one.operation.method.upper()}({json.dumps(one.operation.path)}"
    call += f", {{ headers,{params} body: {json.dumps(one.body)} }})"
    return f"{{ const {{ data, error, response }} = await {call}; {_check(one)} }}"


def _call_hey_api(one: Sent) -> str:
    plural = {"header": "headers"}
    places = [
        f" {plural.get(place, place)}: {_literal(values, one.operation.path if place == 'path' else '')},"
        for place, values in one.parameters.items()
    ]
    function = re.sub(r"[^A-Za-z0-9]+(.)", lambda match: match[1].upper(), one.name)
    call = f"sdk.{function}({{{''.join(places)} body: {json.dumps(one.body)} }})"
    return f"{{ const {{ data, error, response }} = await {call}; {_check(one)} }}"


def _check(one: Sent) -> str:
    return f"check({json.dumps(one.name)}, {json.dumps(one.operation.path)}, response, data, error);"
