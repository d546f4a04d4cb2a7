"""Metrics for Prometheus: requests by route template, never by path.

``python -m app serve`` with several workers lets them share their counts in a folder
(PROMETHEUS_MULTIPROC_DIR), so that it does not matter which one is asked.
"""

import os
from functools import cache

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
REQUESTS = Histogram(
    "http_server_request_duration_seconds",
    "Time to answer, by method, route template and status.",
    ["method", "route", "status"],
    buckets=BUCKETS,
)
METHODS = frozenset(("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"))


@cache
def _series(method: str, route: str, status: int) -> Histogram:
    return REQUESTS.labels(method, route, status)


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request; unknown methods are counted together."""
    _series(method if method in METHODS else "other", route, status).observe(seconds)


def install(app: FastAPI) -> None:
    """Add ``/metrics``. It needs no token, so let only the scraper reach it."""

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        registry = REGISTRY
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
