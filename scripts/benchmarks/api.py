"""What callers send: the API beside the limit and peers, alternating in one run.

The servers share one core (only one is asked at a time); PostgreSQL and the load generator have the
other. 32 keep-alive connections of 32 callers; synchronous_commit is off. Processor time counts
apart for the server and for PostgreSQL.
"""

import json
import os
import statistics
import sys
import tempfile
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import calls
import load_generator
import postgres
import servers
from servers import Server

CONNECTIONS = 32
VARIANTS = {
    "limit": "limit", "textbook": "textbook", "peer": "sqlmodel_crud",
    "litestar": "litestar_msgspec", "ninja": "ninja", "drf": "rest_framework",
}  # fmt: skip
PEERS = {
    "peer": "SQLModel, sync", "textbook": "textbook, async", "litestar": "Litestar, msgspec",
    "ninja": "django-ninja", "drf": "DRF", "fastify": "fastify, pg",
}  # fmt: skip
USER = str(uuid.uuid4())
BAR = 20  # characters of a ratio of 1
# Constant rates, in shares of the throughput of the closed loop, by the prefix of their figures.
OPEN_LOADS = {"open": 0.5, "open_80": 0.8}


class Plan(NamedTuple):
    """How long to measure."""

    rows: int = 100_000
    rounds: int = 6
    warm_seconds: float = 0.5
    seconds: float = 2.0


QUICK = Plan(rows=10_000, rounds=2, warm_seconds=0.1, seconds=0.3)


class Figures(NamedTuple):
    """One stretch of load on one variant."""

    per_second: float
    cpu_us: float  # processor time of the server, a request
    database_us: float  # of PostgreSQL, a request
    p50_ms: float
    p99_ms: float


Samples = dict[str, dict[str, list[Figures]]]  # by operation, by variant, one a round
Clock = Callable[[], float]


class Bench(NamedTuple):
    """What takes part in a run."""

    variants: dict[str, Server]
    shop: calls.Shop
    database_cpu: Clock
    plan: Plan

    def callers(self, variant: str, operation: str) -> list[Any]:
        """Return the callers of a variant; a batch is sent by four."""
        count = 4 if operation == "bulk" else CONNECTIONS
        return [
            calls.caller(operation, _token(variant, number), self.shop, number, count)
            for number in range(count)
        ]


def run(plan: Plan) -> tuple[Samples, dict[str, Any]]:
    """Measure; return the samples, and what is told of the API alone."""
    server_core, other_core = (*sorted(os.sched_getaffinity(0)),)[:2]
    os.sched_setaffinity(0, {other_core})
    with tempfile.TemporaryDirectory(prefix="bench-") as name, \
            postgres.start(Path(name) / "pg") as server:  # fmt: skip
        folder = Path(name)
        url = postgres.create_database(server, "bench")
        variants = {"api": servers.api(folder, url)}
        servers.migrate(variants["api"])
        user = f"INSERT INTO peer_users VALUES ('{USER}', 'a@b.example', true)"
        postgres.execute(url, postgres.USERS, user)
        postgres.fill(url, 1, plan.rows)
        variants |= {k: servers.peer(module, folder, url) for k, module in VARIANTS.items()}
        if node := servers.fastify(folder, url):
            variants["fastify"] = node
        else:
            print("without fastify: no Node, or its packages could not be had", file=sys.stderr)
        try:
            seconds = {key: each.start(server_core) for key, each in variants.items()}
            cpu = postgres.Processes(Path(name) / "pg").cpu_seconds
            bench = Bench(variants, learn(variants["api"], url), cpu, plan)
            samples = alternate(bench)
            alone = {
                "open_loop": open_loop(bench, samples),
                "cold_start_s": round(seconds["api"], 2),
                "memory_mib": round(variants["api"].memory_mib(), 1),
            }
        finally:
            for each in variants.values():
                each.stop()
    return samples, alone


def learn(server: Server, url: str) -> calls.Shop:
    """Return what callers know: products that are for sale, a category, the form of an ETag."""
    ids = postgres.some(url, "id", 3000, "products WHERE status = 'active'")
    [category] = postgres.some(url, "id", 1, "categories WHERE name = 'white'")
    asked = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/v1/products/{ids[0]}",
        headers={"Authorization": f"Bearer {servers.api_token(0)}"},
    )
    with urllib.request.urlopen(asked) as answer:
        version, etag = json.load(answer)["version"], answer.headers["ETag"]
    return calls.Shop(ids, category, etag.replace(str(version), "%d", 1), {})


def alternate(bench: Bench) -> Samples:
    """Ask each variant in turn, each round beginning with another one."""
    names, rounds = list(bench.variants), bench.plan.rounds
    samples: Samples = {o: {} for o in calls.OPERATIONS}
    for turn in range(rounds):
        first = turn % len(names)
        for operation in calls.OPERATIONS:
            for variant in names[first:] + names[:first]:
                if operation in can(variant):
                    found = measure(bench, variant, operation)
                    samples[operation].setdefault(variant, []).append(found)
            show = "  ".join(
                f"{v} {f[-1].per_second:,.0f}/s" for v, f in samples[operation].items()
            )
            print(f"round {turn + 1}/{rounds}  {operation:18} {show}", file=sys.stderr, flush=True)
    return samples


def can(variant: str) -> tuple[str, ...]:
    """Return the operations that a variant has."""
    if variant in ("api", "limit"):
        return calls.OPERATIONS
    return calls.BASIC if variant == "fastify" else calls.COMPARED


def measure(bench: Bench, variant: str, operation: str) -> Figures:
    """Put one variant under load."""
    server, callers = bench.variants[variant], bench.callers(variant, operation)
    load_generator.run(server.port, callers, bench.plan.warm_seconds)
    before = server.cpu_seconds(), bench.database_cpu()
    done = load_generator.run(server.port, callers, bench.plan.seconds)
    used = server.cpu_seconds() - before[0], bench.database_cpu() - before[1]
    return Figures(
        done.requests / done.seconds,
        used[0] / done.requests * 1e6,
        used[1] / done.requests * 1e6,
        done.quantile(0.5) * 1000,
        done.quantile(0.99) * 1000,
    )


def open_loop(bench: Bench, samples: Samples) -> dict[str, dict[str, float]]:
    """Return latencies of the API while a part of what it can do comes at a constant rate."""
    found: dict[str, dict[str, float]] = {operation: {} for operation in calls.OPERATIONS}
    port = bench.variants["api"].port
    for operation, figures in found.items():
        most = statistics.median(f.per_second for f in samples[operation]["api"])
        for name, share in OPEN_LOADS.items():
            callers = bench.callers("api", operation)
            done = load_generator.run_at(port, callers, share * most, bench.plan.seconds)
            figures[f"{name}_per_s"] = round(share * most, 1)
            figures[f"{name}_p50_ms"] = round(done.quantile(0.5) * 1000, 2)
            figures[f"{name}_p99_ms"] = round(done.quantile(0.99) * 1000, 2)
    return found


def _token(variant: str, number: int) -> str:
    return servers.api_token(number) if variant == "api" else servers.sqlmodel_token(USER)


def summary(samples: Samples, alone: dict[str, Any]) -> dict[str, Any]:
    """Return medians, and ratios as medians of the rounds with their spread."""
    figures = {o: _operation(samples[o]) for o in samples}
    for operation, known in figures.items():
        for other, name in (("get", "times_a_get"), ("create", "times_a_create")):
            pairs = zip(samples[operation]["api"], samples[other]["api"], strict=True)
            known[name] = round(statistics.median(_all_us(a) / _all_us(b) for a, b in pairs), 2)
        known |= alone["open_loop"][operation]
    bulk = figures["bulk"]["per_s"] * calls.BATCH
    return figures | {
        "bulk_per_s": round(bulk),
        "cold_start_s": alone["cold_start_s"],
        "memory_mib": alone["memory_mib"],
    }


def _all_us(figures: Figures) -> float:
    return figures.cpu_us + figures.database_us


def _operation(by_variant: dict[str, list[Figures]]) -> dict[str, Any]:
    ours = by_variant["api"]
    figures: dict[str, Any] = {
        "per_s": round(statistics.median(f.per_second for f in ours), 1),
        "cpu_us": round(statistics.median(f.cpu_us for f in ours), 1),
        "database_cpu_us": round(statistics.median(f.database_us for f in ours), 1),
        "p50_ms": round(statistics.median(f.p50_ms for f in ours), 2),
        "p99_ms": round(statistics.median(f.p99_ms for f in ours), 2),
    }
    for variant, theirs in by_variant.items():
        if variant == "api":
            continue
        pairs = list(zip(ours, theirs, strict=True))
        ratios = [a.per_second / b.per_second for a, b in pairs]
        figures[f"ratio_to_{variant}"] = round(statistics.median(ratios), 3)
        figures[f"ratio_to_{variant}_spread"] = [round(min(ratios), 3), round(max(ratios), 3)]
        cpu = statistics.median(b.cpu_us / a.cpu_us for a, b in pairs)
        figures[f"cpu_ratio_to_{variant}"] = round(cpu, 3)
    return figures


def table(figures: dict[str, Any]) -> str:
    """Return the figures as Markdown; the ratios of processor time to the limit are drawn."""
    lines = [
        "| | of the limit: CPU | | throughput (spread) | CPU µs: API + PostgreSQL | × a get |"
        " p50 / p99 ms | at .5 of the load | at .8 |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in calls.OPERATIONS:
        f = figures[name]
        low, high = f["ratio_to_limit_spread"]
        drawn = "█" * round(BAR * min(f["cpu_ratio_to_limit"], 1))
        lines.append(
            f"| {name} | {f['cpu_ratio_to_limit']:.2f} | `{drawn:░<{BAR}}` "
            f"| {f['ratio_to_limit']:.2f} ({low:.2f}–{high:.2f}) "
            f"| {f['cpu_us']:,.0f} + {f['database_cpu_us']:,.0f} | {f['times_a_get']:.1f} "
            f"| {f['p50_ms']:.1f} / {f['p99_ms']:.1f} "
            f"| {f['open_p50_ms']:.1f} / {f['open_p99_ms']:.1f} "
            f"| {f['open_80_p50_ms']:.1f} / {f['open_80_p99_ms']:.1f} |"
        )
    peers = [peer for peer in PEERS if f"ratio_to_{peer}" in figures["get"]]
    names = " | ".join(PEERS[peer] for peer in peers)
    lines += ["", f"| times the throughput (by CPU) of | {names} |"]
    lines += ["| --- |" + " ---: |" * len(peers)]
    for name in calls.COMPARED:
        ratios = " | ".join(_beside(figures[name], peer) for peer in peers)
        lines.append(f"| {name} | {ratios} |")
    lines += [
        "",
        f"In bulk {figures['bulk_per_s']:,} products a second; first answer "
        f"{figures['cold_start_s']:.2f} s after the start; {figures['memory_mib']:.0f} MiB.",
    ]
    return "\n".join(lines)


def _beside(figures: dict[str, Any], peer: str) -> str:
    if f"ratio_to_{peer}" not in figures:
        return ""
    return f"{figures[f'ratio_to_{peer}']:.2g} ({figures[f'cpu_ratio_to_{peer}']:.2g})"
