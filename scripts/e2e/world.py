"""Both programs with a proxy at each of their connections, and what goes wrong there.

Between UI and API, between the API and the issuer of its tokens, and before a real PostgreSQL.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from conftest import EDITOR, PASSWORD, VIEWER
from proxies import HttpProxy, TcpProxy
from servers import HOLD_CONNECTION, HOLD_SERVER, Held, Program, Shop
from visitor import Visitor

LIST = "^GET /v1/categories"


class World(Shop):
    """Both programs with a proxy at each of their connections."""

    def __init__(self, var: Path, server: Held) -> None:
        super().__init__(var)
        self.dsn = server.read()
        folder = self.dsn.partition("host=")[2]
        self.database = TcpProxy(f"{folder}/.s.PGSQL.5432")
        self.between = HttpProxy(self.api.port)
        self.issuer = HttpProxy(self.ui.port)
        self.api.command = "exec scripts/run --workers 2"
        self.api.environment |= {
            "DATABASE_URL": f"postgresql+asyncpg://postgres@127.0.0.1:{self.database.port}/shop",
            "AUTH_JWKS": f"{self.issuer.url}/.well-known/jwks.json",
            "RATE_LIMIT_PER_MINUTE": "1000000",
            "STATEMENT_TIMEOUT_SECONDS": "5",
        }
        self.ui.environment["API_URL"] = self.between.url

    def start(self) -> None:
        self.api.start("/health/ready")
        self.ui.start("/health/ready")

    def close(self) -> None:
        for proxy in (self.between, self.issuer):
            proxy.refuse()
        self.database.close()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    # Root's PostgreSQL runs as another user, who may not enter the folders of pytest.
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        Path(folder).chmod(0o755)
        server = Held(HOLD_SERVER, f"{folder}/data")
        world = World(tmp_path_factory.mktemp("world"), server)
        try:
            world.start()
            yield world
        finally:
            world.stop()
            server.close()
            world.close()


@pytest.fixture(scope="session")
def person(world: World) -> Iterator[Visitor]:
    with Visitor(world.ui.url, EDITOR, PASSWORD) as person:
        yield person


@pytest.fixture(scope="session")
def other(world: World) -> Iterator[Visitor]:
    with Visitor(world.ui.url, VIEWER, PASSWORD) as other:
        yield other


@pytest.fixture(scope="session")
def sql(world: World) -> Iterator[Held]:
    session = Held(HOLD_CONNECTION, world.dsn)
    yield session
    session.close()


@pytest.fixture
def proxy(world: World, person: Visitor) -> Iterator[HttpProxy]:
    """The proxy between UI and API; afterwards all is well again."""
    recover(world, person)
    yield world.between
    world.between.set()
    recover(world, person)


def recover(world: World, person: Visitor) -> None:
    wait_until(lambda: person.new_search().status_code == 200)
    for _ in range(5):  # half a retry for the next test
        assert person.new_search().status_code == 200


def wait_until(condition: Callable[[], bool], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def names(world: World, q: str) -> list[str]:
    headers = {"Authorization": f"Bearer {world.ui.token(EDITOR)}"}
    answer = httpx2.get(f"{world.api.url}/v1/categories", params={"q": q}, headers=headers)
    return [each["name"] for each in answer.raise_for_status().json()["items"]]


def log_lines(program: Program, text: str) -> int:
    return program.log().count(text)


def memory(program: Program) -> int:
    """Return the resident bytes of a program's processes."""
    assert program.process is not None
    found, todo = 0, [program.process.pid]
    while todo:
        pid = todo.pop()
        status = Path(f"/proc/{pid}/status").read_text()
        found += int(status.partition("VmRSS:")[2].split()[0]) * 1024
        todo += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return found


def status(program: Program, path: str) -> int:
    try:
        return httpx2.get(program.url + path, timeout=30).status_code
    except httpx2.TransportError:
        return 0


def workers_of(program: Program) -> set[int]:
    assert program.process is not None
    pid = program.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    found = set()
    for child in children:
        with suppress(FileNotFoundError, ProcessLookupError):  # it ends just now
            if "spawn_main" in Path(f"/proc/{child}/cmdline").read_text():
                found.add(int(child))
    return found
