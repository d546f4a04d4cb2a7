"""Checks a request against the contract: credentials, parameters, body."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import parse_qs

from contract.mock.problems import Problem
from contract.mock.routes import Route
from contract.openapi.direction import Direction
from contract.openapi.document import Document
from contract.openapi.media_types import match
from contract.openapi.parameters import parameters_of, readings, schema_of, style_of
from contract.openapi.security import requirements_of
from contract.schema.shape import types_of
from contract.schema.validator import Judge
from contract.schema.view import Side


@dataclass(frozen=True)
class Request:
    """A request as it arrived."""

    method: str
    path: str
    query: str
    headers: Message
    body: bytes


@dataclass(frozen=True)
class AcceptedRequest:
    """A request that the contract allows, with its query parameters and body parsed."""

    route: Route
    query: dict[str, Any]
    body: Any
    headers: Message


class RequestCheck:
    """Accepts what the contract allows; any other request is a Problem that names the fields at fault."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.judge = Judge(Side(document, Direction.REQUEST, True))

    def accept(self, request: Request, route: Route) -> AcceptedRequest:
        """Parse and check a request; raises Problem."""
        self._credentials(request, route)
        query, errors = self._parameters(request, route)
        body = self._body(request, route, errors)
        if errors:
            raise Problem(422, "The request is not what the contract allows.", errors)
        return AcceptedRequest(route, query, body, request.headers)

    def _credentials(self, request: Request, route: Route) -> None:
        # The mock does not check what a token allows, only that there is one.
        if {} not in requirements_of(self.document, route.operation) and not request.headers.get("Authorization"):
            raise Problem(401, "A bearer token is needed; any will do.")

    def _parameters(self, request: Request, route: Route) -> tuple[dict[str, Any], list[dict[str, str]]]:
        given = parse_qs(request.query, keep_blank_values=True)
        read: dict[str, Any] = {}
        errors: list[dict[str, str]] = []
        for (location, _), parameter in parameters_of(self.document, route.operation).items():
            name = str(parameter.get("name"))
            values = _given(location, name, given, request, route)
            pointer = f"#/{location}/{name}"
            if not values:
                if parameter.get("required") is True:
                    if location == "header" and name.lower() == "if-match":
                        raise Problem(428, "If-Match is needed: send the ETag that was read.")
                    errors.append(_error(pointer, "missing", f"{name} is required"))
                continue
            value = self._value(parameter, values)
            if value is None:
                errors.append(_error(pointer, "invalid", f"{name} is not what the contract allows"))
            elif location == "query":
                read[name] = value
        return read, errors

    def _value(self, parameter: dict[str, Any], values: list[str]) -> Any:
        schema, media_type = schema_of(parameter)
        plural = "array" in types_of(self.judge.side, schema)
        if plural and not style_of(parameter)[1]:
            values = [part for value in values for part in value.split(",")]
        raw: Any = json.loads(values[0]) if media_type else values if plural else values[0]
        return next((reading for reading in readings(raw) if self.judge.allows((schema,), reading)), None)

    def _body(self, request: Request, route: Route, errors: list[dict[str, str]]) -> Any:
        expected = self.document.resolve(route.operation.data.get("requestBody"))
        if not expected:
            return None
        if not request.body:
            if expected.get("required") is True:
                errors.append(_error("#", "missing", "a body is required"))
            return None
        media_type = request.headers.get("Content-Type", "application/json")
        entry = match(expected.get("content") or {}, media_type)
        if entry is None:
            raise Problem(415, f"{media_type} is not accepted.")
        return self._read(request.body, entry.get("schema", True), errors)

    def _read(self, raw: bytes, schema: Any, errors: list[dict[str, str]]) -> Any:
        try:
            body = json.loads(raw)
        except ValueError:
            errors.append(_error("#", "json", "the body is not JSON"))
            return None
        for error in self.judge.errors((schema,), body):
            errors.extend(_flatten(error))
        return body


def _given(location: str, name: str, query: dict[str, list[str]], request: Request, route: Route) -> list[str]:
    if location == "query":
        return query.get(name, [])
    if location == "path":
        return [route.values[name]] if name in route.values else []
    if location == "header":
        return [value for value in [request.headers.get(name)] if value is not None]
    cookies = dict(part.strip().split("=", 1) for part in request.headers.get("Cookie", "").split(";") if "=" in part)
    return [cookies[name]] if name in cookies else []


def _error(pointer: str, code: str, detail: str) -> dict[str, str]:
    return {"pointer": pointer, "code": code, "detail": detail}


def _flatten(error: Any) -> list[dict[str, str]]:
    """One entry for each field at fault. A missing or unknown field is named itself, not its object."""
    base = "#" + "".join(f"/{part}" for part in error.absolute_path)
    code = str(error.validator)
    if code == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return [_error(f"{base}/{name}", "missing", f"{name} is required") for name in missing]
    if code == "not" and error.validator_value == {}:
        return [_error(base, "unknown", f"{error.path[-1] if error.path else 'the body'} is not a field")]
    return [_error(base, code, error.message[:200])]
