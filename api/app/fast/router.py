"""A router of planned routes, which rejects a path without its prefix at once.

FastAPI asks every included router in turn, and a router asks each of its routes, with some
bookkeeping around each question. All routes of a router begin with the router's own prefix,
wherever the router was included: a path that does not contain it matches none of them. Of the
others only those are asked whose end the path has. The answer, yes or no, is FastAPI's.

FastAPI asks an included router twice, to choose it and to hand the request to one of its routes:
the second question gets the answer of the first.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, APIRouter, iter_route_contexts
from starlette.routing import Match
from starlette.types import Scope

from app.fast.route import FastRoute

log = logging.getLogger(__name__)
Found = tuple[Match, Scope, Any, Any]  # the route, and its context


class Matching:
    """Finds the route of a request in an included router, and remembers it for the second question.

    It asks the routes whose end the path has, and no more. With other routes than this room's, or
    routers within, FastAPI asks.
    """

    def __init__(self, included: Any, router: "FastRouter") -> None:
        self._included, self._router, self._ask = included, router, included._match
        self._last: tuple[Scope, Any, Found] | None = None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Answer the first question, whether there is a route."""
        if not self._router.may_have(scope["path"]):
            return Match.NONE, {}
        return self.find(scope)[0], {}

    def find(self, scope: Scope) -> Found:
        """Answer the second question, which one it is."""
        asked = scope["type"], scope["path"], scope.get("method"), scope.get("root_path")
        last, self._last = self._last, None
        if last is not None and last[0] is scope and last[1] == asked:
            return last[2]
        found = self._find(scope)
        self._last = scope, asked, found
        return found

    def _find(self, scope: Scope) -> Found:
        path, partial = scope["path"], None
        for context in self._included.effective_candidates():
            route = getattr(context, "original_route", None)
            if type(route) is not FastRoute:
                return self._ask(scope)  # type: ignore[no-any-return]
            if not route.may_have(path):
                continue
            match, child_scope = context.matches(scope)
            if match is Match.NONE:
                continue
            child_scope["route"] = route
            if match is Match.FULL:
                return match, child_scope, route, context
            partial = partial or (match, child_scope, route, context)
        return partial or (Match.NONE, {}, None, None)


class FastRouter(APIRouter):
    """An ``APIRouter`` of ``FastRoute``; at the start it logs the operations without a plan."""

    def __init__(self, *args: Any, route_class: type[APIRoute] = FastRoute, **options: Any) -> None:
        super().__init__(*args, route_class=route_class, **options)
        self._checked = -1, -1  # how many routes there were, and FastAPI's count of changes
        self._needle = ""
        self._own_lifespan = self.lifespan_context
        self.lifespan_context = self._report_first

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Reject the path, or ask the routes; the next time without FastAPI."""
        if not self.may_have(scope["path"]):
            return Match.NONE, {}
        included = scope.get("fastapi", {}).get("included_router")
        if type(self) is FastRouter and hasattr(included, "_match"):
            matching = Matching(included, self)
            included._match, included.matches = matching.find, matching.matches
        return super().matches(scope)

    def may_have(self, path: str) -> bool:
        """Tell whether one of the routes may have the path."""
        state = len(self.routes), self._routes_version
        if state != self._checked:
            self._checked, self._needle = state, self._find_needle()
        return self._needle in path

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
