"""Create widgets while workers are killed; count lost and doubled ones.

    .venv/bin/python -m load_tests.crash_test --creates 3000 --kills 8
    .venv/bin/python -m load_tests.crash_test --creates 3000 --kills 8 --without-keys

Sixteen threads create widgets with an ``Idempotency-Key`` and repeat what gets no answer. Every
1.2 seconds a worker is killed (SIGKILL), of two that run on a PostgreSQL of their own.
"""

import argparse
import collections
import os
import random
import signal
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import httpx2

from app.operations.command_line import Parser, between
from tests.server import Server, own_postgres
from tests.widgets.server import WidgetServer

THREADS = 16
PAUSE_SECONDS = 1.2
ATTEMPTS = 40
AGAIN = (409, 502, 503, 504)


class CrashTest:
    """One run against ``server``, which has two workers."""

    def __init__(self, server: Server, creates: int, kills: int, with_keys: bool = True) -> None:
        self.server, self.creates, self.kills = server, creates, kills
        self.with_keys = with_keys
        self.killed = 0
        self.attempts = 0
        self.answers: collections.Counter[int] = collections.Counter()
        self.acknowledged: set[str] = set()
        self._lock = threading.Lock()
        self._done = threading.Event()

    def run(self) -> dict[str, int]:
        """Create until there are enough and all kills are done; return the figures."""
        threads = [threading.Thread(target=self._work) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        while self.killed < self.kills:
            time.sleep(PAUSE_SECONDS)
            if workers := self.server.workers():  # none: both are about to be started anew
                os.kill(random.choice(workers), signal.SIGKILL)  # noqa: S311
                self.killed += 1
        while len(self.acknowledged) < self.creates and any(t.is_alive() for t in threads):
            time.sleep(0.05)
        self._done.set()
        for thread in threads:
            thread.join()
        return self._figures()

    def _work(self) -> None:
        with self.server.client(timeout=5) as client:
            while not self._done.is_set():
                name = uuid.uuid4().hex  # names may repeat: a duplicate shows
                status = self._create(client, name)
                with self._lock:
                    self.answers[status] += 1
                    if status == 201:
                        self.acknowledged.add(name)

    def _create(self, client: httpx2.Client, name: str) -> int:
        headers = {"Idempotency-Key": f'"{uuid.uuid4()}"'} if self.with_keys else {}
        status = 0
        for attempt in range(ATTEMPTS):
            code = name if self.with_keys else uuid.uuid4().hex
            body = {"code": code, "name": name}
            self.attempts += 1
            try:
                status = client.post("widgets", json=body, headers=headers).status_code
            except httpx2.TransportError:
                status = 0
            if status and status not in AGAIN:
                break
            time.sleep(min(0.05 * 1.5**attempt, 1) * random.random())  # noqa: S311
        return status

    def _figures(self) -> dict[str, int]:
        stored: collections.Counter[str] = collections.Counter()
        with self.server.client(timeout=10) as client:
            query: dict[str, str] | None = {"sort": "created_at", "limit": "100"}
            while query:
                page = client.get("widgets", params=query).json()
                stored.update(item["name"] for item in page["items"])
                cursor = page["next_cursor"]
                query = {"sort": "created_at", "limit": "100", "cursor": cursor} if cursor else None
        return {
            "creates": len(self.acknowledged),
            "attempts": self.attempts,
            "killed": self.killed,
            "failed": sum(count for status, count in self.answers.items() if status != 201),
            "duplicates": stored.total() - len(stored),
            "missing": len(self.acknowledged - stored.keys()),
        }


def main() -> None:
    """Print the figures."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creates", type=between(1, 1_000_000), default=3000)
    parser.add_argument("--kills", type=between(0, 1_000_000), default=8)
    parser.add_argument("--without-keys", action="store_true", help="what a naive retry does")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, own_postgres(Path(name)) as database:
        server = WidgetServer(Path(name), database)
        server.migrate()
        server.start(workers=2)
        figures = CrashTest(server, options.creates, options.kills, not options.without_keys).run()
        server.stop()
    sys.stdout.write(f"{figures}\n")


if __name__ == "__main__":
    main()
