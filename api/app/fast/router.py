"""A router of planned routes, which rejects a path without its prefix at once.

FastAPI asks every included router in turn, and a router asks each of its routes, with some
bookkeeping around each question. All routes of a router begin with the router's own prefix,
wherever the router was included: a path that does not contain it matches none of them. The router
only ever says no here, and only when all its routes would; yes is FastAPI's to say.

FastAPI asks an included router twice, to choose it and to hand the request to one of its routes:
the second question gets the answer of the first.
"""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, APIRouter, iter_route_contexts
from starlette.routing import Match
from starlette.types import Scope

from app.fast.route import FastRoute

log = logging.getLogger(__name__)


class AskedTwice:
    """Caches the answer to a question about a request for the second time it is asked."""

    def __init__(self, match: Callable[[Scope], Any]) -> None:
        self._match = match
        self._last: tuple[Scope, Any, Any] | None = None

    def __call__(self, scope: Scope) -> Any:
        """Return what the included router finds; forget it after the second time."""
        asked = scope["type"], scope["path"], scope.get("method"), scope.get("root_path")
        last, self._last = self._last, None
        if last is not None and last[0] is scope and last[1] == asked:
            return last[2]
        found = self._match(scope)
        self._last = scope, asked, found
        return found


class FastRouter(APIRouter):
    """An ``APIRouter`` of ``FastRoute``; at the start it logs the operations without a plan."""

    def __init__(self, *args: Any, route_class: type[APIRoute] = FastRoute, **options: Any) -> None:
        super().__init__(*args, route_class=route_class, **options)
        self._checked = -1  # how many routes there were when the prefix was looked at
        self._needle = ""
        self._own_lifespan = self.lifespan_context
        self.lifespan_context = self._report_first

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Reject the path, or ask the routes."""
        if len(self.routes) != self._checked:
            self._checked, self._needle = len(self.routes), self._find_needle()
        if self._needle not in scope["path"]:
            return Match.NONE, {}
        included = scope.get("fastapi", {}).get("included_router")
        if hasattr(included, "_match") and "_match" not in vars(included):
            included._match = AskedTwice(included._match)
        return super().matches(scope)

    def _find_needle(self) -> str:
        """Return the text that every path of the router contains: the prefix, or nothing."""
        fixed = self.prefix.partition("{")[0]
        own = (isinstance(each, APIRoute) and each.path.startswith(fixed) for each in self.routes)
        return fixed if all(own) else ""

    @asynccontextmanager
    async def _report_first(self, app: Any) -> AsyncIterator[Any]:
        if isinstance(app, FastAPI) and not getattr(app.state, "fast_path_reported", False):
            app.state.fast_path_reported = True
            report(app)
        async with self._own_lifespan(app) as state:
            yield state


def report(app: FastAPI) -> None:
    """Log in one line which operations FastAPI's own handler answers, and why."""
    planned, reasons = 0, {}
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute):
            continue
        reason = "another route class"
        if isinstance(route, FastRoute):
            reason = route.why_not(context.dependant)
        if reason:
            reasons[context.name or ""] = reason
        else:
            planned += 1
    log.info("fast path", extra={"fields": {"operations": planned, "not_taken_by": reasons}})
