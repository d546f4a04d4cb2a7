"""/metrics for Prometheus: bounded labels, and one picture of all workers."""

import re

import httpx2
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from httpx2 import ASGITransport, AsyncClient
from starlette.background import BackgroundTask

from app.operations import telemetry
from tests.server import NO_TLS

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


def test_whichever_worker_is_asked_counts_for_all(two_workers):
    def count() -> float:
        text = httpx2.get(f"{two_workers.url}/metrics", verify=NO_TLS).text
        return counts(text).get(("GET", "/health/live", "200"), 0)

    before = count()
    for _ in range(40):
        two_workers.status("/health/live")

    assert count() == before + 40


async def test_what_runs_after_the_answer_does_not_count_as_its_duration(monkeypatch, caplog):
    clock = [1.0]
    monkeypatch.setattr("time.perf_counter", lambda: clock[0])

    async def pass_time() -> None:
        clock[0] += 100

    app = FastAPI()
    app.add_middleware(telemetry.TelemetryMiddleware, contract_version="1.0.0", https_only=False)
    app.add_route("/slow", lambda _: JSONResponse({}, background=BackgroundTask(pass_time)))
    caplog.set_level("INFO", "app.access")
    async with AsyncClient(transport=ASGITransport(app), base_url="http://api.test") as client:
        await client.get("/slow")

    [line] = [record for record in caplog.records if record.name == "app.access"]
    assert clock == [101]
    assert line.fields["duration_ms"] == 0
