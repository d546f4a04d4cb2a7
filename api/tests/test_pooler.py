"""A real PgBouncer between this API and PostgreSQL: taken, or refused at the start in one line.

``PGBOUNCER`` names its command; without it, the one on the PATH is taken. The cells that need one
are skipped where there is none.
"""

import asyncio
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import make_url

from app.database.pooler import PoolerRefused, refuse_old_pooler
from conftest import make_token
from tests.bounds import UNKNOWN
from tests.widgets.application import create
from tests.widgets.factory import WIDGET

WAIT_SECONDS, NEVER_SECONDS = 1, 600
COMMAND = shlex.split(os.environ.get("PGBOUNCER", shutil.which("pgbouncer") or ""))
needs_pgbouncer = pytest.mark.skipif(not COMMAND, reason="there is no PgBouncer here")


def keeps_statements(version: str) -> bool:
    return tuple(map(int, version.split(".")[:2])) >= (1, 21)


@pytest.fixture(scope="module")
def version() -> str:
    said = subprocess.check_output([*COMMAND, "--version"], text=True)
    return said.split()[1]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that another user can read: like PostgreSQL, it does not run as root."""
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def pooler(database: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a PgBouncer in front of the database, in a mode and with a size of its pool."""
    mode, size, kept = request.param
    url = make_url(database)
    host = url.query.get("host") or url.host
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "users").write_text('"postgres" ""\n')
    (folder / "ini").write_text(
        f"[databases]\nshop = host={host} port={url.port or 5432} "
        f"dbname={url.database} user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = any\nauth_file = {folder / 'users'}\npool_mode = {mode}\n"
        f"default_pool_size = {size}\nignore_startup_parameters = extra_float_digits\n"
        f"query_wait_timeout = {WAIT_SECONDS}\n"
        + ("max_prepared_statements = 0\n" if not kept else "")
    )
    as_other = ["-u", Path(str(host)).owner()] if os.getuid() == 0 else []
    process = subprocess.Popen([*COMMAND, "-q", *as_other, str(folder / "ini")])
    yield f"postgresql+asyncpg://postgres@127.0.0.1:{port}/shop"
    process.terminate()
    process.wait()


async def reachable(url: str) -> None:
    """Return once a statement without a name is answered."""
    dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    async with asyncio.timeout(20):
        while True:
            try:
                connection = await asyncpg.connect(dsn, statement_cache_size=0)
            except ConnectionRefusedError:
                await asyncio.sleep(0.02)
            else:
                await connection.execute("SELECT 1")
                await connection.close()
                return


@needs_pgbouncer
@pytest.mark.parametrize("pooler", [("transaction", n, True) for n in (1, 2, 20)], indirect=True)
async def test_an_old_pooler_is_refused_and_a_new_one_is_taken(pooler, version):
    await reachable(pooler)

    if keeps_statements(version):
        await refuse_old_pooler("DATABASE_URL", pooler)
    else:
        with pytest.raises(PoolerRefused, match=r"^DATABASE_URL: .* PgBouncer 1\.21 "):
            await refuse_old_pooler("DATABASE_URL", pooler)


@needs_pgbouncer
@pytest.mark.parametrize("pooler", [("transaction", n, False) for n in (1, 2, 20)], indirect=True)
async def test_a_new_pooler_that_keeps_no_statements_is_refused(pooler, version):
    if not keeps_statements(version):
        pytest.skip("this one has no max_prepared_statements")
    await reachable(pooler)

    with pytest.raises(PoolerRefused):
        await refuse_old_pooler("DATABASE_URL", pooler)


@needs_pgbouncer
@pytest.mark.parametrize("pooler", [("session", n, True) for n in (1, 2, 20)], indirect=True)
async def test_a_pooler_of_whole_sessions_is_taken(pooler):
    await reachable(pooler)

    await refuse_old_pooler("DATABASE_URL", pooler)


@needs_pgbouncer
@pytest.mark.parametrize("pooler", [("transaction", 2, True)], indirect=True)
async def test_the_start_is_refused_in_one_line(pooler, version):
    if keeps_statements(version):
        pytest.skip("this one is taken")
    await reachable(pooler)

    ended = subprocess.run(
        [sys.executable, "-m", "app", "serve", "--port", "0"],
        env=os.environ | {"READ_DATABASE_URL": pooler},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 2
    assert ended.stderr.startswith("READ_DATABASE_URL: its pooler loses prepared statements")
    assert ended.stderr.count("\n") == 1


@needs_pgbouncer
@pytest.mark.any_engine
@pytest.mark.parametrize("pooler", [("transaction", n, True) for n in (1, 2)], indirect=True)
async def test_without_a_free_session_the_answer_is_503_after_the_pooler_s_limit(
    pooler, version, settings, request
):
    """It comes while all sessions are still held, and long before a statement's own limit."""
    if not keeps_statements(version):
        pytest.skip("this one is refused")
    await reachable(pooler)
    dsn = make_url(pooler).set(drivername="postgresql").render_as_string(hide_password=False)
    held = [await asyncpg.connect(dsn, statement_cache_size=0) for _ in range(2)]
    for each in held[: request.node.callspec.params["pooler"][1]]:
        await each.execute("BEGIN")
    behind = {"database_url": pooler, "statement_timeout_seconds": NEVER_SECONDS}
    app = create(settings.model_copy(update=behind))

    async with (
        app.router.lifespan_context(app),
        AsyncClient(
            transport=ASGITransport(app),
            base_url="http://api.test/v1/",
            headers={"Authorization": f"Bearer {make_token()}"},
        ) as client,
    ):
        answers = await asyncio.gather(
            client.get(f"widgets/{UNKNOWN}"), client.post("widgets", json=WIDGET)
        )

    assert [each.status_code for each in answers] == [503, 503]
    for each in held:
        each.terminate()


async def test_a_server_without_a_pooler_is_taken(database):
    await refuse_old_pooler("DATABASE_URL", database)


async def test_a_database_that_is_away_does_not_stop_the_start():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"postgresql+asyncpg://postgres@127.0.0.1:{closed.getsockname()[1]}/shop"
        await refuse_old_pooler("DATABASE_URL", url)
