"""A route that prepares an operation's arguments once, not for every request.

Prefixes, included routers, body limits, exit stacks, exception handlers and everything about the
response stay FastAPI's; so does matching, but for a no that is plain from the path's end. One
function is replaced: the handler that fills in an operation's arguments. Two rules keep it from
going past anything:

* It plans from what FastAPI's own handler *holds*, not from the route. For an included router those
  differ: the handler has the dependencies of every level, the route has its own alone.
* An operation with anything that is not known by name, a request that is not valid, an override in
  a test, a traced request, a request of a class of one's own: FastAPI's own handler takes it,
  before anything has been called.

One difference is left: values are read before the first dependency runs, so a dependency that
rewrites the request's headers is not seen by the parameters of the next one.
"""

import inspect
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, get_request_handler
from fastapi.security import SecurityScopes
from fastapi.telemetry import get_telemetry_data
from starlette.routing import Match
from starlette.types import Scope

from app.fast.plan import ABSENT, BODY, Call, NotPlanned, Plan, make_plan

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

# All that FastAPI's handler holds: what is about the request, and what is about the response, which
# is handed on as it is.
REQUEST_SIDE = {
    "dependant", "body_field", "dependency_overrides_provider", "embed_body_fields", "form_limits",
    "actual_strict_content_type", "is_body_form",
}  # fmt: skip
RESPONSE_SIDE = {
    "status_code", "response_class", "response_field", "response_model_include",
    "response_model_exclude", "response_model_by_alias", "response_model_exclude_unset",
    "response_model_exclude_defaults", "response_model_exclude_none", "stream_item_field",
    "is_json_stream",
}  # fmt: skip
COMPUTED = {"is_coroutine", "actual_response_class", "is_sse_stream"}
RESULT = "fast.result"


class FastRoute(APIRoute):
    """An ``APIRoute`` with a planned handler, where it surely does the same as FastAPI's."""

    def __init__(self, path: str, *args: Any, **options: Any) -> None:
        super().__init__(path, *args, **options)
        # Wherever it is included, its paths end so; the framework takes a line feed after the end.
        self._ends = path.rpartition("}")[2], "\n"

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Reject a path with another end at once; asking FastAPI costs more."""
        return super().matches(scope) if self.may_have(scope["path"]) else (Match.NONE, {})

    def may_have(self, path: str) -> bool:
        """Tell whether the path has the route's end."""
        return path.endswith(self._ends)

    def get_route_handler(self) -> Handler:
        """Return the planned handler, or FastAPI's own; called once for each inclusion."""
        own = super().get_route_handler()
        dependant = None
        try:
            held = read_handler(own)
            dependant = held["dependant"]
            return make_handler(own, held)
        except NotPlanned as reason:
            self.__dict__.setdefault("not_planned", []).append((dependant, str(reason)))
            return own

    def why_not(self, dependant: Dependant) -> str:
        """Return why an inclusion of the route has no plan; empty if it has one."""
        for each, reason in self.__dict__.get("not_planned", []):
            if each is None or each is dependant:
                return str(reason)
        return ""


def read_handler(own: Handler) -> dict[str, Any]:
    """Return the variables of FastAPI's handler; NotPlanned if it is not the known function."""
    code = getattr(own, "__code__", None)
    if code is None or code not in get_request_handler.__code__.co_consts:
        raise NotPlanned("a handler that is not FastAPI's own")
    held = dict(inspect.getclosurevars(own).nonlocals)
    if held.keys() != REQUEST_SIDE | RESPONSE_SIDE | COMPUTED:
        raise NotPlanned("a handler of another FastAPI")
    return held


def make_handler(own: Handler, held: dict[str, Any]) -> Handler:
    """Return a handler that does the same as ``own``, and calls it for what it cannot do."""
    plan = make_plan(held["dependant"])
    wants_body = BODY in plan.sources
    if wants_body and (held["is_body_form"] or held["embed_body_fields"]):
        raise NotPlanned("a form, or several values in the body")
    if held["body_field"] is not None and not wants_body:
        raise NotPlanned("a body that no parameter names")
    provider, finish = held["dependency_overrides_provider"], _finisher(held)

    async def handler(request: Request) -> Response:
        if provider is not None and provider.dependency_overrides:
            return await own(request)
        if type(request) is not Request or get_telemetry_data() is not None:
            return await own(request)
        body = await _read_body(request) if wants_body else ABSENT
        values = _read_values(plan, request, body)
        if values is None:
            return await own(request)
        result = await _run(plan.calls, values, request)
        if isinstance(result, Response):
            return result
        request.scope[RESULT] = result
        return await finish(request)

    return handler


async def _read_body(request: Request) -> Any:
    """Return the value of a JSON body; ABSENT if FastAPI's handler has to decide.

    The value is not kept in the request: a validator may change it, and FastAPI's own handler, if
    it is asked after all, reads the body anew.
    """
    try:
        body = await request.body()
    except Exception as error:
        _fail_again(request, error)
        return ABSENT
    if not body or request.headers.get("content-type") != "application/json":
        return ABSENT
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):  # FastAPI's parser may take it
        return ABSENT


def _fail_again(request: Request, error: Exception) -> None:
    """Let FastAPI's handler meet the same failure: a body cannot be read twice."""

    async def body() -> bytes:
        raise error

    request.body = body  # type: ignore[method-assign]


def _read_values(plan: Plan, request: Request, body: Any) -> list[dict[str, Any]] | None:
    """Return the values of every call; None if one is missing or not valid."""
    sources = plan.sources
    received: tuple[Any, ...] = (
        request.scope["path_params"],
        request.query_params if 1 in sources else None,
        request.headers if 2 in sources else None,
        request.cookies if 3 in sources else None,
        {"": body},
    )
    values: list[dict[str, Any]] = [{} for _ in plan.calls]
    for place, name, source, key, validate, default, names in plan.parameters:
        value = dict(received[source]) if names else received[source].get(key, ABSENT)
        if names and not value.keys() <= names:  # FastAPI decides about unknown parameters
            return None
        if value is ABSENT:
            if default is ABSENT:
                return None
            values[place][name] = default
            continue
        values[place][name], errors = validate(value)
        if errors:
            return None
    return values


async def _run(calls: tuple[Call, ...], values: list[dict[str, Any]], request: Request) -> Any:
    """Call the dependencies in order, and the operation; return what it returns."""
    results: list[Any] = []
    for call, arguments in zip(calls, values, strict=True):
        for name, place in call.results:
            arguments[name] = results[place]
        for name in call.request_names:
            arguments[name] = request
        if call.scopes_name:
            arguments[call.scopes_name] = SecurityScopes(list(call.scopes))
        results.append(await call.function(**arguments))
    return results[-1]


def _finisher(held: dict[str, Any]) -> Handler:
    """Return FastAPI's own handler for the step from a result to a response."""

    async def result(request: Request) -> Any:
        return request.scope.pop(RESULT)

    operation = held["dependant"].call
    result.__name__ = getattr(operation, "__name__", result.__name__)
    if code := getattr(operation, "__code__", None):  # tracebacks then show the operation
        result.__code__ = result.__code__.replace(
            co_filename=code.co_filename, co_firstlineno=code.co_firstlineno
        )
    dependant = Dependant(call=result, request_param_name="request", path=held["dependant"].path)
    handler: Handler = get_request_handler(
        dependant=dependant, **{name: held[name] for name in RESPONSE_SIDE}
    )
    return handler
