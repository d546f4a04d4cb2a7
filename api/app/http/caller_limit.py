"""The rate limit of each caller, which a router or an operation declares as ``LIMITED``."""

from collections.abc import Sequence

from fastapi import Depends, Request
from starlette.types import Scope

from app.http.auth import PrincipalDep
from app.http.before_body import BeforeBody
from app.http.scope import request_scope
from app.http.state import app_state


class CallerLimit(BeforeBody):
    """Counts a request once against the limit of its caller, which the access token names."""

    async def check(self, scope: Scope, wanted: Sequence[str] = ()) -> None:
        """Count the request, unless it is counted already; raises TooManyRequests."""
        found = request_scope(scope)
        if (caller := found.get("caller")) and "limited" not in found:
            found["limited"] = True
            await app_state(scope).rate_limit.take(caller)

    async def __call__(self, request: Request, principal: PrincipalDep) -> None:
        """Count the request, after its token was checked."""
        await self.check(request.scope)


LIMITED = Depends(CallerLimit())
