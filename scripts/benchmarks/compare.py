"""get, list and create: this API beside another folder of it, by processor time a request.

Both servers run at once on databases of their own, and take turns of a fraction of a second: what
else the machine does meanwhile meets both alike. Throughput says nothing then; processor time does.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import calls
import load_generator
import postgres
import servers
from servers import Server

ROWS, CONNECTIONS, SECONDS = 2_000, 8, 0.25
Ratios = dict[str, list[tuple[float, float]]]  # by operation: µs here and there, one a round


def run(other: Path, rounds: int) -> Ratios:
    """Measure; every round asks each server twice, in the order here, there, there, here."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, \
            postgres.start(Path(name) / "pg") as server:  # fmt: skip
        both = [_serve(Path(name), server, key, each) for key, each in _folders(other).items()]
        try:
            samples: Ratios = {operation: [] for operation in calls.BASIC}
            for turn in range(-1, rounds):  # the first one warms up
                for operation in calls.BASIC:
                    here, there = _turns(both, operation, turn)
                    if turn >= 0:
                        samples[operation].append((here, there))
                print(f"round {turn + 1}/{rounds}", file=sys.stderr, flush=True)
        finally:
            for each, _ in both:
                each.stop()
    return samples


def _folders(other: Path) -> dict[str, Path]:
    return {"here": servers.API, "there": other.resolve()}


def _serve(folder: Path, database: Any, name: str, api: Path) -> tuple[Server, calls.Shop]:
    """Start one of the two on a database of its own; return it and the ids of its products."""
    url = postgres.create_database(database, name)
    (folder / name).mkdir()
    found = servers.api(folder / name, url)
    python = api / ".venv/bin/python"
    if python.exists():
        found.command[0] = str(python)
    found.root = api
    command = [found.command[0], "-m", "app", "migrate"]
    environment = os.environ | found.variables
    subprocess.run(command, cwd=api, env=environment, check=True, stdout=subprocess.DEVNULL)
    postgres.fill(url, 1, ROWS)
    found.start(min(os.sched_getaffinity(0)))
    return found, calls.Shop(postgres.some(url, "id", 1000), "", "", {})


def _turns(both: list[tuple[Server, calls.Shop]], operation: str, turn: int) -> list[float]:
    """Return µs of processor time a request, here and there."""
    used: dict[int, list[float]] = {0: [], 1: []}
    order = (0, 1, 1, 0) if turn % 2 else (1, 0, 0, 1)
    for number in order:
        server, shop = both[number]
        tokens = [servers.api_token(caller) for caller in range(CONNECTIONS)]
        callers = [calls.caller(operation, token, shop) for token in tokens]
        load_generator.run(server.port, callers, SECONDS / 5)
        before = server.exact_cpu_seconds()
        done = load_generator.run(server.port, callers, SECONDS)
        used[number].append((server.exact_cpu_seconds() - before) / done.requests * 1e6)
    return [statistics.mean(used[number]) for number in (0, 1)]


def summary(samples: Ratios) -> dict[str, Any]:
    """Return medians of both, and of their ratio its median, quartiles, lowest and highest."""
    figures = {}
    for operation, pairs in samples.items():
        ratios = sorted(there / here for here, there in pairs)
        quartiles = statistics.quantiles(ratios * (1 + (len(ratios) == 1)), n=4)  # of one, itself
        figures[operation] = {
            "cpu_us": round(statistics.median(here for here, _ in pairs), 1),
            "cpu_us_there": round(statistics.median(there for _, there in pairs), 1),
            "speed": round(statistics.median(ratios), 3),
            "quartiles": [round(quartiles[0], 3), round(quartiles[2], 3)],
            "spread": [round(ratios[0], 3), round(ratios[-1], 3)],
        }
    return figures


def table(figures: dict[str, Any]) -> str:
    """Return the figures as Markdown; a speed above 1 means less processor time here."""
    lines = [
        "| | CPU µs here | there | speed here / there | (quartiles) | (spread) |",
        "| --- | ---: | ---: | ---: | --- | --- |",
    ]
    for name, f in figures.items():
        low, high = f["quartiles"]
        first, last = f["spread"]
        lines.append(
            f"| {name} | {f['cpu_us']:.0f} | {f['cpu_us_there']:.0f} | {f['speed']:.2f} "
            f"| {low:.2f}–{high:.2f} | {first:.2f}–{last:.2f} |"
        )
    return "\n".join(lines)
