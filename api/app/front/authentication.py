"""Checks the access token of an operation before its body is read.

FastAPI reads and parses a body before it runs a dependency. When the body is asked for, the route
is known, so the route's own access token dependency is run first.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.security import SecurityScopes
from starlette.types import Scope

from app.http.auth import AccessToken


async def authenticate(scope: Scope) -> None:
    """Run the operation's access token checks; raises their Problem.

    An operation without them, or whose tests override them (``dependency_overrides``), is left
    alone.
    """
    route = _route(scope)
    for check in _checks(getattr(route, "dependant", None), _overrides(route)):
        scopes = [*(check.parent_oauth_scopes or []), *(check.own_oauth_scopes or [])]
        if isinstance(check.call, AccessToken):
            await check.call(Request(scope), SecurityScopes(list(dict.fromkeys(scopes))))


def is_overridden(scope: Scope) -> bool:
    """Tell whether ``dependency_overrides`` replaces the operation's access token check."""
    route = _route(scope)
    dependant, overrides = getattr(route, "dependant", None), _overrides(route)
    if not overrides:
        return False
    return len(list(_checks(dependant, overrides))) < len(list(_checks(dependant, {})))


def _route(scope: Scope) -> Any:
    """Return the route with the dependencies of the routers that include it."""
    route = scope.get("route")
    included = scope.get("fastapi", {}).get("effective_route_context")
    return included if getattr(included, "original_route", None) is route else route


def _overrides(route: Any) -> Mapping[Any, Any]:
    provider = getattr(route, "dependency_overrides_provider", None)
    overrides: Mapping[Any, Any] = getattr(provider, "dependency_overrides", {})
    return overrides


def _checks(dependant: Dependant | None, overrides: Mapping[Any, Any]) -> Iterator[Dependant]:
    for each in dependant.dependencies if dependant else ():
        if each.call not in overrides:
            if isinstance(each.call, AccessToken):
                yield each
            yield from _checks(each, overrides)
