"""Does a page cost more in a large table, or far from its beginning? And a search?

Three databases of the API's schema, one server each, asked in turn by one caller.
"""

import json
import os
import statistics
import sys
import tempfile
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import calls
import load_generator
import postgres
import servers

SIZES = {"1,000": 1_000, "100,000": 100_000, "1,000,000": 1_000_000}
DEPTH, SECONDS = 10_000, 1.0  # pages of 50
Medians = dict[str, dict[str, float]]  # milliseconds by size, by what was asked


def run(rounds: int) -> Medians:
    """Measure; return medians of the rounds' medians."""
    server_core, other_core = (*sorted(os.sched_getaffinity(0)),)[:2]
    os.sched_setaffinity(0, {other_core})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        server = stack.enter_context(postgres.start(folder / "pg"))
        asks: dict[str, tuple[servers.Server, dict[str, list[bytes]]]] = {}
        for number, (name, rows) in enumerate(SIZES.items()):
            print(f"filling {name} rows", file=sys.stderr, flush=True)
            url = postgres.create_database(server, f"rows_{number}")
            (folder / str(number)).mkdir()
            api = servers.api(folder / str(number), url)
            servers.migrate(api)
            postgres.fill(url, 1, rows)
            stack.callback(api.stop)
            api.start(server_core)
            asks[name] = api, targets(api, url, rows)
        samples: dict[str, dict[str, list[float]]] = {
            name: {what: [] for what in wanted} for name, (_, wanted) in asks.items()
        }
        for turn in range(rounds):
            print(f"round {turn + 1}/{rounds}", file=sys.stderr, flush=True)
            for name, (api, wanted) in asks.items():
                for what, requests in wanted.items():
                    done = load_generator.run(api.port, [calls.forever(requests)], SECONDS)
                    samples[name][what].append(done.quantile(0.5) * 1000)
    return {
        name: {what: statistics.median(values) for what, values in by_what.items()}
        for name, by_what in samples.items()
    }


def targets(api: servers.Server, url: str, rows: int) -> dict[str, list[bytes]]:
    """Return what is asked of a table of this size."""
    token = servers.api_token(0)
    names = postgres.some(url, "name", 200)
    makers = sorted({name.partition(" by ")[2] for name in names})
    codes = [sku[:10] for sku in postgres.some(url, "sku", 200)]
    # One hit; two, by frequent words; one row in thirty.
    searches = {"search a code": codes, "search a name": names, "search a maker": makers}
    paths = {
        "get": [f"/v1/products/{each}" for each in postgres.some(url, "id", 500)],
        "first page": ["/v1/products?limit=50"],
    }
    for what, words in searches.items():
        paths[what] = [f"/v1/products?q={quote(each)}" for each in words]
    if rows > DEPTH * 50:
        paths["page 10,000"] = [f"/v1/products?limit=50&cursor={cursor_at(api, token)}"]
    return {what: [calls.request("GET", t, token) for t in all_] for what, all_ in paths.items()}


def cursor_at(api: servers.Server, token: str) -> str:
    """Walk to the page at the depth; return its cursor."""
    cursor = ""
    for _ in range(DEPTH * 50 // 100):
        request = urllib.request.Request(
            f"http://127.0.0.1:{api.port}/v1/products?limit=100{cursor}",
            headers={"Authorization": f"Bearer {token}"},
        )
        with urllib.request.urlopen(request) as answer:
            cursor = "&cursor=" + json.load(answer)["next_cursor"]
    return cursor.removeprefix("&cursor=")


def summary(medians: Medians) -> dict[str, Any]:
    """Return the medians, and what they promise as ratios."""
    small, large = medians["1,000"], medians["1,000,000"]
    return {
        "p50_ms": {n: {w: round(v, 3) for w, v in by.items()} for n, by in medians.items()},
        "large_table_ratio": round(large["first page"] / small["first page"], 2),
        "deep_page_ratio": round(large["page 10,000"] / small["first page"], 2),
        "search_to_get_ratio": round(large["search a code"] / large["get"], 2),
    }


def table(figures: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    columns = list(figures["p50_ms"]["1,000,000"])
    lines = [f"| rows | {' | '.join(columns)} |", "| --- |" + " ---: |" * len(columns)]
    for name, by_what in figures["p50_ms"].items():
        cells = [f"{by_what[c]:.2f} ms" if c in by_what else "" for c in columns]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
