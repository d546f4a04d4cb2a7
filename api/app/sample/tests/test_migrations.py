"""The sample's revisions are a branch: older databases follow; without it nothing of it is left."""

import asyncio
import shutil
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError, to_tuple
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.database.model import Model
from app.http.idempotency import IdempotencyKey
from tests.test_migrations import add_own

ROOT = Path(__file__).parents[3]
SHOP = {"categories", "product_tags", "products", "statistics_summaries", "stock_movements"}
REVISIONS = ROOT / "migrations" / "versions" / "sample"
DEPLOYED = sorted(path.name[:4] for path in REVISIONS.glob("0*.py"))
KEY = "INSERT INTO idempotency_keys VALUES ('s', 'k', '', 201, '{}', '', '2026-01-01 00:00:00')"


def built_on_the_sample() -> list[str]:
    """Return the revisions of a team's own that need one of the sample's."""
    script = ScriptDirectory.from_config(Config(ROOT / "alembic.ini"))
    found = []
    for each in script.walk_revisions():
        needed = (*to_tuple(each.down_revision, ()), *to_tuple(each.dependencies, ()))
        if each.revision not in DEPLOYED and needed:
            names = {
                getattr(revision, "revision", None) for revision in script.get_revisions(needed)
            }
            found += [each.revision] if names.intersection(DEPLOYED) else []
    return found


can_go = pytest.mark.skipif(bool(built_on_the_sample()), reason="a revision needs the sample's")
pytestmark = pytest.mark.filterwarnings("ignore:.*expression-based index")


@pytest.fixture
def config(other_url, monkeypatch):
    """Alembic on the other database."""
    monkeypatch.setenv("DATABASE_URL", other_url)
    return Config(ROOT / "alembic.ini")


@pytest.fixture
def without_sample(config, tmp_path):
    """The same, its revisions copied without the sample's."""
    copy = shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    shutil.rmtree(copy / "versions" / "sample")
    config.set_main_option("script_location", str(copy))
    return config


def run(url: str, *statements: str) -> list[object]:
    """Run statements; return the first column of what the last one found."""

    async def execute() -> list[object]:
        engine = create_async_engine(url)
        found: list[object] = []
        async with engine.begin() as connection:
            for statement in statements:
                result = await connection.execute(text(statement))
                found = list(result.scalars()) if result.returns_rows else []
        await engine.dispose()
        return found

    return asyncio.run(execute())


def tables(url: str) -> set[str]:
    """Return the names of a database's tables."""

    async def ask() -> set[str]:
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        await engine.dispose()
        return set(names)

    return asyncio.run(ask())


def leave_as_before(url: str) -> None:
    """Add what revision 0005 once added, and a key."""

    async def create() -> None:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            table: Any = IdempotencyKey.__table__  # since 0010 the core's branch has made it
            await connection.run_sync(partial(table.create, checkfirst=True))
            await connection.exec_driver_sql(KEY)
        await engine.dispose()

    asyncio.run(create())


@pytest.mark.parametrize("deployed", DEPLOYED)
def test_a_database_of_before_follows_and_keeps_its_rows(
    config, other_url, deployed, record_property
):
    command.upgrade(config, deployed)
    run(
        other_url,
        "INSERT INTO categories VALUES "
        "('01936d5e7c1a7b3f9c550f6a1f3c2d10', 'Kitchen', '', 1, '2026-01-01', '2026-01-01')",
    )
    if deployed >= "0005":
        leave_as_before(other_url)

    command.upgrade(config, "heads")
    command.upgrade(config, "heads")

    command.check(config)
    assert run(other_url, "SELECT name FROM categories") == ["Kitchen"]
    keys = ["k"] if deployed >= "0005" else []
    assert run(other_url, "SELECT key FROM idempotency_keys") == keys
    versions = run(other_url, "SELECT version_num FROM alembic_version ORDER BY version_num")
    scripts = ScriptDirectory.from_config(config)
    implied = {revision.dependencies for revision in scripts.walk_revisions()}  # by one after it
    assert versions == sorted({*scripts.get_heads()} - implied)
    record_property("deployed revisions that follow", 1)


def test_an_empty_database_gets_everything(config, other_url):
    command.upgrade(config, "heads")

    assert tables(other_url) == {"alembic_version", *Model.metadata.tables}


@can_go
def test_without_the_sample_there_is_one_head_and_none_of_its_tables(without_sample, other_url):
    command.upgrade(without_sample, "head")

    assert tables(other_url) == {"alembic_version", *Model.metadata.tables} - SHOP


@can_go
def test_the_sample_s_tables_can_be_removed_before_its_revisions_are(
    config, without_sample_later, other_url
):
    command.upgrade(config, "heads")
    command.downgrade(config, "sample@base")

    command.upgrade(without_sample_later(), "head")

    assert tables(other_url) == {"alembic_version", *Model.metadata.tables} - SHOP


@can_go
def test_the_sample_s_tables_can_stay_without_its_revisions(
    config, without_sample_later, other_url
):
    command.upgrade(config, "heads")
    later = without_sample_later()
    with pytest.raises(CommandError, match=DEPLOYED[-1]):
        command.upgrade(later, "heads")

    run(other_url, f"DELETE FROM alembic_version WHERE version_num = '{DEPLOYED[-1]}'")  # noqa: S608
    command.upgrade(later, "heads")

    assert "products" in tables(other_url)


@pytest.fixture
def without_sample_later(tmp_path):
    """Delete the sample's revisions when it is called."""

    def delete() -> Config:
        copy = shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
        shutil.rmtree(copy / "versions" / "sample")
        config = Config(ROOT / "alembic.ini")
        config.set_main_option("script_location", str(copy))
        return config

    return delete


@can_go
def test_a_team_s_own_revision_does_not_need_the_sample(without_sample, other_url, tmp_path):
    command.upgrade(without_sample, "heads")
    add_own(without_sample, tmp_path / "migrations" / "versions")

    command.upgrade(without_sample, "head")

    assert run(other_url, "SELECT own FROM idempotency_keys") == []


@pytest.fixture
def postgresql(database, monkeypatch):
    """Alembic on an empty PostgreSQL database of the test's own."""
    monkeypatch.setenv("DATABASE_URL", database)
    return Config(ROOT / "alembic.ini")


async def test_a_new_column_gives_way_to_readers_and_tries_again(postgresql, database):
    await asyncio.to_thread(command.upgrade, postgresql, "0003")
    engine = create_async_engine(database, isolation_level="AUTOCOMMIT")
    longest = 0.0
    async with engine.connect() as holder, engine.connect() as reader:
        await holder.exec_driver_sql("BEGIN")
        await holder.exec_driver_sql("SELECT count(*) FROM products")
        migration = asyncio.create_task(asyncio.to_thread(command.upgrade, postgresql, "heads"))
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            started = time.monotonic()
            await reader.exec_driver_sql("SELECT count(*) FROM products")
            longest = max(longest, time.monotonic() - started)
        assert not migration.done()
        await holder.exec_driver_sql("COMMIT")
        await migration
        columns = await reader.exec_driver_sql("SELECT tags FROM products")
    await engine.dispose()

    assert columns.all() == []
    assert longest < 1  # 3.5 seconds of waiting would show; 0.2 is what it is
