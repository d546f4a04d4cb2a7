"""Every revision goes up, down and up again; models and tables agree; big tables are not locked."""

import asyncio
import contextlib
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from sqlalchemy import inspect, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from app.database.model import Model

ROOT = Path(__file__).parent.parent


@pytest.fixture
def config(other_url, monkeypatch):
    """Alembic on the other database."""
    monkeypatch.setenv("DATABASE_URL", other_url)
    return Config(ROOT / "alembic.ini")


def before(revision: Script) -> str:
    """Return the revision below one of its branch."""
    return str(revision.down_revision or f"{min(revision.branch_labels)}@base")


@pytest.fixture
def copied(config, tmp_path) -> Path:
    """A copy of the revisions, to which a test may add its own."""
    copy = shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    config.set_main_option("script_location", str(copy))
    return copy / "versions"


OWN = 'op.add_column("idempotency_keys", sa.Column("own", sa.Text()))'


def add_own(config: Config, versions: Path) -> Script:
    """Add a revision as a team does; it changes a table."""
    own = command.revision(config, "own")
    assert isinstance(own, Script)
    [path] = versions.glob("*_own.py")
    path.write_text(path.read_text().replace("    pass", f"    {OWN}", 1))
    return own


@pytest.mark.filterwarnings("ignore:.*expression-based index")
class TestMigrations:
    def test_every_revision_goes_up_down_and_up_again(self, config, record_property):
        revisions = list(ScriptDirectory.from_config(config).walk_revisions())
        for revision in reversed(revisions):
            command.upgrade(config, revision.revision)
            command.downgrade(config, before(revision))
            command.upgrade(config, revision.revision)
        record_property("revisions up, down and up again", len(revisions))

    def test_models_and_tables_agree(self, config):
        command.upgrade(config, "heads")

        command.check(config)

    def test_the_tables_of_the_core_need_no_resource(self, config, copied):
        for revision in copied.rglob("*.py"):
            revision.unlink()
        without_resources = (
            "import sys, types; sys.modules['app.resources'] = types.ModuleType('app.resources')\n"
            "from alembic import command; from alembic.config import Config\n"
            "config = Config('alembic.ini')\n"
            "config.set_main_option('script_location', sys.argv[1])\n"
            "command.revision(config, 'all', autogenerate=True)"
        )

        generate = [sys.executable, "-c", without_resources, str(copied.parent)]
        subprocess.run(generate, cwd=ROOT, check=True, capture_output=True)

        (written,) = copied.glob("*.py")
        assert 'create_table(\n        "idempotency_keys"' in written.read_text()

    def test_a_generated_revision_imports_no_application(self, config, copied):
        for revision in copied.rglob("*.py"):
            revision.unlink()

        command.revision(config, "all", autogenerate=True)

        (written,) = copied.glob("*.py")
        assert "create_table" in written.read_text()
        assert "app." not in written.read_text()

    def test_a_generated_revision_has_every_index_of_a_new_table(self, config, copied):
        for revision in copied.rglob("*.py"):
            revision.unlink()
        command.revision(config, "all", autogenerate=True)

        command.upgrade(config, "heads")

        (written,) = copied.glob("*.py")
        names = {i.name for table in Model.metadata.tables.values() for i in table.indexes}
        text = written.read_text().partition("def downgrade")[0]
        assert [name for name in sorted(map(str, names)) if text.count(f'"{name}"') != 1] == []

    def test_a_revision_of_one_s_own_follows_the_core_s(self, config, copied):
        [core] = ScriptDirectory.from_config(config).get_revisions("core@head")
        command.upgrade(config, "heads")

        own = add_own(config, copied)
        command.upgrade(config, "heads")
        command.downgrade(config, "core@-1")

        assert own.down_revision == core.revision

    def test_the_sql_can_be_printed_for_review(self, config, capsys):
        command.upgrade(config, "heads", sql=True)

        printed = capsys.readouterr().out
        assert all(
            re.search(f"CREATE TABLE (IF NOT EXISTS )?{table} ", printed)
            for table in Model.metadata.tables
        )


def test_another_program_can_write_to_sqlite(config, other_url, record_property):
    """As the release before can: no index, trigger, check or column calls a function of ours."""
    if not other_url.startswith("sqlite"):
        pytest.skip("only connections of SQLite have functions of their own")
    command.upgrade(config, "heads")
    with contextlib.closing(sqlite3.connect(make_url(other_url).database or "")) as plain:
        tables = plain.execute("SELECT name FROM pragma_table_list WHERE name NOT LIKE 'sqlite_%'")
        writes = [write for (table,) in tables.fetchall() for write in writes_of(plain, table)]
        for write in writes:
            plain.execute(f"EXPLAIN {write}")  # compiles all that the write would run

    record_property("writes to SQLite that another program can make", len(writes))


def writes_of(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return an insert, an update of each column, and a delete."""
    columns = connection.execute(f"SELECT name FROM pragma_table_info('{table}')")  # noqa: S608
    updates = [f'UPDATE {table} SET "{name}" = "{name}"' for (name,) in columns]  # noqa: S608
    return [f"INSERT INTO {table} DEFAULT VALUES", *updates, f"DELETE FROM {table}"]  # noqa: S608


@pytest.fixture
def postgresql(database, monkeypatch):
    """Alembic on an empty PostgreSQL database of the test's own."""
    monkeypatch.setenv("DATABASE_URL", database)
    return Config(ROOT / "alembic.ini")


class TestBigTables:
    """A migration of a table that is in use (PostgreSQL)."""

    def test_squawk_finds_nothing_that_locks_one(self, postgresql, tmp_path, capsys):
        squawk = Path(sys.executable).with_name("squawk")
        command.upgrade(postgresql, "heads", sql=True)
        sql = tmp_path / "migrations.sql"
        sql.write_text(capsys.readouterr().out)

        run = subprocess.run(
            [squawk, "--config", ROOT / "migrations" / "squawk.toml", sql],
            check=False, capture_output=True, text=True,
        )  # fmt: skip

        assert run.returncode == 0, run.stdout

    def test_the_printed_sql_waits_for_no_lock_longer_than_200_ms(self, postgresql, capsys):
        command.upgrade(postgresql, "heads", sql=True)

        assert "SET lock_timeout = '200ms';" in capsys.readouterr().out

    async def test_it_gives_way_to_readers_and_tries_again(self, postgresql, database, tmp_path):
        copy = shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
        postgresql.set_main_option("script_location", str(copy))
        await asyncio.to_thread(command.upgrade, postgresql, "heads")
        await asyncio.to_thread(add_own, postgresql, copy / "versions")
        engine = create_async_engine(database, isolation_level="AUTOCOMMIT")
        longest = 0.0
        async with engine.connect() as holder, engine.connect() as reader:
            await holder.exec_driver_sql("BEGIN")
            await holder.exec_driver_sql("SELECT count(*) FROM idempotency_keys")
            migration = asyncio.create_task(asyncio.to_thread(command.upgrade, postgresql, "heads"))
            until = time.monotonic() + 1.5
            while time.monotonic() < until:
                started = time.monotonic()
                await reader.exec_driver_sql("SELECT count(*) FROM idempotency_keys")
                longest = max(longest, time.monotonic() - started)
            assert not migration.done()
            await holder.exec_driver_sql("COMMIT")
            await migration
            columns = await reader.exec_driver_sql("SELECT own FROM idempotency_keys")
        await engine.dispose()

        assert columns.all() == []
        assert longest < 1  # 3.5 seconds of waiting would show; 0.2 is what it is


REVISION = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "{name}", "{down}"
def upgrade():
    {body}
"""
TABLES = """
    op.create_table(
        "owners", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.Text()),
        sa.Column("more", sa.String(9)), sa.UniqueConstraint("more", name="uq_more"),
    )
    op.create_index("ix_owners_name", "owners", [sa.text("lower(name)")])
    op.create_table(
        "owned",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("owner", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["owners.id"], name="fk_owner"),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER own AFTER INSERT ON owners"
            " BEGIN INSERT INTO owned VALUES (NEW.id, NEW.id); END"
        )
        op.execute(
            "CREATE TRIGGER beside AFTER DELETE ON owned"
            " BEGIN DELETE FROM owners WHERE id = OLD.owner; END"
        )
    op.execute("INSERT INTO owners VALUES (1, 'A: b', 'x')")
    op.execute("INSERT INTO owned SELECT 1, 1 WHERE NOT EXISTS (SELECT * FROM owned)")
"""
BATCHES = {
    "drop a column": 'batch.drop_column("more")',
    "change a type": 'batch.alter_column("more", type_=sa.Text())',
    "refuse null": 'batch.alter_column("name", nullable=False)',
    "rename a column": 'batch.alter_column("more", new_column_name="other")',
    "add a check": 'batch.create_check_constraint("ck_more", "more <> \'y\'")',
    "drop a unique constraint": 'batch.drop_constraint("uq_more", type_="unique")',
    "add a reference": 'batch.add_column(sa.Column("above", sa.Integer()));'
    ' batch.create_foreign_key("fk_above", "owners", ["above"], ["id"])',
    "add a default that is made": 'batch.add_column(sa.Column("at", sa.DateTime(),'
    " server_default=sa.func.current_timestamp()))",
    "drop what is indexed": 'batch.drop_column("name")',
}


@pytest.mark.filterwarnings("ignore:.*expression-based index")
@pytest.mark.sampled(6)
@pytest.mark.parametrize("change", BATCHES)
def test_a_table_can_be_altered_that_others_refer_to_and_keeps_what_it_has(
    config, copied, other_url, change, record_property
):
    batch = f'with op.batch_alter_table("owners") as batch:\n        {BATCHES[change]}'
    below = ScriptDirectory.from_config(config).get_revision("core@head")
    assert below is not None
    for name, body, down in (("own1", TABLES, below.revision), ("own2", batch, "own1")):
        (copied / f"{name}.py").write_text(REVISION.format(name=name, down=down, body=body))

    command.upgrade(config, "heads")

    found = asyncio.run(what_owners_has(other_url))
    assert found.pop("rows") == (1, 1)
    assert found.pop("is referred to")
    if "sqlite" in other_url:
        assert found.pop("trigger")
    assert found == {"index": change != "drop what is indexed"}
    record_property("ways to alter a table that others refer to", 1)


async def what_owners_has(url: str) -> dict[str, object]:
    """Return what is left of the table of TABLES."""
    engine = create_async_engine(url)
    async with engine.connect() as connection:

        async def one(statement: str) -> object:
            return (await connection.exec_driver_sql(statement)).scalar()

        found: dict[str, object] = {
            "rows": (
                await one("SELECT count(*) FROM owners"),
                await one("SELECT count(*) FROM owned JOIN owners ON owners.id = owned.owner"),
            )
        }
        if engine.dialect.name == "sqlite":
            indexes = "SELECT count(*) FROM sqlite_master WHERE name = 'ix_owners_name'"
            found["trigger"] = await one("SELECT count(*) FROM sqlite_master WHERE name = 'own'")
        else:
            indexes = "SELECT count(*) FROM pg_indexes WHERE indexname = 'ix_owners_name'"
        found["index"] = bool(await one(indexes))
        references = await connection.run_sync(lambda sync: inspect(sync).get_foreign_keys("owned"))
        found["is referred to"] = [each["referred_table"] for each in references] == ["owners"]
    await engine.dispose()
    return found
