"""Plans the calls of an operation, in FastAPI's order, with the parameters of each.

A plan is made from the dependant that FastAPI's handler holds. What is not known here by name has
no plan (``NotPlanned``), and so stays with FastAPI's own handler.
"""

import dataclasses
import inspect
import typing
from collections.abc import Callable
from enum import Enum
from types import UnionType
from typing import Any, NamedTuple

from fastapi import params
from fastapi.dependencies.models import Dependant
from fastapi.security.base import SecurityBase
from pydantic import BaseModel, RootModel

SOURCES = ("path", "query", "header", "cookie", "body")
BODY = SOURCES.index("body")
# All that a dependant has in the FastAPI that this is written for. What is in the second set must
# be unused; a name in neither is a device that came later.
UNDERSTOOD = {f"{source}_params" for source in SOURCES} | {
    "dependencies", "name", "call", "request_param_name", "http_connection_param_name",
    "security_scopes_param_name", "own_oauth_scopes", "parent_oauth_scopes", "use_cache", "path",
    "scope",
}  # fmt: skip
REFUSED = {
    "websocket_param_name": "a WebSocket",
    "response_param_name": "a Response parameter",
    "background_tasks_param_name": "background tasks",
    "concurrency": "a limit of concurrency",
}
# The kinds of value that one text can be read as; another kind is not taken.
SIMPLE = (str, int, float, bool, bytes, type(None), Enum)
SIMPLE_MODULES = {"datetime", "uuid", "decimal", "_pydecimal"}
ABSENT = object()


class NotPlanned(Exception):
    """The operation needs FastAPI's own handler; the text says why."""


class Parameter(NamedTuple):
    """A value that comes with the request."""

    place: int  # of the call that wants it
    name: str
    source: int  # index in SOURCES
    key: str
    validate: Callable[[Any], tuple[Any, Any]]
    default: Any  # ABSENT: it is required
    names: frozenset[str] = frozenset()  # the fields of a flat query model


class Call(NamedTuple):
    """A call of a dependency, or at the end of the operation."""

    function: Callable[..., Any]
    request_names: tuple[str, ...]
    results: tuple[tuple[str, int], ...]  # name, and which of the calls before gives it
    scopes_name: str | None
    scopes: tuple[str, ...]


class Plan(NamedTuple):
    """The calls of an operation in FastAPI's order."""

    calls: tuple[Call, ...]
    parameters: tuple[Parameter, ...]
    sources: frozenset[int]


def make_plan(dependant: Dependant) -> Plan:
    """Return the plan of an operation; NotPlanned if any part of it is not known here."""
    if {field.name for field in dataclasses.fields(dependant)} != UNDERSTOOD | REFUSED.keys():
        raise NotPlanned("a dependant of another FastAPI")
    calls: list[Call] = []
    parameters: list[Parameter] = []
    _flatten(dependant, calls, parameters, {})
    if sum(each.source == BODY for each in parameters) > 1:
        raise NotPlanned("several values in the body")
    return Plan(tuple(calls), tuple(parameters), frozenset(each.source for each in parameters))


def _flatten(
    dependant: Dependant, calls: list[Call], parameters: list[Parameter], places: dict[Any, int]
) -> int:
    """Append the calls of a dependant after those it depends on; return its place."""
    function = _plain_function(dependant)
    results = [
        (each.name, _flatten(each, calls, parameters, places)) for each in dependant.dependencies
    ]
    scopes = tuple(
        dict.fromkeys([*(dependant.parent_oauth_scopes or ()), *(dependant.own_oauth_scopes or ())])
    )
    key = function, tuple(sorted(scopes)) if _uses_scopes(dependant) else (), dependant.scope or ""
    if dependant.use_cache and key in places:
        return places[key]
    place = len(calls)
    for number, source in enumerate(SOURCES):
        for field in getattr(dependant, f"{source}_params"):
            parameters.append(_parameter(place, field, number))
    requests = (dependant.request_param_name, dependant.http_connection_param_name)
    calls.append(
        Call(
            function,
            tuple(name for name in requests if name),
            tuple((name, number) for name, number in results if name is not None),
            dependant.security_scopes_param_name,
            scopes,
        )
    )
    places.setdefault(key, place)
    return place


def _plain_function(dependant: Dependant) -> Callable[..., Any]:
    """Return the function, if it is a plain coroutine function."""
    function = dependant.call
    name = getattr(function, "__qualname__", type(function).__qualname__)
    for attribute, device in REFUSED.items():
        if getattr(dependant, attribute) is not None:
            raise NotPlanned(f"{device} ({name})")
    if inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function):
        raise NotPlanned(f"yield ({name})")
    if function is not None and _is_plain_coroutine(function):
        return function
    raise NotPlanned(f"no plain coroutine function ({name})")


def _is_plain_coroutine(function: Callable[..., Any]) -> bool:
    """Tell whether it is a coroutine function without a wrapper, and no class."""
    if isinstance(function, type) or hasattr(function, "__wrapped__"):
        return False
    if inspect.isroutine(function):
        return inspect.iscoroutinefunction(function)
    called = getattr(type(function), "__call__", None)  # noqa: B004
    return inspect.iscoroutinefunction(called) and not hasattr(called, "__wrapped__")


def _uses_scopes(dependant: Dependant) -> bool:
    """Tell whether FastAPI caches a result by its scopes as well."""
    function: Any = dependant.call
    return bool(
        dependant.own_oauth_scopes
        or dependant.security_scopes_param_name is not None
        or isinstance(function, SecurityBase)
        or any(_uses_scopes(each) for each in dependant.dependencies)
    )


def _parameter(place: int, field: Any, source: int) -> Parameter:
    info = field.field_info
    if field.config:
        raise NotPlanned(f"a configuration of its own ({field.name})")
    if source == BODY:
        if isinstance(info, params.Form) or info.embed or not info.is_required():
            raise NotPlanned(f"a form, or a body that is embedded or optional ({field.name})")
        return Parameter(place, field.name, source, "", field.validate, ABSENT)
    if SOURCES[source] == "query" and (names := _flat_names(info)):
        return Parameter(place, field.name, source, "", field.validate, ABSENT, names)
    if _has_parts(info.annotation) or any(_is_json(each) for each in info.metadata):
        raise NotPlanned(f"a value made of several texts ({field.name})")
    if not isinstance(info.validation_alias, str | None):
        raise NotPlanned(f"several names ({field.name})")
    key = field.validation_alias or field.alias
    if SOURCES[source] == "header":
        key = key.lower()
    return Parameter(place, field.name, source, key, field.validate, _default(field.name, info))


def _flat_names(info: Any) -> frozenset[str]:
    """Return the fields of a flat query model, each one text; empty for any other value."""
    model = info.annotation
    if not isinstance(model, type) or not issubclass(model, BaseModel) or not info.is_required():
        return frozenset()
    if issubclass(model, RootModel) or not model.model_config.keys() <= {"extra", "title"}:
        return frozenset()
    for each in model.model_fields.values():
        named = each.alias is None and each.validation_alias is None
        if not named or _has_parts(each.annotation) or any(map(_is_json, each.metadata)):
            return frozenset()
    return frozenset(model.model_fields)


def _default(name: str, info: Any) -> Any:
    if info.is_required():
        return ABSENT
    if info.default_factory or info.validate_default or not isinstance(info.default, SIMPLE):
        raise NotPlanned(f"a default that is made for each request ({name})")
    return info.default


def _has_parts(annotation: Any) -> bool:
    """Tell whether a value may be made of several texts: a list, a model, JSON, unknown types."""
    origin = typing.get_origin(annotation)
    if origin is typing.Literal:
        return False
    if origin is typing.Annotated:
        first, *rest = typing.get_args(annotation)
        return _has_parts(first) or any(_is_json(each) for each in rest)
    if origin in (typing.Union, UnionType):
        return any(_has_parts(each) for each in typing.get_args(annotation))
    if origin is not None or not isinstance(annotation, type) or issubclass(annotation, BaseModel):
        return True
    return not (issubclass(annotation, SIMPLE) or annotation.__module__ in SIMPLE_MODULES)


def _is_json(metadata: Any) -> bool:
    return type(metadata).__name__ == "Json"
