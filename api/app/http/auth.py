"""Who calls: a bearer token (RFC 6750) in the profile of RFC 9068 becomes a Principal with scopes.

The API has no login and no session. It knows one issuer, and verifies with that issuer's public
keys (jwks.py). Best practice for JWTs: RFC 8725.
"""

import re
import time
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple, Protocol

from fastapi import Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.security import HTTPBearer, SecurityScopes
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet
from starlette.routing import BaseRoute
from starlette.types import Scope

from app.http.declarations import DeclarationError
from app.http.jwks import KeySource
from app.http.problems import Forbidden, Unauthenticated

ALGORITHMS = ["ES256", "EdDSA", "RS256", "PS256"]  # asymmetric only: a verifier cannot forge
LEEWAY_SECONDS = 30
MAX_TOKEN_LENGTH = 8192
# What is stored of a token, and shown to its caller: no NUL, no half of a surrogate pair.
STORABLE = re.compile(r"[^\0\ud800-\udfff]{1,255}")


class Principal(NamedTuple):
    """Who calls, through which client, and what the token allows."""

    subject: str
    client_id: str
    scopes: frozenset[str]
    expires_at: float


class AuthSettings(Protocol):
    """The settings that this module reads."""

    auth_issuer: str
    auth_audience: str


class TokenVerifier:
    """Verifies tokens, and remembers those it has verified, until they or the keys expire."""

    CACHE_SIZE = 4096

    def __init__(self, settings: AuthSettings, keys: KeySource) -> None:
        self._keys = keys
        self._verified: dict[str, Principal] = {}
        self._generation = keys.generation
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": settings.auth_issuer},
            aud={"essential": True, "value": settings.auth_audience},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            client_id={"essential": True},
            jti={"essential": True},
        )

    async def verify(self, token: str) -> Principal:
        """Return the token's principal, or raise Unauthenticated."""
        self._keys.refresh()
        self._forget_if_keys_changed()
        principal = self._verified.get(token)
        if principal is None:
            principal = await self._decode(token)
            self._forget_if_keys_changed()
            if len(self._verified) >= self.CACHE_SIZE:
                self._verified.pop(next(iter(self._verified)))
            self._verified[token] = principal
        if principal.expires_at + LEEWAY_SECONDS < time.time():
            self._verified.pop(token, None)
            raise _refused("The access token has expired.")
        return principal

    def _forget_if_keys_changed(self) -> None:
        if self._generation != self._keys.generation:
            self._verified.clear()
            self._generation = self._keys.generation

    async def _decode(self, token: str) -> Principal:
        if len(token) > MAX_TOKEN_LENGTH:
            raise _refused("The access token is too long.")
        try:
            header = jws.extract_compact(token.encode()).headers()
            key_id = str(header["kid"])
            keys = await self._keys.having(key_id)
            decoded = _decode_with_any(token, [key for key in keys.keys if key.kid == key_id])
            self._claims.validate(decoded.claims)
            return _principal(header, decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise _refused("The access token is not valid.") from error


def _decode_with_any(token: str, keys: Sequence[Key]) -> jwt.Token:
    """Return the token, verified by one of ``keys``: several may have one id (RFC 7517, 4.5)."""
    failure: Exception = KeyError("kid")
    for key in keys:
        try:
            return jwt.decode(token, KeySet([key]), algorithms=ALGORITHMS)
        except (JoseError, ValueError, TypeError) as error:
            failure = error
    raise failure


def _principal(header: dict[str, Any], claims: dict[str, Any]) -> Principal:
    """Check what RFC 9068 (2.1, 4) wants beyond the registry: the type, and strings as strings."""
    if str(header.get("typ", "")).lower() not in ("at+jwt", "application/at+jwt"):
        raise ValueError("typ")
    subject, client_id, scope = claims["sub"], claims["client_id"], claims.get("scope", "")
    if not all(isinstance(value, str) for value in (subject, client_id, scope)):
        raise TypeError("claims")
    scope.encode()  # UnicodeEncodeError, a ValueError: half of a surrogate pair
    for name, value in (("sub", subject), ("client_id", client_id)):
        if not STORABLE.fullmatch(value):
            raise _refused(f"The access token's {name} is not 1 to 255 characters without NUL.")
    return Principal(subject, client_id, frozenset(scope.split()), claims["exp"])


def _refused(detail: str) -> Unauthenticated:
    return Unauthenticated(
        detail,
        headers={"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{detail}"'},
    )


async def authenticate(scope: Scope) -> Principal:
    """Return who calls, after one request was taken from the caller's quota.

    Asked again in the same request, it answers the same and takes nothing. Raises Unauthenticated,
    TooManyRequests, or Unavailable while the issuer's keys cannot be read.
    """
    known: Principal | None = scope.get("principal")
    if known is not None:
        return known
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    scheme, _, token = (values[0] if values else b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send an access token.", headers={"WWW-Authenticate": "Bearer"})
    state = scope["app"].state
    principal: Principal = await state.verifier.verify(token)
    scope["principal"], scope["caller"] = principal, principal.subject
    scope["scopes"] = principal.scopes
    await state.quota.take(principal.subject)
    return principal


class AccessToken(HTTPBearer):
    """The scheme in the contract, and the check itself: one step for the framework, not two."""

    async def __call__(self, request: Request, wanted: SecurityScopes) -> Principal:  # type: ignore[override]
        """Return the caller; 401 without a valid token, 403 without the operation's scope."""
        principal = await authenticate(request.scope)
        if missing := [scope for scope in wanted.scopes if scope not in principal.scopes]:
            scope = " ".join(missing)
            challenge = f'Bearer error="insufficient_scope", scope="{scope}"'
            detail = f"This needs the scope {scope}."
            raise Forbidden(detail, headers={"WWW-Authenticate": challenge})
        return principal


bearer = AccessToken(
    scheme_name="bearer",
    bearerFormat="JWT",
    description="Access token (RFC 9068) of the configured issuer; `scope` says what it allows.",
)


def allows(request: Request, scope: str) -> bool:
    """Tell whether the caller's token has a scope beyond the one that the operation wants."""
    return scope in request.scope.get("scopes", ())


def requires(scope: str) -> Any:
    """Declare the scope that an operation needs; the contract shows it."""
    return Security(bearer, scopes=[scope])


def refuse_open_operations(routes: Sequence[BaseRoute]) -> None:
    """Stop the start when an operation declares no scope: forgotten is not open.

    What an operation is included with counts, as it does for FastAPI.
    """
    for context in iter_route_contexts(routes):
        if not isinstance(context.original_route, APIRoute) or not context.include_in_schema:
            continue
        if not _scopes(context.dependant):
            raise DeclarationError(
                f"{context.name} ({context.path}) declares no scope: use requires()"
            )


def _scopes(dependant: Dependant) -> set[str]:
    own = set(dependant.own_oauth_scopes or [])
    return own.union(*(_scopes(each) for each in dependant.dependencies))


PrincipalDep = Annotated[Principal, Security(bearer)]
