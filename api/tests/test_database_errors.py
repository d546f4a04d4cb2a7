"""Each error of a database has one answer: 503, 409, 422, or 500 with a traceback in the log."""

import asyncio
import contextlib
import logging
import os
import re
import signal
import sqlite3
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI, Request
from fastapi import Response as Answer
from httpx2 import ASGITransport, AsyncClient, Response
from sqlalchemy import Select, bindparam, column, exists, func, select, table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.database.constraints import Violation
from app.database.errors import DROPPED, UNAVAILABLE, Condition, classify
from app.http import exception_handlers
from app.http.dependencies import ReaderDep, SessionDep
from app.http.idempotency import Key
from app.http.one_statement import KEYS, claim, store_answer
from app.http.writes import WriteDep
from app.main import create_app
from app.settings import Settings
from conftest import start_postgres

CLASSES = {
    str(kind.sqlstate): kind
    for kind in vars(asyncpg.exceptions).values()
    if getattr(kind, "sqlstate", None)
}
CODES = sorted(code for code in CLASSES if re.fullmatch("[0-9A-Z]{5}", code) and code != "00000")
NO_CODE = [
    kind
    for kind in vars(asyncpg.exceptions).values()
    if isinstance(kind, type) and issubclass(kind, Exception) and kind.__name__ not in ("Warning",)
    if not getattr(kind, "sqlstate", None)
    and not issubclass(kind, (Warning, asyncpg.PostgresError))
    if kind is not asyncpg.PostgresLogMessage
]
# What Appendix A of PostgreSQL's manual says of these classes and codes; the rest is our mistake.
PASSES = (
    "08", "25006", "25P03", "25P04", "26", "28", "3D", "40", "42P05", "53", "55000", "55006",
    "55P03", "57", "58", "72", "F0", "HV00N", "XX",
)  # fmt: skip
CALLERS = (
    "22000", "22001", "22003", "22007", "22008", "22021", "22P02", "22P05", "54000"
)  # fmt: skip
WAYS = ["read", "pool", "session", "write", "once"]
FAIL: Any = select(func.fail(bindparam("code")))
TABLES = """
CREATE FUNCTION fail(code text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF code = '00000' THEN RETURN 'well'; END IF;
  IF code = 'ended' THEN PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(1); END IF;
  IF code = '23505' THEN RAISE EXCEPTION USING ERRCODE = code, CONSTRAINT = 'uq_known'; END IF;
  RAISE EXCEPTION USING ERRCODE = code;
END $$
"""
# It lacks no migration: a newer release has migrated it.
NEWER = "CREATE TABLE alembic_version AS SELECT 'newer' AS version_num"


@pytest.fixture(scope="module")
def settings() -> Settings:
    """Any settings: each test has a database of its own."""
    return Settings(_env_file=None)


def status_of(code: str) -> int:
    if code == "23505":
        return 409
    return 422 if code in CALLERS else 503 if code.startswith(PASSES) else 500


def add_routes(app: FastAPI, statement: Any) -> None:
    """Run a statement in each of the ways that a statement can go."""
    exception_handlers.install(app, {"uq_known": Violation("#/name", "taken", "Taken.")})

    stored = store_answer(claim()).returning(KEYS.c.status).cte("stored")
    done = exists(select(stored.c.status)).label("done")
    with_key = statement.add_columns(done) if isinstance(statement, Select) else statement

    @app.get("/read/{code}")
    async def read(reader: ReaderDep, code: str) -> list[str]:
        return [row[0] for row in await reader.all(statement, {"code": code})]

    @app.get("/pool/{code}")
    async def pool(request: Request, code: str) -> list[str]:
        rows = await request.app.state.database.asyncpg_reader.run(statement, {"code": code})
        return [row[0] for row in rows]

    @app.get("/write/{code}")
    async def write(write: WriteDep, code: str) -> list[str]:
        row = await write.run(statement, {"code": code})
        return [row[0]] if row else []

    @app.get("/once/{code}")
    async def once(write: WriteDep, code: str) -> list[str]:
        """As a write with a key: what fails is in one statement with the key's row."""
        write.key = Key("caller", uuid.uuid4().hex, b"", "")
        row = await write.run(with_key, {"code": code}, Answer(b"{}"))
        return [row[0]] if row else []

    @app.get("/session/{code}")
    async def session(session: SessionDep, code: str) -> list[str]:
        return [row[0] for row in await session.execute(statement, {"code": code})]


@pytest.fixture
async def database(database: str) -> str:
    """A database of a newer release, with the table of keys alone."""
    engine = create_async_engine(database, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(KEYS.create)
        await connection.exec_driver_sql(NEWER)
    await engine.dispose()
    return database


@contextlib.asynccontextmanager
async def serving(
    settings: Settings, url: str, statement: Any = FAIL, **changes: object
) -> AsyncIterator[AsyncClient]:
    app = create_app(settings.model_copy(update={"database_url": url, **changes}))
    add_routes(app, statement)
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url="http://api.test") as client,
    ):
        yield client


async def execute(url: str, *statements: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    async with engine.connect() as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)
    await engine.dispose()


class TestPostgresql:
    @pytest.mark.parametrize("way", WAYS)
    async def test_every_code_has_its_answer(
        self, settings, database, way, caplog, long, record_property
    ):
        """Without --long, each code comes in one of the ways, and each answer in all of them."""
        codes = CODES if long else [*CODES[WAYS.index(way) :: len(WAYS)], "22003", "23505"]
        await execute(database, TABLES)
        wrong = []
        async with serving(settings, database) as client:
            for code in codes:
                caplog.clear()
                response = await client.get(f"/{way}/{code}")
                traces = [each for each in caplog.records if each.message == "unhandled error"]
                well = await client.get(f"/{way}/00000")
                if (
                    response.status_code != status_of(code)
                    or (response.headers.get("retry-after") is not None)
                    != (response.status_code == 503)
                    or bool(traces) != (response.status_code == 500)
                    or well.json() != ["well"]
                ):
                    wrong.append((code, response.status_code, len(traces), well.status_code))

        record_property(
            "errors of PostgreSQL, by the ways of a statement", (len(codes), len(CODES))
        )
        assert wrong == []
        assert len(CODES) > 250
        assert {status_of(code) for code in codes} == {409, 422, 500, 503}

    @pytest.mark.parametrize("way", WAYS)
    async def test_a_session_that_was_ended_is_503_or_asked_again(self, settings, database, way):
        await execute(database, TABLES)
        async with serving(settings, database) as client:
            ended = await client.get(f"/{way}/ended")
            well = await client.get(f"/{way}/00000")

        assert ended.status_code == 503
        assert well.json() == ["well"]

    @pytest.mark.parametrize("way", WAYS)
    async def test_a_session_that_was_ended_while_it_idled_costs_nobody_an_answer(
        self, settings, database, way
    ):
        await execute(database, TABLES)
        async with serving(settings, database) as client:
            await client.get(f"/{way}/00000")
            others = "FROM pg_stat_activity WHERE datname = current_database()"
            await execute(
                database,
                f"SELECT pg_terminate_backend(pid, 5000) {others} AND pid <> pg_backend_pid()",
            )
            await asyncio.sleep(0)  # the driver hears of it

            assert (await client.get(f"/{way}/00000")).json() == ["well"]

    @pytest.mark.parametrize("way", WAYS)
    async def test_a_widened_column_costs_a_session_one_503_at_most(self, settings, database, way):
        await execute(
            database, "CREATE TABLE shapes (name varchar(9))", "INSERT INTO shapes VALUES ('a')"
        )
        shapes = table("shapes", column("name"))
        statement = select(shapes.c.name).where(shapes.c.name != bindparam("code"))
        async with serving(settings, database, statement) as client:
            for width in (20, 30):
                await client.get(f"/{way}/b")
                await execute(
                    database, f"ALTER TABLE shapes ALTER COLUMN name TYPE varchar({width})"
                )
                await execute(database, "ALTER TABLE shapes ALTER COLUMN name TYPE text")
                answers = [(await client.get(f"/{way}/b")).status_code for _ in range(3)]

                assert answers[1:] == [200, 200]
                assert answers[0] in ((200, 503) if way == "session" else (200,))

    async def test_values_that_the_driver_refuses_are_422_and_of_another_type_500(
        self, settings, database
    ):
        async with serving(settings, database, select(text("CAST(:code AS text)"))) as client:
            assert (await client.get("/session/a%00b")).status_code == 422
        async with serving(settings, database, select(text("CAST(:code AS int)"))) as client:
            assert (await client.get("/session/1")).status_code == 500


class TestDriver:
    @pytest.mark.parametrize("kind", NO_CODE, ids=lambda kind: kind.__name__)
    def test_its_own_errors_drop_the_connection(self, kind, record_property):
        record_property("errors of the driver's own", 1)
        assert classify(kind("")) in DROPPED

    @pytest.mark.parametrize("error", [ConnectionResetError(), TimeoutError(), OSError()])
    def test_the_network_s_errors_drop_the_connection(self, error):
        assert classify(error) is Condition.LOST


SQLITE_CODES = {
    name: getattr(sqlite3, name)
    for name in dir(sqlite3)
    if re.match("SQLITE_(ABORT|BUSY|CANTOPEN|CONSTRAINT|CORRUPT|ERROR|FULL|INTERNAL|INTERRUPT|IOERR"
                "|LOCKED|MISMATCH|MISUSE|NOLFS|NOMEM|NOTADB|NOTFOUND|PERM|PROTOCOL|RANGE|READONLY"
                "|SCHEMA|TOOBIG)", name)
}  # fmt: skip
OURS = ("ERROR", "MISMATCH", "MISUSE", "NOTFOUND", "RANGE")


class TestSqlite:
    @pytest.mark.parametrize("name", SQLITE_CODES)
    def test_every_code_has_its_condition(self, name, record_property):
        record_property("codes of SQLite", 1)
        error = sqlite3.OperationalError()
        error.sqlite_errorcode = SQLITE_CODES[name]
        kind = name.split("_")[1]
        expected = {"CONSTRAINT": (Condition.CONSTRAINT,), "TOOBIG": (Condition.VALUE,)}
        rest = (Condition.BUG,) if kind in OURS else UNAVAILABLE

        assert classify(error) in expected.get(kind, rest)

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        file = tmp_path / "shop.sqlite3"
        with contextlib.closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE shapes (name text)")
            connection.execute("INSERT INTO shapes VALUES ('a')")
            connection.commit()
        return file

    async def ask(self, settings: Settings, file: Path, path: str, sql: str) -> Response:
        statement = select(text(sql))
        async with serving(settings, f"sqlite+aiosqlite:///{file}", statement) as client:
            return await client.get(path)

    @pytest.mark.parametrize("way", ["read", "session"])
    @pytest.mark.parametrize("damage", ["no database", "a folder", "damaged pages"])
    async def test_a_file_that_is_none_is_503(self, settings, file, way, damage):
        if damage == "a folder":
            file.unlink()
            file.mkdir()
        elif damage == "no database":
            file.write_bytes(b"no database" * 1000)
        else:
            content = bytearray(file.read_bytes())
            content[110:] = b"\xff" * (len(content) - 110)
            file.write_bytes(content)

        response = await self.ask(
            settings, file, f"/{way}/a", "name FROM shapes WHERE name = :code"
        )

        assert response.status_code == 503
        assert response.headers["retry-after"] == "1"

    async def test_a_full_disk_a_read_only_file_and_a_lock_are_503_and_pass(
        self, settings, file, caplog
    ):
        app = create_app(
            settings.model_copy(update={"database_url": f"sqlite+aiosqlite:///{file}"})
        )
        transport = ASGITransport(app, raise_app_exceptions=False)

        @app.post("/fill")
        async def fill(session: SessionDep, pragma: str = "", undo: str = "") -> None:
            if pragma:
                await session.execute(text(f"PRAGMA {pragma}"))
            try:
                await session.execute(text("INSERT INTO shapes VALUES (zeroblob(99999))"))
            finally:
                if undo:
                    await session.execute(text(f"PRAGMA {undo}"))

        async with (
            app.router.lifespan_context(app),
            AsyncClient(transport=transport, base_url="http://api.test") as client,
        ):
            assert (await client.post("/fill?pragma=max_page_count=3")).status_code == 503
            assert (await client.post("/fill")).status_code == 200
            assert (await client.post("/fill?pragma=query_only=ON")).status_code == 503
            assert (await client.post("/fill")).status_code == 200
            await client.post("/fill?undo=busy_timeout=10")
            with contextlib.closing(sqlite3.connect(file)) as other:
                other.execute("BEGIN IMMEDIATE")
                assert (await client.post("/fill")).status_code == 503
            assert (await client.post("/fill")).status_code == 200
        assert "unhandled error" not in caplog.text

    async def test_a_number_that_it_cannot_hold_is_a_value(self, settings, file):
        app = create_app(
            settings.model_copy(update={"database_url": f"sqlite+aiosqlite:///{file}"})
        )
        async with app.router.lifespan_context(app), app.state.database.write.connect() as one:
            with pytest.raises(DBAPIError) as raised:
                await one.execute(text("SELECT :n"), {"n": 2**63})

        assert classify(raised.value) is Condition.VALUE


async def test_an_oserror_of_anybody_else_is_500_with_a_trace(settings, database, caplog):
    app = create_app(settings.model_copy(update={"database_url": database}))

    @app.get("/missing")
    async def missing() -> None:
        raise FileNotFoundError("template.html")

    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://api.test") as client:
        with caplog.at_level(logging.ERROR, "app"):
            response = await client.get("/missing")

    assert response.status_code == 500
    assert "template.html" in caplog.text


@pytest.fixture
async def postgres(postgres_folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[object]:
    """A PostgreSQL that a test may stop."""
    server = start_postgres(postgres_folder / f"own{abs(hash(request.node.name))}")
    yield server
    server.ensure_postgres_running()
    server.cleanup()


def processes(postmaster: int) -> Iterator[int]:
    yield postmaster
    yield from map(int, Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split())


class TestReadiness:
    async def test_read_only_is_not_ready_and_well_again_without_help(self, settings, database):
        await execute(database, TABLES, "CREATE TABLE shapes (name text)")
        insert = text("INSERT INTO shapes VALUES ('a') RETURNING name").columns(column("name"))
        name = database.rsplit("/", 1)[1].split("?")[0]
        async with serving(settings, database, insert) as client:

            async def statuses() -> list[int]:
                paths = ("/health/ready", "/session/a")
                return [(await client.get(path)).status_code for path in paths]

            assert await statuses() == [200, 200]
            await execute(
                database,
                f"ALTER DATABASE {name} SET default_transaction_read_only = on",
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            assert await statuses() == [503, 503]
            assert (await client.get("/health/ready")).json()["detail"] == (
                "The database accepts no changes."
            )
            await execute(
                database,
                "SET default_transaction_read_only = off",
                f"ALTER DATABASE {name} RESET default_transaction_read_only",
            )
            async with asyncio.timeout(10):
                while await statuses() != [200, 200]:
                    await asyncio.sleep(0.1)

    async def test_a_write_tells_readiness_that_the_database_is_read_only(self, settings, database):
        """Sessions of the time before do not know it."""
        await execute(database, "CREATE TABLE shapes (name text)")
        insert = text("INSERT INTO shapes VALUES ('a') RETURNING name").columns(column("name"))
        name = database.rsplit("/", 1)[1].split("?")[0]
        async with serving(settings, database, insert) as client:
            assert (await client.get("/health/ready")).status_code == 200
            await execute(database, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
            assert (await client.get("/session/a")).status_code == 503

            assert (await client.get("/health/ready")).status_code == 503

    async def test_a_database_that_hangs_is_not_ready_in_bounded_time(self, settings, postgres):
        url = postgres.get_uri("postgres").replace("postgresql://", "postgresql+asyncpg://")
        postmaster = int((Path(postgres.pgdata) / "postmaster.pid").read_text().split()[0])
        await execute(url, "DROP TABLE IF EXISTS alembic_version", NEWER)
        async with serving(settings, url) as client:
            assert (await client.get("/health/ready")).status_code == 200
            for process in processes(postmaster):
                os.kill(process, signal.SIGSTOP)
            try:
                async with asyncio.timeout(30):  # the statement's own time, twice, and no end else
                    answers = [(await client.get("/health/ready")).status_code for _ in range(2)]
            finally:
                for process in [*processes(postmaster)]:
                    with contextlib.suppress(ProcessLookupError):  # its client may have left
                        os.kill(process, signal.SIGCONT)
            assert answers == [503] * 2
            async with asyncio.timeout(10):
                while (await client.get("/health/ready")).status_code != 200:
                    await asyncio.sleep(0.1)
