"""The pages of products: the UI and the API beside one coupled Django site, alternating in one run.

The list has 50 of 100,000 rows. The coupled site shows it in three ways: as most people write it,
written for speed, and the strongest, with its table in Jinja2. All are on one PostgreSQL, which has
the other core with the load generator. Processor time is that of all processes of a variant, of
PostgreSQL too. ``changed``: before each request a row of its page gets another price, and the
answer must have it. Nobody asks for the same page again within a second, since the UI may answer
with what the same person was shown then.
"""

import itertools
import os
import re
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

import load_generator
import postgres
import servers
import sites
from sites import Site

PEOPLE = 600  # who ask in turn for a list that changes: nobody twice within a second
USERS = (1, 8)  # at the same time
LISTS = {"usual": "/products/", "values": "/products/values/", "strongest": "/products/strongest/"}
OTHERS = ("detail", "form", "save", "search")
CORES = {"one core": 1, "two cores": 2}
LOCATION = re.compile(rb"\r\nLocation: (\S+)", re.IGNORECASE)
COOKIE = re.compile(rb"\r\nCookie: ([^\r]+)")
HTMX = "HX-Request: true\r\nHX-Target: results\r\nHX-Current-URL: https://issuer.test/products/\r\n"
ON_PAGE = "SELECT id FROM products ORDER BY lower(name), id LIMIT 50"
PRICE = (
    "UPDATE products SET price_minor = %s, version = version + 1, updated_at = now() WHERE id = %s"
)


class Plan(NamedTuple):
    """How long to measure."""

    rows: int = 100_000
    rounds: int = 6
    warm_seconds: float = 0.2
    seconds: float = 1.0


QUICK = Plan(rounds=2, warm_seconds=0.1, seconds=0.4)


class Scene(NamedTuple):
    """What is asked for, by how many at the same time, on how many cores."""

    what: str  # "changed" and "unchanged" are the list
    users: int
    cores: str

    @property
    def variants(self) -> list[str]:
        """Return who can answer it."""
        return ["ui", *LISTS] if self.what in ("changed", "unchanged") else ["ui", "usual"]


class Figures(NamedTuple):
    """One stretch of load."""

    p50_ms: float
    p99_ms: float
    cpu_ms: float


Samples = dict[Scene, dict[str, list[Figures]]]  # by variant, one a round


class Visitor(load_generator.Connection):
    """A browser: follows a redirect, and has nothing until it has the page behind it."""

    successes = b"23"

    def receive(self) -> bool:
        """Read; tell whether the page is whole. RuntimeError if it lacks what it must show."""
        if not super().receive():
            return False
        if self.received[9:10] == b"3":
            found, cookie = LOCATION.search(self.received), COOKIE.search(self.sent)
            if not found or not cookie or b"sign-in" in found[1]:
                raise RuntimeError(f"not a page: {self.received[:600]!r}")
            self.received = b""
            self.socket.sendall(sites.get(found[1].decode(), cookie[1].decode()))
            return False
        wanted = getattr(self.requests, "wanted", b"")
        if wanted not in self.received:
            raise RuntimeError(f"the page has no {wanted!r}: {self.received[:200]!r}")
        return True


class Changes:
    """Requests for a list; before each one, a row of it gets another price."""

    prices = itertools.count(100_000)

    def __init__(self, requests: Iterator[bytes], database: Any, product: str) -> None:
        self.requests, self.database, self.product = requests, database, product
        self.wanted = b""

    def __iter__(self) -> "Changes":
        return self

    def __next__(self) -> bytes:
        price = next(self.prices)
        self.database.execute(PRICE, (price, self.product))
        self.wanted = f"€{price / 100:,.2f}".encode()
        return next(self.requests)


class Bench(NamedTuple):
    """What takes part in a run."""

    api: servers.Server
    ui: Site
    coupled: Site
    people: dict[str, list[str]]  # cookies, by the site's name
    database: Any
    database_cpu: postgres.Processes
    plan: Plan

    def site(self, variant: str) -> Site:
        """Return who serves a variant."""
        return self.ui if variant == "ui" else self.coupled

    def callers(self, scene: Scene, variant: str) -> list[Iterator[bytes]]:
        """Return what each user sends."""
        return [self._caller(scene, variant, number) for number in range(scene.users)]

    def cpu_seconds(self, variant: str) -> float:
        """Return the processor time of all processes that a variant uses."""
        own = self.site(variant).exact_cpu_seconds() + self.database_cpu.cpu_seconds()
        return own + self.api.exact_cpu_seconds() if variant == "ui" else own

    def _caller(self, scene: Scene, variant: str, number: int) -> Iterator[bytes]:
        site = self.site(variant)
        people = self.people[site.name][number :: scene.users]
        target = LISTS.get(variant, "/products/")
        if scene.what == "changed":
            asks = itertools.cycle([sites.get(target, cookie) for cookie in people])
            row = self.database.execute(f"{ON_PAGE} OFFSET %s", (number,)).fetchone()
            return Changes(asks, self.database, row[0])
        if scene.what == "save":
            form = sites.Form(site, "/products/new/", people[0])
            return iter(form.post, b"")
        if scene.what == "detail":
            ids = self.database.execute("SELECT id FROM products ORDER BY id LIMIT 500").fetchall()
            return itertools.cycle([sites.get(f"/products/{each[0]}/", people[0]) for each in ids])
        targets = {"unchanged": target, "form": "/products/new/", "search": "/products/?q=teapot"}
        fields = HTMX if scene.what == "search" else ""
        return itertools.repeat(sites.get(targets[scene.what], people[0], fields))


def run(plan: Plan) -> tuple[Samples, dict[str, float]]:
    """Measure; return the samples, and the memory of the UI's worker after all of it, in MiB."""
    first, second = (*sorted(os.sched_getaffinity(0)),)[:2]
    os.sched_setaffinity(0, {second})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        server = stack.enter_context(postgres.start(folder / "pg"))
        url, accounts = (postgres.create_database(server, each) for each in ("shop", "accounts"))
        api = servers.api(folder, url)
        api.variables["AUTH_ISSUER"] = servers.ISSUER
        servers.migrate(api)
        postgres.fill(url, 1, plan.rows)
        both = sites.ui(folder, accounts, api), sites.coupled(folder, url)
        people = {site.name: site.people(PEOPLE) for site in both}
        both[0].run("manage.py", "collectstatic", "--no-input", "--verbosity", "0")
        for each in (api, *both):
            stack.callback(each.stop)
            each.start(first)
        database = stack.enter_context(psycopg.connect(url, autocommit=True))
        processes = postgres.Processes(folder / "pg")
        bench = Bench(api, *both, people, database, processes, plan)
        samples = alternate(bench, {"one core": {first}, "two cores": {first, second}})
        return samples, both[0].worker_mib()


def scenes() -> list[Scene]:
    """Return what is measured."""
    lists = [
        Scene(what, users, cores)
        for cores in CORES
        for what in ("changed", "unchanged")
        for users in USERS
    ]
    return lists + [Scene(what, users, "one core") for what in OTHERS for users in USERS]


def alternate(bench: Bench, cores: dict[str, set[int]]) -> Samples:
    """Measure each scene in each round, its variants one after the other in changing order."""
    samples: Samples = {scene: {v: [] for v in scene.variants} for scene in scenes()}
    for turn in range(-1, bench.plan.rounds):  # the first one warms up
        for scene, by_variant in samples.items():
            for each in (bench.api, bench.ui, bench.coupled):
                pin(each, cores[scene.cores])
            order = scene.variants if turn % 2 else scene.variants[::-1]
            for variant in order:
                found = stretch(bench, scene, variant)
                if turn >= 0:
                    by_variant[variant].append(found)
        print(f"round {turn + 1}/{bench.plan.rounds}", file=sys.stderr, flush=True)
    return samples


def stretch(bench: Bench, scene: Scene, variant: str) -> Figures:
    """Measure one variant once."""
    callers = bench.callers(scene, variant)
    port = bench.site(variant).port
    load_generator.run(port, callers, bench.plan.warm_seconds, Visitor)
    before = bench.cpu_seconds(variant)
    done = load_generator.run(port, callers, bench.plan.seconds, Visitor)
    used = bench.cpu_seconds(variant) - before
    p50, p99 = (done.quantile(share) * 1000 for share in (0.5, 0.99))
    return Figures(p50, p99, used / done.requests * 1000)


def pin(server: servers.Server, cores: set[int]) -> None:
    """Let all threads of a server run on these cores."""
    assert server.process
    for pid in servers.tree(server.process.pid):
        for task in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), cores)


def summary(samples: Samples, memory_mib: dict[str, float]) -> dict[str, Any]:
    """Return ratios to the coupled pages: what 1 and 8 users get, and above them the worse of both.

    ``spread`` has the lowest and the highest of the rounds. All but ``two_cores`` is on one core.
    """
    figures: dict[str, Any] = {}
    for what in ("changed", "unchanged", *OTHERS):
        by_users = {str(users): ratios(samples[Scene(what, users, "one core")]) for users in USERS}
        names = [name for name in by_users["1"] if "ratio" in name]
        figures[what] = {n: max(each[n] for each in by_users.values()) for n in names}
        figures[what]["users"] = by_users
        if Scene(what, 1, "two cores") in samples:
            figures[what]["two_cores"] = {
                str(users): ratios(samples[Scene(what, users, "two cores")]) for users in USERS
            }
    figures["memory_mib"] = memory_mib
    return figures


def ratios(by_variant: dict[str, list[Figures]]) -> dict[str, Any]:
    """Return the ratios of one scene, and its medians in milliseconds."""
    found: dict[str, Any] = {"spread": {}}
    for name in by_variant.keys() - {"ui"}:
        label = "coupled" if name == "usual" else name
        for figure in ("p50", "p99", "cpu"):
            pairs = zip(by_variant["ui"], by_variant[name], strict=True)
            each = sorted(getattr(a, f"{figure}_ms") / getattr(b, f"{figure}_ms") for a, b in pairs)
            key = f"{figure}_ratio_to_{label}"
            found[key] = round(statistics.median(each), 3)
            found["spread"][key] = [round(each[0], 3), round(each[-1], 3)]
    found["ms"] = {
        variant: {
            name: round(statistics.median(getattr(each, name) for each in values), 2)
            for name in Figures._fields
        }
        for variant, values in by_variant.items()
    }
    return found


def table(figures: dict[str, Any]) -> str:
    """Return the figures as Markdown: ratios with their lowest and highest."""
    columns = ("p50_ratio_to_coupled", "cpu_ratio_to_coupled", "p50_ratio_to_strongest",
               "cpu_ratio_to_strongest")  # fmt: skip
    lines = [
        "| page, users, cores | p50 of the usual | CPU | p50 of the strongest | CPU "
        "| p50 / p99 / CPU ms | usual | strongest |",
        "| --- | --- | --- | --- | --- | ---: | ---: | ---: |",
    ]
    for what, found in figures.items():
        if what == "memory_mib":
            continue
        rows = [(f"{what}, {u}, one", each) for u, each in found["users"].items()]
        rows += [(f"{what}, {u}, two", each) for u, each in found.get("two_cores", {}).items()]
        for name, each in rows:
            cells = [_ratio(each, column) for column in columns]
            cells += [_times(each["ms"].get(key)) for key in ("ui", "usual", "strongest")]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    memory = figures["memory_mib"]
    memory = "{own:.0f} MiB alone, {share:.0f} with its share, {resident:.0f} resident"
    lines += ["", f"The UI's worker had {memory.format(**figures['memory_mib'])}."]
    return "\n".join(lines)


def _ratio(found: dict[str, Any], column: str) -> str:
    if column not in found:
        return ""
    low, high = found["spread"][column]
    return f"{found[column]:.2f} ({low:.2f}–{high:.2f})"


def _times(found: dict[str, float] | None) -> str:
    return f"{found['p50_ms']:.1f} / {found['p99_ms']:.1f} / {found['cpu_ms']:.1f}" if found else ""
