"""Access tokens: JWTs (RFC 7519) in the profile of RFC 9068; best practice: RFC 8725."""

import re
import time
from collections.abc import Sequence
from typing import Any, Protocol

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from app.http.jwks import KeySource
from app.http.problems import Unauthenticated
from app.http.scope import Principal

ALGORITHMS = ["ES256", "EdDSA", "RS256", "PS256"]  # asymmetric only: who can verify cannot sign
LEEWAY_SECONDS = 30
MAX_TOKEN_LENGTH = 8192
# Claims that are stored and shown: no NUL, no half of a surrogate pair.
STORABLE = re.compile(r"[^\0\ud800-\udfff]{1,255}")


class AuthSettings(Protocol):
    """The settings that this module reads."""

    auth_issuer: str
    auth_audience: str


class TokenVerifier:
    """Verifies tokens, and caches verified ones until they expire or the keys change."""

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
    """Return the verified token. Several keys may have the same id (RFC 7517, 4.5)."""
    failure: Exception = KeyError("kid")
    for key in keys:
        try:
            return jwt.decode(token, KeySet([key]), algorithms=ALGORITHMS)
        except (JoseError, ValueError, TypeError) as error:
            failure = error
    raise failure


def _principal(header: dict[str, Any], claims: dict[str, Any]) -> Principal:
    """Return the principal, after the checks of RFC 9068 (2.1, 4) that joserfc does not make."""
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
