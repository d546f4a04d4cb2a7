"""Runs the dependencies of an operation that come before its body (http/before_body.py).

When the body is asked for, the route is known, and so are its dependencies.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

from fastapi.dependencies.models import Dependant
from starlette.types import Scope

from app.http.auth import AccessToken
from app.http.before_body import BeforeBody

PLANNED = "before_body"
Checks = Sequence[tuple[Callable[[Scope, Sequence[str]], Awaitable[None]], Sequence[str]]]


async def check_head(scope: Scope) -> None:
    """Run the operation's BeforeBody dependencies in their order; raises their Problem.

    One that tests override (``dependency_overrides``) is left out.
    """
    route = _route(scope)
    if overrides := _overrides(route):
        planned = _plan(route, overrides)
    elif (planned := vars(route).get(PLANNED)) is None:
        planned = vars(route)[PLANNED] = _plan(route, {})  # once for each inclusion
    for check, scopes in planned:
        await check(scope, scopes)


def is_overridden(scope: Scope) -> bool:
    """Tell whether ``dependency_overrides`` replaces every access token check of the operation."""
    if not (overrides := _overrides(_route(scope))):
        return False
    dependant = getattr(_route(scope), "dependant", None)
    return _wants_token(dependant, {}) and not _wants_token(dependant, overrides)


def _route(scope: Scope) -> Any:
    """Return the route with the dependencies of the routers that include it."""
    route = scope.get("route")
    included = scope.get("fastapi", {}).get("effective_route_context")
    return included if getattr(included, "original_route", None) is route else route


def _overrides(route: Any) -> Mapping[Any, Any]:
    provider = getattr(route, "dependency_overrides_provider", None)
    overrides: Mapping[Any, Any] = getattr(provider, "dependency_overrides", {})
    return overrides


def _plan(route: Any, overrides: Mapping[Any, Any]) -> Checks:
    """Return the checks of an operation, with the scopes that each wants."""
    return [
        (each.call.check, [*(each.parent_oauth_scopes or ()), *(each.own_oauth_scopes or ())])  # type: ignore[union-attr]
        for each in _checks(getattr(route, "dependant", None), overrides)
    ]


def _checks(dependant: Dependant | None, overrides: Mapping[Any, Any]) -> Iterator[Dependant]:
    """Yield what comes before the body; what a dependency depends on comes before itself."""
    for each in dependant.dependencies if dependant else ():
        if each.call not in overrides:
            yield from _checks(each, overrides)
            if isinstance(each.call, BeforeBody):
                yield each


def _wants_token(dependant: Dependant | None, overrides: Mapping[Any, Any]) -> bool:
    return any(isinstance(each.call, AccessToken) for each in _checks(dependant, overrides))
