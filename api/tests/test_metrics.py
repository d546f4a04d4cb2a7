"""/metrics for Prometheus: bounded labels, and one picture of all workers."""

import re

import httpx2
import pytest
from httpx2 import AsyncClient

from tests.server import Server

SERIES = re.compile(r'_count\{method="([^"]*)",route="([^"]*)",status="(\d+)"\} ([\d.]+)')
UNKNOWN = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"


def counts(text: str) -> dict[tuple[str, str, str], float]:
    return {(m, route, status): float(n) for m, route, status, n in SERIES.findall(text)}


async def test_counts_by_route_template_and_never_by_path(client: AsyncClient):
    before = counts((await client.get("http://api.test/metrics")).text)
    for path in ("widgets", f"widgets/{UNKNOWN}", "nothing/a", "nothing/b"):
        await client.get(path)
    await client.request("BREW", "widgets")
    text = (await client.get("http://api.test/metrics")).text

    grown = {key: n - before.get(key, 0) for key, n in counts(text).items()}
    assert grown["GET", "/v1/widgets", "200"] == 1
    assert grown["GET", "/v1/widgets/{widget_id}", "404"] == 1
    assert grown["GET", "unmatched", "404"] == 2
    assert UNKNOWN not in text
    assert "BREW" not in text


@pytest.fixture
def server(tmp_path, database):
    server = Server(tmp_path, database)
    server.migrate()
    yield server.start(workers=2)
    server.stop()


def test_whichever_worker_is_asked_counts_for_all(server):
    for _ in range(40):
        httpx2.get(f"{server.url}/health/live")

    seen = counts(httpx2.get(f"{server.url}/metrics").text)

    assert seen["GET", "/health/live", "200"] == 40
