"""Does a page cost more in a large table, or far from its beginning? A search, a filter?

Three databases of the API's schema, one server each, asked in turn by one caller. Each product has
a movement. Processor time is that of the API and of PostgreSQL together.
"""

import json
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import calls
import load_generator
import postgres
import servers

SIZES = {"1,000": 1_000, "100,000": 100_000, "1,000,000": 1_000_000}
QUICK = {name: rows for name, rows in SIZES.items() if rows <= 100_000}
DEPTH, SECONDS, CROWD = 10_000, 1.0, 8  # pages of 50; people who open the landing page at once
# In processor time of a get.
WANTED = {
    "statistics": 8, "by category": 3, "by status": 3, "by status, no hit": 3, "by tag": 3,
    "by rare tag": 3, "by tag, no hit": 3, "two letters": 3, "two letters, no hit": 3,
    "a letter": 3, "a letter, no hit": 3, "two Cyrillic letters, no hit": 3, "Chinese, no hit": 3,
    "search a code": 5, "search a maker": 5, "search a thing": 5,
}  # fmt: skip


class Cost(NamedTuple):
    """Of one request."""

    ms: float
    cpu_us: float


Samples = dict[str, dict[str, list[Cost]]]  # by size, by what was asked, one a round


def run(rounds: int, sizes: dict[str, int]) -> tuple[Samples, float]:
    """Measure; return the samples, and the seconds that a crowd waits for the first statistics."""
    server_core, other_core = (*sorted(os.sched_getaffinity(0)),)[:2]
    os.sched_setaffinity(0, {other_core})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        server = stack.enter_context(postgres.start(folder / "pg"))
        asks: dict[str, tuple[servers.Server, dict[str, list[bytes]]]] = {}
        processes = postgres.Processes(folder / "pg")
        crowd = 0.0
        for number, (name, rows) in enumerate(sizes.items()):
            print(f"filling {name} rows", file=sys.stderr, flush=True)
            started = time.perf_counter()
            url = postgres.create_database(server, f"rows_{number}")
            (folder / str(number)).mkdir()
            api = servers.api(folder / str(number), url)
            servers.migrate(api)
            postgres.fill(url, 1, rows)
            stack.callback(api.stop)
            print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
            api.start(server_core)
            asks[name] = api, targets(api, url, rows)
            crowd = ask_at_once(api)
        samples: Samples = {
            name: {what: [] for what in wanted} for name, (_, wanted) in asks.items()
        }
        for turn in range(rounds):
            print(f"round {turn + 1}/{rounds}", file=sys.stderr, flush=True)
            for name, (api, wanted) in asks.items():
                for what, requests in wanted.items():
                    before = api.cpu_seconds() + processes.cpu_seconds()
                    try:
                        done = load_generator.run(api.port, [calls.forever(requests)], SECONDS)
                    except RuntimeError as error:  # as a 503, which is worth a line of its own
                        print(f"{name} rows, {what}: {error}", file=sys.stderr, flush=True)
                        continue
                    used = api.cpu_seconds() + processes.cpu_seconds() - before
                    cost = Cost(done.quantile(0.5) * 1000, used / done.requests * 1e6)
                    samples[name][what].append(cost)
    return samples, crowd


def ask_at_once(api: servers.Server) -> float:
    """Let a crowd ask for statistics that nobody has asked for yet; return the seconds it waits.

    RuntimeError if one of them gets no answer, as a 503.
    """
    ask = calls.request("GET", "/v1/statistics", servers.api_token(0))
    started = time.perf_counter()
    load_generator.run(api.port, [calls.forever([ask])] * CROWD, 0)
    return time.perf_counter() - started


def targets(api: servers.Server, url: str, rows: int) -> dict[str, list[bytes]]:
    """Return what is asked of a table of this size."""
    token = servers.api_token(0)
    names = postgres.some(url, "name", 200)
    makers = sorted({name.partition(" by ")[2] for name in names})
    codes = [sku[:10] for sku in postgres.some(url, "sku", 200)]
    # One hit; two, by frequent words; one row in thirty, in forty; in twenty, the last of all.
    searches = {
        "search a code": codes,
        "search a name": names,
        "search a maker": makers,
        "search a thing": ["teapot", "lantern"],
        "search the last word": ["white"],
    }
    paths = {
        "get": [f"/v1/products/{each}" for each in postgres.some(url, "id", 500)],
        "first page": ["/v1/products?limit=50"],
        "statistics": ["/v1/statistics"],
    }
    [category] = postgres.some(url, "id", 1, "categories WHERE name = 'white'")
    filters = {
        "by category": f"category_id={category}",
        "by status": "status=active",
        "by status, no hit": "status=archived",
        "by tag": "tag=gift",
        "by rare tag": "tag=rare",
        "by tag, no hit": "tag=nothing",
        "two letters": "q=mu",
        "two letters, no hit": "q=zq",
        "a letter": "q=m",
        "a letter, no hit": f"q={quote('й')}",
        "two Cyrillic letters, no hit": f"q={quote('ча')}",
        "Chinese, no hit": f"q={quote('茶')}",
    }
    for what, query in filters.items():
        paths[what] = [f"/v1/products?limit=50&{query}"]
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


def summary(samples: Samples, crowd: float) -> dict[str, Any]:
    """Return the medians, and what they promise as ratios."""
    medians = {
        name: {
            what: Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))
            for what, costs in by_what.items()
            if costs
        }
        for name, by_what in samples.items()
    }
    names = list(medians)
    small, large = medians[names[0]], medians[names[-1]]
    deep = {"deep_page_ratio": large["page 10,000"]} if "page 10,000" in large else {}
    return {
        "p50_ms": {n: {w: round(c.ms, 3) for w, c in by.items()} for n, by in medians.items()},
        "cpu_us": {n: {w: round(c.cpu_us, 1) for w, c in by.items()} for n, by in medians.items()},
        "times_a_get": {
            what: round(
                statistics.median(
                    cost.cpu_us / get.cpu_us
                    for cost, get in zip(
                        samples[names[-1]][what], samples[names[-1]]["get"], strict=False
                    )
                ),
                2,
            )
            for what in large
        },
        "wanted_times_a_get": WANTED,
        "first_statistics_s": round(crowd, 2),
        "large_table_ratio": round(large["first page"].ms / small["first page"].ms, 2),
        "search_to_get_ratio": round(large["search a code"].ms / large["get"].ms, 2),
    } | {name: round(cost.ms / small["first page"].ms, 2) for name, cost in deep.items()}


TIMED = "get", "first page", "search a code", "search a name", "search a maker", "page 10,000"


def table(figures: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    lines = [f"| rows | {' | '.join(TIMED)} |", "| --- |" + " ---: |" * len(TIMED)]
    for name, by_what in figures["p50_ms"].items():
        cells = [f"{by_what[c]:.2f} ms" if c in by_what else "" for c in TIMED]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", f"| {name} rows | CPU, times a get | wanted |", "| --- | ---: | ---: |"]
    for what, times in figures["times_a_get"].items():
        lines.append(f"| {what} | {times:.1f} | {WANTED.get(what, '')} |")
    seconds = figures["first_statistics_s"]
    lines += ["", f"{CROWD} people who ask for the first statistics wait {seconds:.1f} s."]
    return "\n".join(lines)
