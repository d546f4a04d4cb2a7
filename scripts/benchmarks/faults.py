"""How sign-in, a static file and health answer while the API hangs and drips.

And how long a page takes whose API refuses connections: while it is asked, and while it is not (the
breaker is open).

usage: python faults.py api PORT | pages PORT COOKIE QUERY,QUERY,…    (for scripts/bench faults)
"""

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import quantiles
from typing import Any, NamedTuple
from urllib.parse import urlencode

from servers import free_port

WEB = Path(__file__).resolve().parents[2] / "web"
PASSWORD = "corner-shop-demo"
HANGING, DRIPPING = 40, 20
RELOAD_SECONDS = 5.0  # from a page's answer until it is asked for again
PAUSE_SECONDS = 0.03  # between two probes
STATES = {  # what the pages search for, and so what the API does
    "idle": [],
    "healthy": ["fine"] * (HANGING + DRIPPING),
    "faulty": ["hang"] * HANGING + ["drip"] * DRIPPING,
}
REFUSED_MS, OPEN_MS = 150, 5  # what a page may take while the API refuses: all of it; our own
OUTAGES = 5  # a round
GOOD_PAGES = 3  # before each outage, so that the breaker stays closed
PAGES_OF_BREAKER = 40  # while it is open, which is 5 s
FAILURES_IN_A_ROW = 5  # that open it


@dataclass(frozen=True)
class Plan:
    """How long to measure: in each round every state for so many seconds."""

    rounds: int = 6
    seconds: float = 12.0


QUICK = Plan(rounds=2, seconds=8.0)


@dataclass
class Figures:
    """The seconds of each probe and the statuses of the pages, by state."""

    seconds: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    pages: dict[str, Counter[int]] = field(default_factory=dict)
    refused: list[float] = field(default_factory=list)  # seconds of a page
    opened: list[float] = field(default_factory=list)
    opened_cpu: list[float] = field(default_factory=list)  # seconds of the UI's processor, a round


class Stage(NamedTuple):
    """The UI that is measured: where it is, who is signed in, its processes, and what is probed."""

    port: int
    cookie: str
    processes: list[int]
    paths: dict[str, str]
    api_port: int


def run(plan: Plan) -> Figures:
    """Measure in rounds, so that each state has its share of the machine's moods."""
    figures = Figures(
        {state: {"sign-in": [], "static file": [], "health": []} for state in STATES},
        {state: Counter() for state in STATES},
    )
    with tempfile.TemporaryDirectory() as folder, ui(Path(folder)) as stage:
        port, cookie = stage.port, stage.cookie
        with api(stage):
            wait_until(lambda: answer(port, "/health/ready") == 200)
            probe(port, stage.paths, 2.0)
        for number in range(1, plan.rounds + 1):
            with api(stage):
                wait_until_well(port, cookie)
                for state, queries in STATES.items():
                    with pages(port, cookie, queries, figures.pages[state]):
                        for name, took in probe(port, stage.paths, plan.seconds).items():
                            figures.seconds[state][name] += took
                    wait_until_well(port, cookie)
            refuse(stage, figures)
            print(f"round {number} of {plan.rounds}", file=sys.stderr, flush=True)
    return figures


def refuse(stage: Stage, figures: Figures) -> None:
    """Measure pages of an API that is not there: the first after it went, and with open breaker."""
    for number in range(OUTAGES):
        with api(stage):
            wait_until_well(stage.port, stage.cookie)
            for _ in range(GOOD_PAGES):
                page_seconds(stage, "fine", 200)
        figures.refused.append(page_seconds(stage, f"gone {number}", 503))
    for number in range(FAILURES_IN_A_ROW):
        page_seconds(stage, f"away {number}", 503)
    before = cpu_seconds(stage.processes)
    each = [page_seconds(stage, f"open {number}", 503) for number in range(PAGES_OF_BREAKER)]
    figures.opened_cpu.append((cpu_seconds(stage.processes) - before) / PAGES_OF_BREAKER)
    figures.opened += each


def page_seconds(stage: Stage, query: str, status: int) -> float:
    """Return how long a page took; RuntimeError if it has another status."""
    began = time.perf_counter()
    found = answer(stage.port, f"/products/?{urlencode({'q': query})}", stage.cookie)
    if found != status:
        raise RuntimeError(f"the page for {query!r} answered {found}")
    return time.perf_counter() - began


def cpu_seconds(processes: list[int]) -> float:
    """Return the processor time of all threads of these processes."""
    tasks = [task for pid in processes for task in Path(f"/proc/{pid}/task").iterdir()]
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def summary(figures: Figures) -> dict[str, Any]:
    """Return the latencies in milliseconds and their ratios, by probe; and the pages."""
    found: dict[str, Any] = {}
    for name in figures.seconds["idle"]:
        by_state = {state: quantiles(each[name], n=100) for state, each in figures.seconds.items()}
        late = {state: cut[98] * 1000 for state, cut in by_state.items()}
        found[name] = {
            "p50_ms": {state: round(cut[49] * 1000, 2) for state, cut in by_state.items()},
            "p99_ms": {state: round(value, 2) for state, value in late.items()},
            "p99_ratio_to_healthy": round(late["faulty"] / late["healthy"], 2),
            "p99_ratio_to_idle": round(late["faulty"] / late["idle"], 2),
            "probes": {state: len(each[name]) for state, each in figures.seconds.items()},
        }
    cpu = sorted(figures.opened_cpu)[len(figures.opened_cpu) // 2] * 1000
    found["refused"] = {**_times(figures.refused), "goal_ms": REFUSED_MS}
    found["breaker_open"] = {**_times(figures.opened), "cpu_ms": round(cpu, 2), "goal_ms": OPEN_MS}
    found["pages"] = {state: dict(counts) for state, counts in figures.pages.items() if counts}
    return found


def table(figures: Mapping[str, Any]) -> str:
    """Return the figures as a table of Markdown."""
    lines = [
        "| p99, ms | idle | 60 pages, API well | 40 hang, 20 drip | ÷ well | ÷ idle |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, each in figures.items():
        if "p99_ratio_to_idle" in each:
            late = " | ".join(f"{each['p99_ms'][state]:.1f}" for state in STATES)
            ratios = f"{each['p99_ratio_to_healthy']:.2f} | {each['p99_ratio_to_idle']:.2f}"
            lines.append(f"| {name} | {late} | {ratios} |")
    refused, opened = figures["refused"], figures["breaker_open"]
    lines += [
        "",
        "| a page, ms | p50 | highest | our processor | goal |",
        "| --- | ---: | ---: | ---: | ---: |",
        f"| refused API | {refused['p50_ms']} | {refused['most_ms']} |  | whole {REFUSED_MS} |",
        f"| open breaker | {opened['p50_ms']} | {opened['most_ms']} | {opened['cpu_ms']} "
        f"| our own {OPEN_MS} |",
    ]
    return "\n".join(lines)


def _times(seconds: list[float]) -> dict[str, Any]:
    cut = quantiles(seconds, n=100)
    return {
        "p50_ms": round(cut[49] * 1000, 1),
        "most_ms": round(max(seconds) * 1000, 1),
        "pages": len(seconds),
    }


@contextmanager
def ui(folder: Path) -> Iterator[Stage]:
    """Serve the UI; its API is not there yet."""
    port, api_port = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "API_URL": f"http://127.0.0.1:{api_port}",
        "PUBLIC_URL": url,
        "DATABASE_URL": f"sqlite:///{folder}/web.sqlite3",
        "SIGNING_KEY_FILE": f"{folder}/key.pem",
    }
    python = WEB / ".venv" / "bin" / "python"
    prepare = [str(python), "manage.py", "prepare", "--port", str(port)]
    gunicorn = [python, "-m", "gunicorn", "--config", "config/gunicorn.py", "--no-control-socket"]
    subprocess.run(prepare, cwd=WEB, env=environment, check=True, stdout=subprocess.DEVNULL)
    first, *others = sorted(os.sched_getaffinity(0))
    with (
        (folder / "gunicorn.log").open("w") as log,
        process(
            [*gunicorn, "--bind", f"127.0.0.1:{port}"],
            cwd=WEB,
            env=environment,
            stdout=log,
            stderr=log,
        ) as server,
    ):
        wait_until(lambda: answer(port, "/health/live") == 200)
        processes = [server.pid, *children(server.pid)]
        for pid in processes:
            os.sched_setaffinity(pid, {first})
        os.sched_setaffinity(0, others)  # the callers and their API, from now on
        cookie, style_sheet = sign_in(port)
        paths = {"sign-in": "/accounts/sign-in/", "static file": style_sheet}
        yield Stage(port, cookie, processes, paths | {"health": "/health/live"}, api_port)


@contextmanager
def api(stage: Stage) -> Iterator[None]:
    """Serve an API of ours; afterwards its port refuses."""
    with process([sys.executable, __file__, "api", str(stage.api_port)]) as running:
        yield
        running.terminate()
        running.wait()


@contextmanager
def process(command: list[Any], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the end of the block."""
    with subprocess.Popen(command, **options) as running:
        try:
            yield running
        finally:
            running.terminate()


@contextmanager
def pages(port: int, cookie: str, queries: list[str], statuses: Counter[int]) -> Iterator[None]:
    """Let people have a page for each query open; count what they got."""
    if not queries:
        yield
        return
    command = [sys.executable, __file__, "pages", str(port), cookie, ",".join(queries)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as people:
        try:
            yield
        finally:
            said, _ = people.communicate()
            statuses.update(json.loads(said))


def probe(port: int, paths: Mapping[str, str], seconds: float) -> dict[str, list[float]]:
    """Return how long each probe took, asked again and again by somebody who is not known."""
    took: dict[str, list[float]] = {name: [] for name in paths}

    def ask(name: str) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            began = time.perf_counter()
            status = answer(port, paths[name])
            took[name].append(time.perf_counter() - began)
            if status != 200:
                raise RuntimeError(f"{name} answered {status}")
            time.sleep(PAUSE_SECONDS)

    threads = [threading.Thread(target=ask, args=[name]) for name in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def answer(port: int, path: str, cookie: str = "") -> int:
    """Return the status of a page that was read whole; 0 when nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        response = connection.getresponse()
        response.read()
        return response.status
    except OSError:
        return 0
    finally:
        connection.close()


def sign_in(port: int) -> tuple[str, str]:
    """Return the cookies of an editor, and the address of the style sheet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/accounts/sign-in/")
    page = connection.getresponse()
    text, jar = page.read().decode(), cookies(page)
    body = {
        "csrfmiddlewaretoken": found(r'name="csrfmiddlewaretoken" value="([^"]+)"', text),
        "username": "editor@example.com",
        "password": PASSWORD,
    }
    headers = {
        "Cookie": jar,
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"http://127.0.0.1:{port}",
    }
    connection.request("POST", "/accounts/sign-in/", urlencode(body), headers)
    done = connection.getresponse()
    if done.status != 302:
        raise RuntimeError(f"sign-in answered {done.status}")
    jar = f"{jar}; {cookies(done)}"
    connection.close()
    return jar, found(r'href="(/static/[^"]+\.css)"', text)


def cookies(response: http.client.HTTPResponse) -> str:
    """Return what a response sets, as a request sends it back."""
    given = response.headers.get_all("Set-Cookie") or []
    return "; ".join(each.partition(";")[0] for each in given)


def found(pattern: str, text: str) -> str:
    """Return the first group of what matches."""
    match = re.search(pattern, text)
    if match is None:
        raise RuntimeError(f"no {pattern} on the page")
    return match[1]


def children(pid: int) -> list[int]:
    """Return the processes that one has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_until_well(port: int, cookie: str) -> None:
    """Return when pages of a healthy API are served again."""
    wait_until(lambda: answer(port, "/products/?q=fine", cookie) == 200)


def wait_until(condition: Any) -> None:
    """Return when it holds."""
    until = time.monotonic() + 60
    while not condition():
        if time.monotonic() > until:
            raise RuntimeError("waited in vain")
        time.sleep(0.1)


PRODUCT = {
    "id": "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10",
    "sku": "MUG-BLUE",
    "name": "Blue mug by Moreau",
    "description": "",
    "price": {"amount_minor": 1200, "currency": "EUR"},
    "status": "active",
    "category_id": None,
    "tags": [],
    "stock": 12,
    "next_statuses": ["archived"],
    "version": 1,
    "created_at": "2026-11-01T08:00:00Z",
    "updated_at": "2026-11-01T08:00:00Z",
}


class Api(BaseHTTPRequestHandler):
    """Lists, unless the search says otherwise."""

    protocol_version = "HTTP/1.1"
    version = json.loads((WEB / "contract.json").read_text())["info"]["version"]

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer, hang until the caller has had enough, or drip."""
        items = [PRODUCT] * 50 if self.path.startswith("/v1/products") else []
        body = json.dumps({"items": items, "next_cursor": None, "prev_cursor": None}).encode()
        head = [
            "HTTP/1.1 200 OK",
            "Content-Type: application/json",
            f"Contract-Version: {self.version}",
            f"traceparent: {self.headers.get('traceparent', '')}",
            f"Content-Length: {len(body)}",
        ]
        answer = "\r\n".join([*head, "", ""]).encode() + body
        if "q=hang" in self.path:
            self.connection.recv(1)
            self.close_connection = True
        elif "q=drip" in self.path:
            for byte in answer:
                self.connection.sendall(bytes([byte]))
                time.sleep(0.3)
        else:
            self.connection.sendall(answer)


class Server(ThreadingHTTPServer):
    """Takes all callers at once."""

    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, address: Any) -> None:
        """A caller that hangs up is what this is about."""


def keep_open(port: int, cookie: str, queries: list[str]) -> Counter[int]:
    """Ask for a page a query, again some seconds after each answer, until the input ends."""
    over, statuses = threading.Event(), Counter[int]()

    def page(query: str) -> None:
        while not over.is_set():
            status = answer(port, f"/products/?q={query}", cookie)
            if not over.is_set():
                statuses[status] += 1
            over.wait(RELOAD_SECONDS)

    people = [threading.Thread(target=page, args=[query], daemon=True) for query in queries]
    for one in people:
        one.start()
    sys.stdin.read()
    over.set()
    return statuses


if __name__ == "__main__":
    if sys.argv[1] == "api":
        Server(("127.0.0.1", int(sys.argv[2])), Api).serve_forever()
    else:
        print(json.dumps(keep_open(int(sys.argv[2]), sys.argv[3], sys.argv[4].split(","))))
