"""Does a second worker cost more processor time a request? The API and bare ASGI, each with both.

The same requests come at the same constant rate to one worker and to two, on the same two cores,
in turns of a fraction of a second. Bare ASGI (the limit) is the control: what it pays as well is
paid to the machine.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import calls
import load_generator
import postgres
import servers
from servers import Server

ROWS, CONNECTIONS, SECONDS, RATE = 2_000, 16, 0.5, 400.0
OPERATIONS = ("get", "create")
BATCHES, BATCH_SECONDS = 4, 8.0  # callers who send batches, and how long
Costs = dict[str, dict[str, list[tuple[float, float]]]]  # by operation and server: µs with 1 and 2


def run(rounds: int) -> tuple[Costs, dict[str, float]]:
    """Measure; every round asks one worker and two in the order 1, 2, 2, 1, then 2, 1, 1, 2."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, \
            postgres.start(Path(name) / "pg") as database:  # fmt: skip
        url = postgres.create_database(database, "bench")
        both = {"api": _pair(Path(name), url, "api"), "limit": _pair(Path(name), url, "limit")}
        servers.migrate(both["api"][0])
        postgres.fill(url, 1, ROWS)
        shop = calls.Shop(postgres.some(url, "id", 1000), "", "", {})
        costs: Costs = {operation: {key: [] for key in both} for operation in OPERATIONS}
        try:
            for each in [*both["api"], *both["limit"]]:
                each.start(*os.sched_getaffinity(0))
            for turn in range(-1, rounds):  # the first one warms up
                for operation in OPERATIONS:
                    for key, pair in both.items():
                        found = _turns(pair, operation, shop, turn)
                        if turn >= 0:
                            costs[operation][key].append(found)
                print(f"round {turn + 1}/{rounds}", file=sys.stderr, flush=True)
            memory = _memory(both["api"][1], shop)
        finally:
            for each in [*both["api"], *both["limit"]]:
                each.stop()
    return costs, memory


def _memory(server: Server, shop: calls.Shop) -> dict[str, float]:
    """Return the MiB (PSS) of the larger of two workers, as it was and after batches."""
    tokens = [servers.api_token(caller) for caller in range(BATCHES)]
    loads = {
        "after creates": [],
        "after batches of small products": [calls.caller("bulk", each, shop) for each in tokens],
        "after the largest batches": [calls.largest_batches(each) for each in tokens],
    }
    found = {}
    for name, callers in loads.items():
        if callers:
            load_generator.run(server.port, callers, BATCH_SECONDS)
        found[name] = round(max(server.worker_memory_mib()), 1)
    return found


def _pair(folder: Path, url: str, name: str) -> tuple[Server, Server]:
    """Return a server of one worker, and of two."""
    both = []
    for workers in ("1", "2"):
        own = folder / name / workers
        own.mkdir(parents=True)
        server = servers.api(own, url) if name == "api" else servers.peer(name, own, url)
        server.command += ["--workers", workers]
        server.workers = int(workers)
        both.append(server)
    return both[0], both[1]


def _turns(
    pair: tuple[Server, Server], operation: str, shop: calls.Shop, turn: int
) -> tuple[float, float]:
    """Return µs of processor time a request, of one worker and of two."""
    used: dict[int, list[float]] = {0: [], 1: []}
    for number in (0, 1, 1, 0) if turn % 2 else (1, 0, 0, 1):
        server = pair[number]
        tokens = [servers.api_token(caller) for caller in range(CONNECTIONS)]
        callers = [calls.caller(operation, token, shop) for token in tokens]
        before = server.exact_cpu_seconds()
        done = load_generator.run_at(server.port, callers, RATE, SECONDS)
        used[number].append((server.exact_cpu_seconds() - before) / done.requests * 1e6)
    return statistics.mean(used[0]), statistics.mean(used[1])


def summary(costs: Costs, memory: dict[str, float]) -> dict[str, Any]:
    """Return medians by operation for the API and the limit, with the ratio's quartiles."""
    ratios = {o: {key: _ratios(pairs) for key, pairs in by.items()} for o, by in costs.items()}
    over_limit = {o: _over_limit(by["api"], by["limit"]) for o, by in costs.items()}
    return {"cpu": ratios, "api_over_limit": over_limit, "memory_mib": memory}


def _over_limit(api: list[tuple[float, float]], limit: list[tuple[float, float]]) -> float:
    """Return the API's ratio over that of bare ASGI in a round: what is not the machine's."""
    ratios = [(b / a) / (d / c) for (a, b), (c, d) in zip(api, limit, strict=True)]
    return round(statistics.median(ratios), 3)


def _ratios(pairs: list[tuple[float, float]]) -> dict[str, Any]:
    ratios = [two / one for one, two in pairs]
    low, _, high = statistics.quantiles(ratios * (1 + (len(ratios) == 1)), n=4)  # of one, itself
    return {
        "cpu_us": round(statistics.median(one for one, _ in pairs), 1),
        "cpu_us_two_workers": round(statistics.median(two for _, two in pairs), 1),
        "ratio": round(statistics.median(ratios), 3),
        "quartiles": [round(low, 3), round(high, 3)],
    }


def table(figures: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    lines = [
        "| | one worker, CPU µs | two | two / one | (quartiles) |",
        "| --- | ---: | ---: | ---: | --- |",
    ]
    for operation, by in figures["cpu"].items():
        for key, f in by.items():
            low, high = f["quartiles"]
            lines.append(
                f"| {operation}, {key} | {f['cpu_us']:.0f} | {f['cpu_us_two_workers']:.0f} "
                f"| {f['ratio']:.2f} | {low:.2f}–{high:.2f} |"
            )
        lines.append(
            f"| {operation}, api over limit | | | {figures['api_over_limit'][operation]:.2f} | |"
        )
    lines += ["", "MiB of one of two workers (PSS):"]
    lines += [f"{name} {size:.0f}" for name, size in figures["memory_mib"].items()]
    return "\n".join(lines)
