"""Access tokens for the API (RFC 9068): five minutes, signed by us, for one person."""

import secrets
import time
from threading import Lock

from django.conf import settings
from joserfc import jwt

from accounts.keys import signing_key
from accounts.models import User
from accounts.roles import scopes_of

LIFE_SECONDS = 300
REUSED_SECONDS = 240  # 80 % of its life: no token dies on its way
CLIENT_ID = "corner-shop-web"


class TokenSource:
    """The tokens of one signed-in person; ``core.api`` asks it before each call."""

    def __init__(self, user: User) -> None:
        self.subject = str(user.pk)
        self.scopes = scopes_of(list(user.groups.values_list("name", flat=True)))

    def token(self, *, fresh: bool = False) -> str:
        """Return a token with at least a minute to live; a new one when ``fresh``."""
        return store.token(self.subject, self.scopes, fresh=fresh)


class TokenStore:
    """Tokens that are still valid, so that a page does not sign one per call."""

    def __init__(self) -> None:
        self._tokens: dict[tuple[str, frozenset[str]], tuple[str, float]] = {}
        self._lock = Lock()

    def clear(self) -> None:
        """Forget every token."""
        self._tokens.clear()

    def token(self, subject: str, scopes: frozenset[str], *, fresh: bool) -> str:
        """Return the person's token, or sign one when it is old or a fresh one is wanted."""
        now = time.time()
        with self._lock:
            known, until = self._tokens.get((subject, scopes), ("", 0.0))
            if now < until and not fresh:
                return known
            self._tokens = {k: v for k, v in self._tokens.items() if v[1] > now}
            made = mint(subject, scopes, now)
            self._tokens[subject, scopes] = (made, now + REUSED_SECONDS)
            return made


def mint(subject: str, scopes: frozenset[str], now: float) -> str:
    """Return a signed token of ``typ: at+jwt``."""
    key = signing_key()
    claims = {
        "iss": settings.PUBLIC_URL,
        "aud": settings.TOKEN_AUDIENCE,
        "sub": subject,
        "client_id": CLIENT_ID,
        "iat": int(now),
        "exp": int(now) + LIFE_SECONDS,
        "jti": secrets.token_urlsafe(16),
        "scope": " ".join(sorted(scopes)),
    }
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, claims, key)


store = TokenStore()
