"""Finds the template of a request's route, and the methods of its path.

A route that was included knows neither the prefix nor the dependencies that it was included with;
its context (``iter_route_contexts``) does.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from fastapi import Request
from fastapi.routing import Mount, iter_route_contexts
from starlette.routing import BaseRoute
from starlette.types import Scope


class RouteTemplates:
    """Finds the template of a request's route, with all prefixes and mounts."""

    def __init__(self) -> None:
        self._by_route: dict[int, list[str]] = {}  # by id(route); one for each inclusion

    def find(self, scope: Scope, app: Any, path: str) -> str:
        """Return the template; ``unmatched`` if there is no route for ``path``."""
        route = scope.get("route")
        if route is None:
            return "unmatched"
        if id(route) not in self._by_route:  # the first request, or a route that was added later
            self._by_route = _templates(app.routes)
        found = self._by_route.setdefault(id(route), [route.path])
        return found[0] if len(found) == 1 else _choose(tuple(found), path)


def _templates(routes: Sequence[BaseRoute]) -> dict[int, list[str]]:
    templates: dict[int, list[str]] = {}
    for route, template in _walk(routes, ""):
        templates.setdefault(id(route), []).append(template)
    return templates


def _walk(routes: Sequence[BaseRoute], prefix: str) -> Iterator[tuple[BaseRoute, str]]:
    for context in iter_route_contexts(routes):
        if isinstance(context.original_route, Mount):
            yield from _walk(context.routes, prefix + (context.path or ""))
        elif context.path:
            yield context.original_route, prefix + context.path


def _choose(templates: tuple[str, ...], path: str) -> str:
    return next((each for each in templates if _pattern(each).fullmatch(path)), templates[0])


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(map(re.escape, re.split("{[^}]*}", template))))


def allowed_methods(request: Request) -> list[str]:
    """Return every method of the path, sorted; FastAPI names those of the first route only.

    Whatever takes GET takes HEAD. A path that has no route of its own is a file's, below a mount.

    A path without parameters wins over a template that fits as well (OpenAPI 3.1, Paths Object),
    a route of the document over one that is not in it.
    """
    path = own_path(request.scope)
    fitting = [
        context
        for context in iter_route_contexts(request.app.routes)
        if context.methods and context.path_regex.match(path)
    ]
    fitting = [context for context in fitting if context.include_in_schema] or fitting
    fewest = min((_parameters(context) for context in fitting), default=0)
    methods = {
        method
        for context in fitting
        if _parameters(context) == fewest
        for method in context.methods or ()
    } or {"GET"}
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)


def _parameters(context: Any) -> int:
    return len(context.param_convertors)


def own_path(scope: Scope) -> str:
    """Return the path without the prefix that the application is mounted at."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))
