"""The fault table beneath the API: its database and its workers, one mark a row."""

import os
import secrets
import shutil
import signal
import subprocess
import threading
import time

import httpx2
import pytest

from conftest import EDITOR, PASSWORD
from visitor import Visitor
from world import World, log_lines, names, status, wait_until, workers_of


@pytest.mark.fault("F18")
def test_a_database_that_stops_and_comes_back_needs_no_restart(proxy, person, world):
    assert world.api.process is not None
    workers = workers_of(world.api)
    world.database.cut()
    try:
        wait_until(lambda: status(world.api, "/health/ready") == 503)
        answer = httpx2.get(
            f"{world.api.url}/v1/categories",
            headers={"Authorization": f"Bearer {world.ui.token(EDITOR)}"},
            timeout=30,
        )
        assert answer.status_code == 503
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert status(world.api, "/health/live") == 200
        assert person.new_search().status_code == 503
    finally:
        world.database.join()
    wait_until(lambda: status(world.api, "/health/ready") == 200)
    wait_until(lambda: person.new_search().status_code == 200)

    assert workers_of(world.api) == workers


@pytest.mark.fault("F19")
def test_when_every_connection_is_in_use_pages_say_so_soon_and_reads_go_on(
    proxy, person, world, sql
):
    sql.run("BEGIN")
    sql.run("LOCK TABLE categories IN EXCLUSIVE MODE")  # writers wait, readers do not
    forms = [person.form("/categories/new/") | {"name": f"Busy {n}"} for n in range(8)]
    statuses: list[int] = []

    def write(form: dict[str, str]) -> None:
        statuses.append(person.send_form("/categories/new/", form).status_code)

    people = [threading.Thread(target=write, args=[form]) for form in forms]
    began = time.monotonic()
    for one in people:
        one.start()
    try:
        assert person.get("/accounts/sign-in/").status_code == 302  # who is signed in goes home
        for one in people:
            one.join()
    finally:
        sql.run("ROLLBACK")

    assert time.monotonic() - began < 20
    assert set(statuses) == {503}


@pytest.mark.fault("F20")
def test_connections_that_the_database_ends_lose_and_double_nothing(proxy, person, world, sql):
    prefix = f"Ended {secrets.token_hex(4)}"
    for number in range(10):
        sql.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = 'shop' AND pid <> pg_backend_pid()"
        )
        assert person.create_category(f"{prefix} {number}").status_code == 302

    assert sorted(names(world, prefix)) == [f"{prefix} {number}" for number in range(10)]


@pytest.mark.fault("F21")
@pytest.mark.parametrize("code", ["40P01", "40001"], ids=["deadlock", "serialization"])
class TestRolledBack:
    @pytest.fixture
    def rolled_back(self, sql, code):
        """Let so many writes be rolled back."""

        def let(count: int) -> None:
            sql.run("CREATE SEQUENCE rolled_back")
            sql.run(
                "CREATE FUNCTION roll_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF nextval('rolled_back') <= {count} THEN "
                f"RAISE EXCEPTION 'rolled back' USING ERRCODE = '{code}'; END IF; "
                "RETURN NEW; END $$"
            )
            sql.run(
                "CREATE TRIGGER rolled_back BEFORE INSERT ON categories "
                "FOR EACH ROW EXECUTE FUNCTION roll_back()"
            )

        yield let
        sql.run("DROP TRIGGER IF EXISTS rolled_back ON categories")
        sql.run("DROP FUNCTION IF EXISTS roll_back")
        sql.run("DROP SEQUENCE IF EXISTS rolled_back")

    def test_it_is_tried_again(self, proxy, person, world, rolled_back):
        rolled_back(1)
        name = f"Again {secrets.token_hex(4)}"

        assert person.create_category(name).status_code == 302
        assert names(world, name) == [name]

    def test_not_for_ever(self, proxy, person, rolled_back):
        rolled_back(1000)
        answer = person.create_category("Never there")

        assert answer.status_code == 503
        assert "Never there" in answer.text


class Load:
    """People who read and write until it is over."""

    def __init__(self, world: World, people: int = 3) -> None:
        self.statuses: list[int] = []
        self.prefix = f"Load {secrets.token_hex(4)}"
        self._over = threading.Event()
        self._world = world
        self._people = [threading.Thread(target=self._work, args=[n]) for n in range(people)]

    def _work(self, who: int) -> None:
        number = 0
        with Visitor(self._world.ui.url, EDITOR, PASSWORD) as person:
            while not self._over.is_set():
                self.statuses.append(person.new_search().status_code)
                answer = person.create_category(f"{self.prefix} {who} {number}")
                self.statuses.append(answer.status_code)
                number += 1

    def __enter__(self) -> "Load":
        for one in self._people:
            one.start()
        wait_until(lambda: len(self.statuses) >= 2 * len(self._people))
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        for one in self._people:
            one.join()

    def go_on(self) -> None:
        """Return when more was asked for."""
        done = len(self.statuses)
        wait_until(lambda: len(self.statuses) > done + 12)

    @property
    def created(self) -> list[str]:
        """Return the names of what was acknowledged, that is of every one in turn."""
        found: list[str] = []
        cursor: str | None = ""
        headers = {"Authorization": f"Bearer {self._world.ui.token(EDITOR)}"}
        while cursor is not None:
            query = {"q": self.prefix, "limit": "100"} | ({"cursor": cursor} if cursor else {})
            page = httpx2.get(
                f"{self._world.api.url}/v1/categories", params=query, headers=headers
            ).json()
            found += [each["name"] for each in page["items"]]
            cursor = page["next_cursor"]
        return found


def replace_workers(world: World) -> None:
    """Put new workers into the places of all (SIGHUP)."""
    assert world.api.process is not None
    before = workers_of(world.api)
    world.api.process.send_signal(signal.SIGHUP)
    wait_until(lambda: not workers_of(world.api) & before and len(workers_of(world.api)) == 2)


def kill_a_worker(world: World) -> None:
    serving = log_lines(world.api, "Application startup complete")
    os.kill(min(workers_of(world.api)), signal.SIGKILL)
    wait_until(lambda: log_lines(world.api, "Application startup complete") > serving)


@pytest.mark.parametrize(
    "do",
    [
        pytest.param(replace_workers, marks=pytest.mark.fault("F22"), id="replaced"),
        pytest.param(kill_a_worker, marks=pytest.mark.fault("F23"), id="killed"),
    ],
)
def test_workers_that_end_fail_no_page_and_double_nothing(proxy, world, request, do):
    with Load(world) as load:
        for _ in range(10 if request.config.getoption("--long") else 1):
            do(world)
            load.go_on()

    assert set(load.statuses) == {200, 302}
    created = load.created
    assert len(created) == len(set(created)) == load.statuses.count(302)


OWN = """
from alembic import op
import sqlalchemy as sa

revision, down_revision, branch_labels, depends_on = "own", "sample@head", None, None


def upgrade():
    op.add_column("products", sa.Column("own", sa.Text()))
"""


@pytest.mark.fault("F25")
def test_a_migration_gives_way_to_readers(proxy, person, world, sql, tmp_path):
    """A revision of a team's own, which changes products, while somebody reads products."""
    ignored = shutil.ignore_patterns(".venv", "var", "__pycache__", ".*_cache")
    api = shutil.copytree(world.api.folder, tmp_path / "api", ignore=ignored)
    environment = os.environ | world.api.environment
    python = world.api.folder / ".venv" / "bin" / "python"
    heads = [python, "-m", "alembic", "heads"]
    said = subprocess.run(heads, cwd=api, env=environment, check=True, stdout=subprocess.PIPE)
    head = next(line.split()[0] for line in said.stdout.decode().splitlines() if "sample" in line)
    (api / "migrations/versions/sample/own.py").write_text(OWN.replace("sample@head", head))
    sql.run("BEGIN")
    sql.run("SELECT count(*) FROM products")
    migration = subprocess.Popen([python, "-m", "app", "migrate"], cwd=api, env=environment)
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
    try:
        wait_until(lambda: bool(sql.run(waiting)) or migration.poll() is not None)
        found = [person.get("/products/", params={"q": str(n)}).status_code for n in range(30)]
        waits = migration.poll() is None
    finally:
        sql.run("ROLLBACK")
        ended = migration.wait(60)

    assert waits
    assert ended == 0
    assert set(found) == {200}
