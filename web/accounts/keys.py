"""The key that signs tokens: a PEM file; in development made at first use."""

import os
import secrets
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from joserfc.jwk import ECKey, KeySet


@lru_cache(maxsize=1)
def signing_key() -> ECKey:
    """Return the private key; its kid is its thumbprint (RFC 7638)."""
    path: Path = settings.SIGNING_KEY_FILE
    if settings.DEVELOPMENT and not path.exists():
        _make(path)
    key = ECKey.import_key(path.read_bytes())
    key.ensure_kid()
    return key


def public_keys() -> dict[str, object]:
    """Return the JWK set (RFC 7517) that verifies our tokens."""
    keys = KeySet([signing_key()]).as_dict(private=False)
    return {"keys": [key | {"use": "sig", "alg": "ES256"} for key in keys["keys"]]}


def _make(path: Path) -> None:
    """Write a new key. If several processes start at once, the first one's key stays."""
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(ECKey.generate_key("P-256").as_pem(private=True))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
