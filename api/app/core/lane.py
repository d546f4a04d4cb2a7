"""The short way through the framework, for requests that are as the contract says.

FastAPI works out for every request which dependencies an operation has and how each is called.
That is known when the application starts, so here it is worked out once. A request that is not
valid, and an operation that needs more than this knows (a session, a form), take FastAPI's own way.
Both give the same answers (tests/test_lane.py).
"""

import inspect
import json
import typing
from collections.abc import Callable, Iterable, Mapping
from re import Pattern
from typing import Any, NamedTuple

from fastapi import Request, Response, params
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIRouter
from fastapi.security import SecurityScopes
from pydantic import BaseModel
from starlette.datastructures import QueryParams
from starlette.routing import BaseRoute, Match
from starlette.types import Message, Receive, Scope, Send

ABSENT = object()
JSON = b"application/json"
# What a dependant may ask for that only FastAPI knows to give.
FOREIGN = (
    "cookie_params", "websocket_param_name", "http_connection_param_name", "response_param_name",
    "background_tasks_param_name", "concurrency",
)  # fmt: skip


class NotHere(Exception):
    """Take FastAPI's own way."""


class Parameter(NamedTuple):
    """A value that comes with the request."""

    name: str
    source: str  # path, query, header or body
    key: Any
    validate: Callable[[Any], tuple[Any, Any]]
    default: Any

    def read(self, given: Mapping[str, Mapping[Any, Any]]) -> Any:
        """Return the value; NotHere when it is missing or not valid."""
        value = given[self.source].get(self.key, ABSENT)
        if value is ABSENT:
            if self.default is ABSENT:
                raise NotHere
            return self.default
        value, errors = self.validate(value.decode("latin-1") if type(value) is bytes else value)
        if errors:
            raise NotHere
        return value


class Call(NamedTuple):
    """A dependency, or at last the operation: what to call, and with what."""

    function: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    fixed: dict[str, Any]
    request: str | None
    results: tuple[tuple[str, int], ...]  # name, and which of the calls before gives it


class Operation(NamedTuple):
    """A route, and its calls in order; none if it cannot go the short way."""

    route: APIRoute
    regex: Pattern[str]
    calls: tuple[Call, ...]
    sources: frozenset[str]

    async def answer(self, scope: Scope, receive: Receive, body: bytes) -> Response:
        """Return the response; NotHere, before anything is called, if the request is not valid."""
        given: dict[str, Mapping[Any, Any]] = {"path": scope["path_params"]}
        if "header" in self.sources:
            given["header"] = dict(reversed(scope["headers"]))
        if "query" in self.sources:
            given["query"] = QueryParams(scope["query_string"])
        if "body" in self.sources:
            given["body"] = {"": _parse(body)}
        values = [{p.name: p.read(given) for p in call.parameters} for call in self.calls]
        request = Request(scope, receive)
        results: list[Any] = []
        for call, known in zip(self.calls, values, strict=True):
            known |= call.fixed
            if call.request:
                known[call.request] = request
            for name, number in call.results:
                known[name] = results[number]
            results.append(await call.function(**known))
        response: Response = results[-1]
        return response


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotHere from error


class Lane(BaseRoute):
    """The first of a router's routes: takes what can go the short way."""

    def __init__(self, router: APIRouter, routes: Iterable[BaseRoute]) -> None:
        self._router = router
        self._operations: dict[str, list[Operation]] = {}
        for route in routes:
            if isinstance(route, APIRoute):
                operation = _operation(route)
                for method in route.methods or ():
                    self._operations.setdefault(method, []).append(operation)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether the request's operation can go the short way."""
        if scope["type"] == "http" and "lane" not in scope:
            for operation in self._operations.get(scope["method"], ()):
                if found := operation.regex.match(scope["path"]):
                    if not operation.calls:
                        break
                    child = {"lane": operation, "route": operation.route}
                    return Match.FULL, child | {"path_params": found.groupdict()}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; what turns out not to be valid goes back to the router."""
        operation: Operation = scope["lane"]
        body = b""
        if "body" in operation.sources:
            body = await Request(scope, receive).body()
            receive = _again(body, receive)
        try:
            if body and dict(scope["headers"]).get(b"content-type") != JSON:
                raise NotHere
            response = await operation.answer(scope, receive, body)
        except NotHere:
            await self._router.app(scope, receive, send)
        else:
            await response(scope, receive, send)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that begins with the body that was read already."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again


def _operation(route: APIRoute) -> Operation:
    calls: list[Call] = []
    try:
        if inspect.signature(route.endpoint).return_annotation is not Response:
            raise NotHere
        _flatten(route.dependant, calls, {})
        if sum(p.source == "body" for call in calls for p in call.parameters) > 1:
            raise NotHere
    except NotHere:
        calls = []
    sources = frozenset(p.source for call in calls for p in call.parameters)
    return Operation(route, route.path_regex, tuple(calls), sources)


def _flatten(dependant: Dependant, calls: list[Call], known: dict[Any, int]) -> int:
    """Append the calls of a dependant, those it depends on first; return its place."""
    results = [(each.name, _flatten(each, calls, known)) for each in dependant.dependencies]
    function = dependant.call
    foreign = any(getattr(dependant, name) for name in FOREIGN)
    if foreign or function is None or not _is_coroutine(function):
        raise NotHere
    scopes = tuple(
        sorted({*(dependant.parent_oauth_scopes or []), *(dependant.own_oauth_scopes or [])})
    )
    fixed = {}
    if dependant.security_scopes_param_name:
        fixed[dependant.security_scopes_param_name] = SecurityScopes(list(scopes))
    key = function, scopes if fixed else ()
    if key not in known:
        sources = ("path", "query", "header", "body")
        parameters = [
            _parameter(field, source)
            for source in sources
            for field in getattr(dependant, f"{source}_params")
        ]
        named = tuple((name, place) for name, place in results if name)
        request = dependant.request_param_name
        calls.append(Call(function, tuple(parameters), fixed, request, named))
        known[key] = len(calls) - 1
    return known[key]


def _parameter(field: Any, source: str) -> Parameter:
    info = field.field_info
    simple = not _has_parts(info.annotation) or source == "body"
    if not simple or isinstance(info, params.Form) or info.default_factory:
        raise NotHere
    if source == "body":
        if getattr(info, "embed", None) or not info.is_required():
            raise NotHere
        return Parameter(field.name, source, "", field.validate, ABSENT)
    alias = field.validation_alias or field.alias
    default = ABSENT if info.is_required() else info.default
    key = alias.lower().encode() if source == "header" else alias
    return Parameter(field.name, source, key, field.validate, default)


def _has_parts(annotation: Any) -> bool:
    """Tell whether a value is made of several (a list, a model) and needs more than its text."""
    kind = typing.get_origin(annotation) or annotation
    if isinstance(kind, type) and issubclass(kind, (list, tuple, set, frozenset, dict, BaseModel)):
        return True
    return any(_has_parts(each) for each in typing.get_args(annotation))


def _is_coroutine(function: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(type(function), "__call__", None)  # noqa: B004
    )
