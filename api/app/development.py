"""Issues tokens on a developer's machine, to try the API without a UI. Never in production."""

import json
import sys
import time
import uuid
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from app.resources import RESOURCES
from app.settings import Environment, Settings

KEY_FILE = Path(__file__).parent.parent / "var" / "development-key.json"
JWKS_FILE = KEY_FILE.with_name("development-jwks.json")
LIFE_SECONDS = 8 * 3600


def make_token(settings: Settings, scope: str | None = None) -> str:
    """Return a token for ``scope``, by default all scopes; creates the key at the first call."""
    if settings.environment is Environment.PRODUCTION:
        sys.exit("ENVIRONMENT=production has its own issuer; ask that one for a token")
    key = find_or_make_key()
    now = int(time.time())
    claims = {
        "iss": settings.auth_issuer,
        "aud": settings.auth_audience,
        "sub": "developer",
        "client_id": "development",
        "iat": now,
        "exp": now + LIFE_SECONDS,
        "jti": str(uuid.uuid4()),
        "scope": _all_scopes() if scope is None else scope,
    }
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, claims, key)


def _all_scopes() -> str:
    names = [resource.TAG["name"] for resource in RESOURCES]
    return " ".join(f"{name}:{verb}" for name in names for verb in ("read", "write"))


def find_or_make_key() -> ECKey:
    """Return the key of this machine's own issuer; make it, and its JWKS, if it is not there."""
    if KEY_FILE.exists():
        return ECKey.import_key(json.loads(KEY_FILE.read_text()))
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    KEY_FILE.parent.mkdir(exist_ok=True)
    KEY_FILE.touch(mode=0o600)
    KEY_FILE.write_text(json.dumps(key.as_dict(private=True)))
    JWKS_FILE.write_text(json.dumps(KeySet([key]).as_dict(private=False)))
    return key
