"""What a hostile or a careless caller sends, to the API and to the textbook's CRUD."""

import json
import os
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import postgres
import servers

UNKNOWN = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"
PRODUCT: dict[str, Any] = {
    "sku": "A", "name": "B", "description": "", "price": {"amount_minor": 1, "currency": "EUR"},
}  # fmt: skip
REQUESTS: dict[str, tuple[str, str, Any]] = {
    "a negative limit": ("GET", "/v1/products?limit=-1", None),
    "a limit beyond 64 bits": ("GET", f"/v1/products?limit={2**70}", None),
    "NUL in a filter": ("GET", "/v1/products?status=%00&tag=%00", None),
    "NUL in a name": ("POST", "/v1/products", PRODUCT | {"name": "a\0b"}),
    "half a surrogate": ("POST", "/v1/products", PRODUCT | {"name": "\ud800"}),
    "a price beyond 64 bits": (
        "POST", "/v1/products", PRODUCT | {"price": {"amount_minor": 2**70, "currency": "EUR"}},
    ),
    "a name of 10,000 letters": ("POST", "/v1/products", PRODUCT | {"name": "x" * 10_000}),
    "a currency of the moon": (
        "POST", "/v1/products", PRODUCT | {"price": {"amount_minor": 1, "currency": "MOON"}},
    ),
    "the same SKU, the first time": ("POST", "/v1/products", PRODUCT),
    "the same SKU, the second time": ("POST", "/v1/products", PRODUCT),
    "what does not exist": ("GET", f"/v1/products/{UNKNOWN}", None),
}  # fmt: skip


def run() -> dict[str, dict[str, int]]:
    """Return the status of each request, by server."""
    core = min(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(prefix="bench-") as name, \
            postgres.start(Path(name) / "pg") as server:  # fmt: skip
        statuses: dict[str, dict[str, int]] = {what: {} for what in REQUESTS}
        for variant in ("api", "textbook"):
            url = postgres.create_database(server, variant)
            api = servers.api(Path(name), url)
            servers.migrate(api)
            asked = api if variant == "api" else servers.peer("textbook", Path(name), url)
            asked.start(core)
            try:
                for what, (method, target, body) in REQUESTS.items():
                    statuses[what][variant] = status(asked.port, method, target, body)
            finally:
                asked.stop()
    return statuses


def status(port: int, method: str, target: str, body: Any) -> int:
    """Send a request; return the status of its answer."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{target}",
        method=method,
        data=json.dumps(body).encode() if body else None,
        headers={
            "Authorization": f"Bearer {servers.api_token(0)}",
            "Content-Type": "application/json",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def table(statuses: dict[str, dict[str, int]]) -> str:
    """Return the statuses as Markdown."""
    lines = ["| sent | this API | the textbook |", "| --- | ---: | ---: |"]
    lines += [f"| {what} | {by['api']} | {by['textbook']} |" for what, by in statuses.items()]
    failed = sum(by["textbook"] >= 500 for by in statuses.values())
    print(f"{failed} of {len(statuses)} broke the textbook", file=sys.stderr)
    return "\n".join(lines)
