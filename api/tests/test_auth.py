"""Tokens that must not pass (RFC 8725, RFC 9068), and what a scope allows."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

from conftest import DOCUMENT, KEY, make_token

pytestmark = pytest.mark.any_engine

OTHER = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256", "kid": str(KEY.kid)})


def encode(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned() -> str:
    payload = make_token().split(".")[1]
    return f"{encode({'alg': 'none', 'typ': 'at+jwt', 'kid': KEY.kid})}.{payload}."


def signed_with_the_public_key() -> str:
    head = encode({"alg": "HS256", "typ": "at+jwt", "kid": KEY.kid})
    message = f"{head}.{make_token().split('.')[1]}"
    mac = hmac.new(KEY.as_pem(private=False), message.encode(), hashlib.sha256).digest()
    return f"{message}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def tampered() -> str:
    head, _, signature = make_token().split(".")
    _, payload, _ = make_token(sub="admin").split(".")
    return f"{head}.{payload}.{signature}"


def signed(key: ECKey = KEY, **fields: Any) -> str:
    """Return a token whose header has ``fields``, signed well; None removes one."""
    head = {"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid} | fields
    head = {name: value for name, value in head.items() if value is not None}
    message = f"{encode(head)}.{make_token().split('.')[1]}"
    signature = JWSRegistry.algorithms["ES256"].sign(message.encode(), key)
    return f"{message}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


FORGED = {
    "unsigned": unsigned,
    "public_key_as_secret": signed_with_the_public_key,
    "other_key_same_id": lambda: make_token(OTHER),
    "unknown_key_id": lambda: make_token(kid="unknown"),
    "no_key_id": lambda: signed(kid=None),
    "tampered": tampered,
    "key_in_header": lambda: signed(OTHER, jwk=OTHER.as_dict(private=False)),
    "unknown_critical_header": lambda: signed(crit=["x"], x=1),
    "id_token": lambda: signed(typ="JWT"),
    "no_type": lambda: signed(typ=None),
    "expired": lambda: make_token(exp=int(time.time()) - 120),
    "no_expiry": lambda: make_token(exp=None),
    "not_yet": lambda: make_token(nbf=int(time.time()) + 600),
    "issued_in_the_future": lambda: make_token(iat=int(time.time()) + 6000),
    "other_audience": lambda: make_token(aud="someone-else"),
    "other_issuer": lambda: make_token(iss="https://evil.test"),
    "subject_is_a_number": lambda: make_token(sub=5),
    "no_client": lambda: make_token(client_id=None),
    "no_id": lambda: make_token(jti=None),
    "garbage": lambda: "a.b.c",
    "huge": lambda: "a" * 60_000,
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_token_is_401_and_says_how_to_authenticate(client_for, name):
    response = await client_for(FORGED[name]()).get("identity")

    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith('Bearer error="invalid_token"')


async def test_the_forger_s_tool_makes_good_tokens_too(client_for):
    assert (await client_for(signed()).get("identity")).status_code == 200


async def test_no_token_is_401_with_a_bare_challenge(client_for):
    response = await client_for("").get("identity")

    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


async def test_a_token_for_several_audiences_passes(client_for):
    token = make_token(aud=["other", "corner-shop-api"])
    response = await client_for(token).get("identity")

    assert response.status_code == 200


async def test_a_verified_token_stops_passing_when_it_expires(client_for, monkeypatch):
    client = client_for(make_token())
    assert (await client.get("identity")).status_code == 200

    later = time.time() + 400
    monkeypatch.setattr(time, "time", lambda: later)

    assert (await client.get("identity")).status_code == 401


async def test_identity_shows_no_more_scopes_than_the_contract_allows(client_for):
    """The others count all the same."""
    scopes = [f"a{number:03}:read" for number in range(150)] + ["z:read"]

    response = await client_for(make_token(scope=" ".join(scopes))).get("identity")

    assert response.json()["scopes"] == scopes[:100]


async def test_identity_is_what_the_token_says(client_for):
    response = await client_for(make_token(scope="widgets:read a:read")).get("identity")

    assert response.json() == {
        "subject": "tester",
        "client_id": "tests",
        "scopes": ["a:read", "widgets:read"],
    }


OPERATIONS = [
    (method, path, scopes)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    for scopes in [operation.get("security", [{}])[0].get("bearer")]
]
UNKNOWN = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"


def fill(path: str) -> str:
    return "/".join(UNKNOWN if part.startswith("{") else part for part in path.split("/"))


SCOPES = sorted({scope for _, _, scopes in OPERATIONS for scope in scopes or ()})


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [(method, path, scopes[0]) for method, path, scopes in OPERATIONS if scopes],
)
async def test_of_all_scopes_an_operation_takes_its_own_alone(client_for, method, path, scope):
    url = fill(path).removeprefix("/v1/")

    own = await client_for(make_token(scope=scope)).request(method, url, json={})
    others = " ".join({*SCOPES, "admin", f"{scope}s", scope.split(":")[0]} - {scope})
    refused = await client_for(make_token(scope=others)).request(method, url, json={})

    assert own.status_code not in (401, 403)
    assert refused.status_code == 403
    assert refused.json()["detail"] == f"This needs the scope {scope}."
    assert f'scope="{scope}"' in refused.headers["www-authenticate"]


def test_only_the_probes_are_open():
    assert [path for _, path, scopes in OPERATIONS if scopes is None] == [
        "/health/live",
        "/health/ready",
    ]
