"""A deployment in its middle: the new schema, new code, and an earlier release's code beside it."""

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from history import check_out
from servers import EMPTY_API, ROOT, Program, free_port

SCOPES = "categories:read categories:write products:read products:write stock:read stock:write"
ISSUER, AUDIENCE = "http://issuer.test", "corner-shop-api"
WITHOUT_MIGRATIONS = "scripts/setup && exec .venv/bin/python -m app serve"
KETTLE = {"sku": "KETTLE", "name": "Kettle", "price": {"amount_minor": 2500, "currency": "EUR"}}


# The API's own tests know how to start one; it stops when this side of the pipe is closed.
POSTGRESQL = """
import sys; from pathlib import Path; from conftest import start_postgres
server = start_postgres(Path(sys.argv[1]))
print(server.get_uri("postgres").replace("postgresql:", "postgresql+asyncpg:"), flush=True)
sys.stdin.read(); server.cleanup()
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each engine."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/api.sqlite3"
        return
    # Not in tmp_path: root's PostgreSQL runs as another user, who may not enter it.
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        Path(folder).chmod(0o755)
        with subprocess.Popen(
            [".venv/bin/python", "-c", POSTGRESQL, f"{folder}/data"],
            cwd=ROOT / "api", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as server:  # fmt: skip
            assert server.stdout
            yield server.stdout.readline().strip()
            server.communicate()


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> dict[str, str]:
    """What both have in common: the database and the issuer."""
    return {
        "DATABASE_URL": database_url,
        "AUTH_ISSUER": ISSUER,
        "AUTH_AUDIENCE": AUDIENCE,
        "AUTH_JWKS": str(tmp_path / "jwks.json"),
    }


@pytest.fixture
def headers(tmp_path: Path) -> dict[str, str]:
    """A token that the issuer has signed."""
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    (tmp_path / "jwks.json").write_text(json.dumps(KeySet([key]).as_dict(private=False)))
    now = int(time.time())
    claims = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": "tester", "client_id": "tests", "jti": "1",
        "iat": now, "exp": now + 3600, "scope": SCOPES,
    }  # fmt: skip
    token = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, claims, key)
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(params=["1.0.0", pytest.param("1.1.0", marks=pytest.mark.long)])
def both(
    request: pytest.FixtureRequest,
    releases: Path,
    tmp_path: Path,
    settings: dict[str, str],
    headers: dict[str, str],
) -> Iterator[tuple[httpx2.Client, httpx2.Client]]:
    """Callers of the earlier release and of this one, on one database of this one's schema."""
    new = Program("api", free_port(), tmp_path / "new", settings)
    new.command = EMPTY_API
    old = Program("api", free_port(), tmp_path / "old", settings)
    old.folder = check_out("api", request.param, releases)
    old.command = WITHOUT_MIGRATIONS
    new.start("/health/ready")
    old.start("/health/ready")
    with (
        httpx2.Client(base_url=f"{old.url}/v1/", headers=headers) as to_old,
        httpx2.Client(base_url=f"{new.url}/v1/", headers=headers) as to_new,
    ):
        yield to_old, to_new
    old.stop()
    new.stop()


def test_the_earlier_code_works_on_the_new_schema(
    both: tuple[httpx2.Client, httpx2.Client],
) -> None:
    old, new = both

    category = old.post("categories", json={"name": "Kitchen"}).json()
    made = old.post("products", json=KETTLE | {"category_id": category["id"]})
    path = f"products/{made.json()['id']}"
    moved = old.post(f"{path}/stock-movements", json={"quantity": 5, "reason": "received"})

    assert [made.status_code, moved.status_code] == [201, 201]
    assert new.get(path).json()["stock"] == 5

    tagged = new.patch(path, json={"tags": ["gift"]}, headers={"If-Match": "*"})
    # The earlier code knows an ETag by its version alone; any other is 412 to it.
    seen = {"If-Match": f'"{tagged.json()["version"]}"'}
    renamed = old.patch(path, json={"name": "Big kettle"}, headers=seen)

    assert [tagged.status_code, renamed.status_code] == [200, 200]
    assert {"name": "Big kettle", "tags": ["gift"]}.items() <= new.get(path).json().items()
    assert [item["name"] for item in old.get("products").json()["items"]] == ["Big kettle"]
    for words in ("kettle", "k"):  # what the earlier code wrote, and each finds it
        for caller in both:
            found = caller.get("products", params={"q": words}).json()["items"]
            assert [item["name"] for item in found] == ["Big kettle"]
    deleted = old.delete(f"categories/{category['id']}", headers={"If-Match": "*"})
    assert deleted.status_code == 409  # the product refers to it
