"""get, list and create: the API beside the limit and two peers, alternating in one run.

The servers share one core (only one is asked at a time); PostgreSQL and the load generator have the
other. 100,000 products, 32 keep-alive connections of 32 callers; synchronous_commit is off.
"""

import os
import statistics
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any, NamedTuple

import calls
import load_generator
import postgres
import servers
from servers import Server

ROWS, CONNECTIONS, WARM_SECONDS, SECONDS = 100_000, 32, 0.5, 2.5
VARIANTS = {"limit": "limit", "textbook": "textbook", "peer": "sqlmodel_crud"}
USER = str(uuid.uuid4())
BATCH, BULK_SECONDS = 500, 3.0
BAR = 20  # characters of a ratio of 1


class Figures(NamedTuple):
    """One stretch of load on one variant."""

    per_second: float
    cpu_us: float  # processor time of the server, a request
    p50_ms: float
    p99_ms: float


Samples = dict[str, dict[str, list[Figures]]]  # by operation, by variant, one a round


def run(rounds: int) -> tuple[Samples, dict[str, float]]:
    """Measure; return the samples, and what is told of the API alone."""
    server_core, other_core = (*sorted(os.sched_getaffinity(0)),)[:2]
    os.sched_setaffinity(0, {other_core})
    with tempfile.TemporaryDirectory(prefix="bench-") as name, \
            postgres.start(Path(name) / "pg") as server:  # fmt: skip
        folder = Path(name)
        url = postgres.create_database(server, "bench")
        variants = {"api": servers.api(folder, url)}
        servers.migrate(variants["api"])
        postgres.execute(
            url, postgres.USERS, f"INSERT INTO peer_users VALUES ('{USER}', 'a@b.example', true)"
        )
        postgres.fill(url, 1, ROWS)
        ids = postgres.some(url, "id", 1000)
        variants |= {k: servers.peer(module, folder, url) for k, module in VARIANTS.items()}
        try:
            seconds = {key: each.start(server_core) for key, each in variants.items()}
            samples = alternate(variants, ids, rounds)
            alone = {
                "bulk_per_s": round(bulk(variants["api"])),
                "cold_start_s": round(seconds["api"], 2),
                "memory_mib": round(variants["api"].memory_mib(), 1),
            }
        finally:
            for each in variants.values():
                each.stop()
    return samples, alone


def alternate(variants: dict[str, Server], ids: list[str], rounds: int) -> Samples:
    """Ask each variant in turn, each round beginning with another one."""
    samples: Samples = {o: {v: [] for v in variants} for o in calls.OPERATIONS}
    tokens = {variant: [servers.sqlmodel_token(USER)] * CONNECTIONS for variant in variants}
    tokens["api"] = [servers.api_token(n) for n in range(CONNECTIONS)]
    names = list(variants)
    for turn in range(rounds):
        first = turn % len(names)
        for operation in calls.OPERATIONS:
            for variant in names[first:] + names[:first]:
                callers = [calls.caller(operation, token, ids) for token in tokens[variant]]
                samples[operation][variant].append(measure(variants[variant], callers))
            show = "  ".join(f"{v} {samples[operation][v][-1].per_second:6,.0f}/s" for v in names)
            print(f"round {turn + 1}/{rounds}  {operation:6}  {show}", file=sys.stderr, flush=True)
    return samples


def measure(server: Server, callers: list[Any]) -> Figures:
    """Put one variant under load."""
    load_generator.run(server.port, callers, WARM_SECONDS)
    before = server.cpu_seconds()
    done = load_generator.run(server.port, callers, SECONDS)
    used = server.cpu_seconds() - before
    return Figures(
        done.requests / done.seconds,
        used / done.requests * 1e6,
        done.quantile(0.5) * 1000,
        done.quantile(0.99) * 1000,
    )


def bulk(server: Server) -> float:
    """Return how many products a second four callers store in batches."""
    callers = [calls.batches(servers.api_token(n), BATCH) for n in range(4)]
    done = load_generator.run(server.port, callers, BULK_SECONDS)
    return done.requests * BATCH / done.seconds


def summary(samples: Samples, alone: dict[str, float]) -> dict[str, Any]:
    """Return medians, and ratios as medians of the rounds with their spread."""
    return {o: _operation(samples[o]) for o in samples} | alone


def _operation(by_variant: dict[str, list[Figures]]) -> dict[str, Any]:
    ours = by_variant["api"]
    figures: dict[str, Any] = {
        "per_s": round(statistics.median(f.per_second for f in ours)),
        "cpu_us": round(statistics.median(f.cpu_us for f in ours), 1),
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
    """Return the figures as Markdown; the ratios to the limit are drawn."""
    lines = [
        "| | of the limit | | (spread) | × SQLModel, sync | × textbook, async | CPU µs |"
        " p50 / p99 ms |",
        "| --- | ---: | --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for name in calls.OPERATIONS:
        f = figures[name]
        low, high = f["ratio_to_limit_spread"]
        drawn = "█" * round(BAR * f["ratio_to_limit"])
        lines.append(
            f"| {name} | {f['ratio_to_limit']:.2f} | `{drawn:░<{BAR}}` | {low:.2f}–{high:.2f} "
            f"| {f['ratio_to_peer']:.1f} | {f['ratio_to_textbook']:.1f} | {f['cpu_us']:.0f} "
            f"| {f['p50_ms']:.1f} / {f['p99_ms']:.1f} |"
        )
    lines += [
        "",
        f"In bulk {figures['bulk_per_s']:,} products a second; first answer "
        f"{figures['cold_start_s']:.2f} s after the start; {figures['memory_mib']:.0f} MiB.",
    ]
    return "\n".join(lines)
