"""Send requests without repeats while servers are restarted; count the failures.

.venv/bin/python -m load_tests.load_test --restarts 10            two workers on one port
.venv/bin/python -m load_tests.load_test --restarts 10 --proxy    two servers behind a proxy
"""

import argparse
import contextlib
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

import httpx2

from app.operations.command_line import Parser, between
from load_tests.proxy import Proxy
from tests.server import Server, caller, own_postgres
from tests.widgets.server import WidgetServer

PERSISTENT, RENEWING = (
    12,
    4,
)  # clients with one connection, and clients with a new one for each request
PAUSE_SECONDS = 0.1  # at most; so that some connections are idle when the server stops
DRAIN_SECONDS = 0.5  # a few of the proxy's probes
QUIET_SECONDS = 20


class Load:
    """Asks as long as the ``with`` block runs; ``failed`` has what was not answered well."""

    def __init__(self, url: str, pause: float = PAUSE_SECONDS) -> None:
        self._url, self._pause = url, pause
        self._done = threading.Event()
        self.seconds: list[float] = []
        self.failed: list[str] = []

    def __enter__(self) -> Self:
        limits = [httpx2.Limits()] * PERSISTENT
        limits += [httpx2.Limits(max_keepalive_connections=0)] * RENEWING
        self._threads = [threading.Thread(target=self._work, args=(each,)) for each in limits]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _work(self, limits: httpx2.Limits) -> None:
        with caller(self._url, timeout=5, limits=limits) as client:
            while not self._done.is_set():
                started = time.monotonic()
                try:
                    answer = self._ask(client)
                    if not answer.is_success:
                        self.failed.append(answer.text)
                except httpx2.TransportError as error:
                    self.failed.append(repr(error))
                self.seconds.append(time.monotonic() - started)
                time.sleep(random.random() * self._pause)  # noqa: S311

    def _ask(self, client: httpx2.Client) -> httpx2.Response:
        if random.random() < 0.8:  # noqa: S311
            return client.get("widgets", params={"limit": 10})
        return client.post("widgets", json={"code": random.randbytes(16).hex()})  # noqa: S311

    def figures(self) -> dict[str, float]:
        """Return how many there were and how long they took, in milliseconds."""
        percentiles = statistics.quantiles(self.seconds, n=100)
        p50, p99 = (round(percentiles[n - 1] * 1000, 1) for n in (50, 99))
        return {"requests": len(self.seconds), "failed": len(self.failed), "p50": p50, "p99": p99}


class Deployment:
    """Two workers: of one server on one port, or of two servers behind a proxy."""

    def __init__(self, folder: Path, database: str, proxy: bool) -> None:
        self._stack = contextlib.ExitStack()
        self._servers: list[Server] = []
        for name in ("one", "two") if proxy else ("both",):
            (folder / name).mkdir()
            server = WidgetServer(folder / name, database, DRAIN_SECONDS=str(DRAIN_SECONDS))
            server.migrate()
            self._stack.callback(server.start(workers=1 if proxy else 2).stop)
            self._servers.append(server)
        self._proxy = self._stack.enter_context(Proxy(self._servers)) if proxy else None
        self.url = (self._proxy or self._servers[0]).url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def restart(self) -> None:
        """Replace both workers, one after the other."""
        if not self._proxy:
            self._servers[0].replace_workers()
            return
        for server in self._servers:
            server.stop()
            server.start()
            while server not in self._proxy.ready:  # or there would be no server for a moment
                time.sleep(0.01)


def main() -> None:
    """Print what the callers saw in a quiet time, and during the restarts."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--restarts", type=between(1, 1_000_000), default=10)
    parser.add_argument("--proxy", action="store_true")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        own_postgres(Path(name)) as database,
        Deployment(Path(name), database, options.proxy) as deployment,
    ):
        with Load(deployment.url) as quiet:
            time.sleep(QUIET_SECONDS)
        with Load(deployment.url) as restarted:
            for _ in range(options.restarts):
                deployment.restart()
    sys.stdout.write(f"quiet:     {quiet.figures()}\nrestarted: {restarted.figures()}\n")
    sys.stdout.writelines(f"{failure}\n" for failure in quiet.failed + restarted.failed)


if __name__ == "__main__":
    main()
