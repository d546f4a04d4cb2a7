"""Who calls is stored and shown: a token that names nobody who can be is refused, with a reason."""

import base64
import json
import time
from typing import Any

import pytest
from joserfc.jws import JWSRegistry

from conftest import AUDIENCE, ISSUER, KEY, make_token

LONGEST = {
    "255 letters": "x" * 255,
    "four bytes each": "\U0001f600" * 255,
    "a line's end": "a\nb",
    "one letter": "é",
    "quotes": "a'b\"c\\",
}
REFUSED = {
    "256 letters": "x" * 256,
    "300 letters of four bytes": "\U0001f600" * 300,
    "NUL": "x\0y",
    "half a pair": "\ud800",
    "a pair the wrong way round": "\udc00\ud800",
    "nothing": "",
}


def token(**claims: Any) -> str:
    """Return a token that is signed well; its claims are written in ASCII, half pairs as well."""
    now = int(time.time())
    good = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "tester", "client_id": "tests", "iat": now,
        "exp": now + 300, "jti": "1", "scope": json.loads(payload(make_token()))["scope"],
    }  # fmt: skip
    parts = [{"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid}, good | claims]
    message = ".".join(encode(json.dumps(part).encode()) for part in parts)
    signature = JWSRegistry.algorithms["ES256"].sign(message.encode(), KEY)
    return f"{message}.{encode(signature)}"


def payload(made: str) -> bytes:
    return base64.urlsafe_b64decode(made.split(".")[1] + "==")


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize("name", ["sub", "client_id"])
@pytest.mark.parametrize("value", REFUSED.values(), ids=REFUSED.keys())
async def test_what_cannot_be_stored_is_401_and_says_why(client_for, name, value):
    response = await client_for(token(**{name: value})).get("identity")

    assert response.status_code == 401
    assert value == "" or f"token's {name} is not 1 to 255 characters" in response.json()["detail"]
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


@pytest.mark.parametrize("value", LONGEST.values(), ids=LONGEST.keys())
async def test_what_can_be_stored_passes(client_for, value):
    response = await client_for(token(sub=value)).get("identity")

    assert (response.status_code, response.json()["subject"]) == (200, value)


async def test_half_a_pair_in_a_scope_is_401(client_for):
    response = await client_for(token(scope="identity:read \ud800")).get("identity")

    assert response.status_code == 401


@pytest.mark.parametrize("value", LONGEST.values(), ids=LONGEST.keys())
async def test_a_key_belongs_to_the_whole_subject(client_for, value):
    client, other = client_for(token(sub=value)), client_for(token(sub=f"{value[:-1]}z"))
    headers = {"Idempotency-Key": "one"}
    first = await client.post("widgets", json={"code": "A"}, headers=headers)

    again = await client.post("widgets", json={"code": "A"}, headers=headers)
    another = await other.post("widgets", json={"code": "B"}, headers=headers)

    assert (first.status_code, again.content) == (201, first.content)
    assert (another.status_code, another.json()["code"]) == (201, "B")
