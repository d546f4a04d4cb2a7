"""Checks a request against the contract: credentials, parameters, body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from contract.mock.forms import FormError, fields_of
from contract.mock.problems import Problem
from contract.mock.routes import Route, is_json
from contract.openapi.direction import Direction
from contract.openapi.document import Document
from contract.openapi.media_types import is_form, match
from contract.openapi.parameters import parameters_of, readings, schema_of, style_of
from contract.openapi.security import requirements_of
from contract.schema.shape import TooManyBranchesError, types_of
from contract.schema.validator import Judge
from contract.schema.view import Side

_MARKS = {"spaceDelimited": " ", "pipeDelimited": "|"}


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
        # The mock does not check what credentials allow, only that there are some.
        wanted = requirements_of(self.document, route.operation)
        if not any(all(_is_met(json.loads(one), request) for one in way if one[0] == "{") for way in wanted):
            raise Problem(401, "Credentials are needed, such as a bearer token; any will do.")

    def _parameters(self, request: Request, route: Route) -> tuple[dict[str, Any], list[dict[str, str]]]:
        given = parse_qs(request.query, keep_blank_values=True)
        read: dict[str, Any] = {}
        errors: list[dict[str, str]] = []
        for (location, _), parameter in parameters_of(self.document, route.operation).items():
            name = str(parameter.get("name"))
            values = _given(location, name, given, request, route)
            pointer = f"#/{location}/{name}"
            if not values:
                if parameter.get("required") is True and not self._is_object(parameter):
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

    def _is_object(self, parameter: dict[str, Any]) -> bool:
        """Whether its properties stand in the request, and not its name (`deepObject`, `form` with `explode`)."""
        schema, media_type = schema_of(parameter)
        return not media_type and "object" in self._types(schema)

    def _types(self, schema: Any) -> frozenset[str]:
        try:
            return frozenset(types_of(self.judge.side, schema))
        except TooManyBranchesError:
            return frozenset()

    def _value(self, parameter: dict[str, Any], values: list[str]) -> Any:
        schema, media_type = schema_of(parameter)
        if media_type:
            try:
                raw: Any = json.loads(values[0]) if is_json(media_type) else values[0]
            except ValueError:
                return None
            return raw if self.judge.allows((schema,), raw) else None
        style, explode = style_of(parameter)
        if style in ("label", "matrix", "deepObject") or self._types(schema) == {"object"}:
            return values[0]
        plural = "array" in self._types(schema)
        if plural and not explode:
            values = [part for value in values for part in value.split(_MARKS.get(style, ","))]
        return self._read_as(schema, values if plural else values[0])

    def _read_as(self, schema: Any, raw: Any) -> Any:
        """What the text means by its schema; None when it is nothing that the schema allows."""
        return next((reading for reading in readings(raw) if self.judge.allows((schema,), reading)), None)

    def _body(self, request: Request, route: Route, errors: list[dict[str, str]]) -> Any:
        expected = self.document.resolve(route.operation.data.get("requestBody"))
        if not expected:
            return None
        if not request.body:
            if expected.get("required") is True:
                errors.append(_error("#", "missing", "a body is required"))
            return None
        content = expected.get("content") or {}
        media_type = request.headers.get("Content-Type") or next(iter(content), "application/json")
        entry = match(content, media_type)
        if entry is None:
            raise Problem(415, f"{media_type} is not accepted; there is {', '.join(content)}.")
        schema = entry.get("schema", True)
        if is_form(media_type):
            return self._form(request.body, media_type, schema, errors)
        return self._read(request.body, schema, errors) if is_json(media_type) else None

    def _form(self, raw: bytes, media_type: str, schema: Any, errors: list[dict[str, str]]) -> Any:
        """The fields of a form, each as its schema reads its text."""
        try:
            given = fields_of(raw, media_type)
        except FormError as refused:
            errors.append(_error("#", "form", str(refused)))
            return None
        shapes = self.document.resolve(schema).get("properties") or {}
        body: dict[str, Any] = {}
        for name, values in given.items():
            field = shapes.get(name, shapes.get(name.removesuffix("[]"), True))
            plural = "array" in self._types(field) and field is not True
            raw_value: Any = values if plural else values[-1]
            read = self._read_as(field, raw_value)
            body[name.removesuffix("[]") if name not in shapes else name] = raw_value if read is None else read
        for error in self.judge.errors((schema,), body):
            errors.extend(_flatten(error))
        return body

    def _read(self, raw: bytes, schema: Any, errors: list[dict[str, str]]) -> Any:
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            errors.append(_error("#", "json", "the body is not JSON"))
            return None
        for error in self.judge.errors((schema,), body):
            errors.extend(_flatten(error))
        return body


def _is_met(scheme: Mapping[str, str], request: Request) -> bool:
    """Whether a request has credentials of this kind (OpenAPI, Security Scheme Object)."""
    if scheme.get("type") == "apiKey":
        name = scheme.get("name", "")
        held: dict[str, dict[str, Any]] = {
            "header": dict(request.headers),
            "query": parse_qs(request.query),
            "cookie": _cookies(request),
        }
        return name.lower() in {one.lower() for one in held.get(scheme.get("in", ""), {})}
    return scheme.get("type") == "mutualTLS" or bool(request.headers.get("Authorization"))


def _cookies(request: Request) -> dict[str, str]:
    try:
        return {name: one.value for name, one in SimpleCookie(request.headers.get("Cookie", "")).items()}
    except CookieError:
        return {}


def _given(location: str, name: str, query: dict[str, list[str]], request: Request, route: Route) -> list[str]:
    if location == "query":
        return query.get(name, []) or query.get(f"{name}[]", [])
    if location == "path":
        return [route.values[name]] if name in route.values else []
    if location == "header":
        return [value for value in [request.headers.get(name)] if value is not None]
    cookies = _cookies(request)
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
