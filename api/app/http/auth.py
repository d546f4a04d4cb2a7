"""Who calls, and what they may do: bearer tokens (RFC 6750) and the scopes of operations.

The API has no login and no session. It trusts one issuer; tokens.py verifies that issuer's tokens.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.security import HTTPBearer, SecurityScopes
from starlette.routing import BaseRoute
from starlette.types import Scope

from app.http.before_body import BeforeBody
from app.http.declarations import DeclarationError
from app.http.problems import Forbidden, Unauthenticated
from app.http.scope import Principal, request_scope
from app.http.state import app_state


async def authenticate(scope: Scope) -> Principal:
    """Return the caller; the token is verified once for a request.

    Raises Unauthenticated, or Unavailable while the issuer's keys cannot be read.
    """
    found = request_scope(scope)
    if principal := found.get("principal"):
        return principal
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    scheme, _, token = (values[0] if values else b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send an access token.", headers={"WWW-Authenticate": "Bearer"})
    principal = await app_state(scope).verifier.verify(token)
    found["principal"], found["caller"] = principal, principal.subject
    found["scopes"] = principal.scopes
    return principal


class AccessToken(HTTPBearer, BeforeBody):
    """The security scheme of the contract, which also checks the token."""

    async def check(self, scope: Scope, wanted: Sequence[str]) -> None:
        """Raise Unauthenticated (401), or Forbidden (403) without the operation's scopes."""
        principal = request_scope(scope).get("principal") or await authenticate(scope)
        if missing := [each for each in wanted if each not in principal.scopes]:
            names = " ".join(dict.fromkeys(missing))
            challenge = f'Bearer error="insufficient_scope", scope="{names}"'
            detail = f"This needs the scope {names}."
            raise Forbidden(detail, headers={"WWW-Authenticate": challenge})

    async def __call__(self, request: Request, wanted: SecurityScopes) -> Principal:  # type: ignore[override]
        """Return the caller, after the check."""
        await self.check(request.scope, wanted.scopes)
        return request_scope(request.scope)["principal"]


bearer = AccessToken(
    scheme_name="bearer",
    bearerFormat="JWT",
    description="Access token (RFC 9068) of the configured issuer; `scope` says what it allows.",
)


def allows(request: Request, scope: str) -> bool:
    """Tell whether the caller's token has ``scope``; for parts of an answer."""
    return scope in request_scope(request.scope).get("scopes", ())


def requires(scope: str) -> Any:
    """Declare the scope that an operation needs; the contract shows it."""
    return Security(bearer, scopes=[scope])


def refuse_open_operations(routes: Sequence[BaseRoute]) -> None:
    """Raise DeclarationError if an operation declares no scope, or a check that checks nothing.

    Dependencies of the routers that include it count, as in FastAPI.
    """
    for context in iter_route_contexts(routes):
        if not isinstance(context.original_route, APIRoute) or not context.include_in_schema:
            continue
        if not _scopes(context.dependant):
            raise DeclarationError(
                f"{context.name} ({context.path}) declares no scope: use requires()"
            )
        if unmade := _unmade(context.dependant):
            raise DeclarationError(
                f"{context.name} ({context.path}) depends on the class {unmade[0]}, which checks "
                "nothing: use an instance"
            )


def _scopes(dependant: Dependant) -> set[str]:
    own = set(dependant.own_oauth_scopes or [])
    return own.union(*(_scopes(each) for each in dependant.dependencies))


def _unmade(dependant: Dependant) -> list[str]:
    """Return the names of BeforeBody classes that stand where an instance should."""
    names = [name for each in dependant.dependencies for name in _unmade(each)]
    call = dependant.call
    if isinstance(call, type) and issubclass(call, BeforeBody):
        names.append(call.__name__)
    return names


PrincipalDep = Annotated[Principal, Security(bearer)]
