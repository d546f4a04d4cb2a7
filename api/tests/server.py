"""The API as a program of its own, with workers, on a free port and a database of its own."""

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import httpx2
from joserfc.jwk import KeySet

from conftest import AUDIENCE, ISSUER, KEY, LOCALE, make_token, migrate, start_postgres

ROOT = Path(__file__).parent.parent
# For clients of plain HTTP: to read the certificates that the system trusts takes 30 ms each time.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def own_postgres(folder: Path) -> Iterator[str]:
    """Give the URL of an empty database on a server that runs as long."""
    server = start_postgres(folder / "postgres")
    server.psql(f"CREATE DATABASE shop {LOCALE}")
    yield server.get_uri("shop").replace("postgresql://", "postgresql+asyncpg://")
    server.cleanup()


def caller(url: str, **options: object) -> httpx2.Client:
    """Return a client that may do everything for an hour."""
    token = make_token(exp=int(time.time()) + 3600)
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.Client(base_url=f"{url}/v1/", headers=headers, verify=NO_TLS, **options)  # type: ignore[arg-type]


class Server:
    """``python -m app serve``; what it says goes to ``log``."""

    program: tuple[str, ...] = ("-m", "app", "serve")

    def __init__(self, folder: Path, database_url: str, **variables: str) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.log = folder / "server.log"
        jwks = folder / "jwks.json"
        jwks.write_text(json.dumps(KeySet([KEY]).as_dict(private=False)))
        self.environment = os.environ | {
            "DATABASE_URL": database_url,
            "AUTH_ISSUER": ISSUER,
            "AUTH_AUDIENCE": AUDIENCE,
            "AUTH_JWKS": str(jwks),
            "RATE_LIMIT_PER_MINUTE": "1000000",
            **variables,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def migrate(self) -> None:
        """Bring the schema up to date."""
        migrate(self.environment["DATABASE_URL"])

    def start(self, workers: int = 1, ready: str = "/health/ready") -> Self:
        """Start, and return once ``ready`` answers."""
        port = self.url.rsplit(":", 1)[1]
        command = [sys.executable, *self.program, "--port", port, "--workers", str(workers)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 120
        while self.status(ready) != 200:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)
        return self

    def status(self, path: str) -> int:
        """Return the status of a GET; 0 if nobody answers."""
        try:
            return httpx2.get(self.url + path, timeout=5, verify=NO_TLS).status_code
        except httpx2.TransportError:
            return 0

    def workers(self) -> list[int]:
        """Return the ids of the worker processes."""
        assert self.process is not None
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [child for child in map(int, children) if _runs(child, "spawn_main")]

    def replace_workers(self, seconds: float = 60) -> None:
        """Put a new worker into each one's place, and return once all are there (SIGHUP).

        A new worker has five seconds to get ready; else the old one stays, and it is asked again.
        """
        assert self.process is not None
        old, asked = set(self.workers()), 0
        deadline = time.monotonic() + seconds
        while len(new := set(self.workers())) != len(old) or new & old:
            assert time.monotonic() < deadline, self.said()
            if asked <= self.said().count("aborting the restart"):
                self.process.send_signal(signal.SIGHUP)
                asked += 1
            time.sleep(0.1)

    def said(self) -> str:
        """Return the log without the lines of requests."""
        lines = self.log.read_text().splitlines(keepends=True)
        return "".join(line for line in lines if '"app.access"' not in line)

    def client(self, **options: object) -> httpx2.Client:
        """Return a client that may do everything for an hour."""
        return caller(self.url, **options)

    def stop(self) -> int:
        """Ask it to stop; return its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def _runs(pid: int, text: str) -> bool:
    """Tell whether a process has ``text`` in its command line; one that has ended has none."""
    try:
        return text in Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
