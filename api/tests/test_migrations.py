"""Every revision goes up, down and up again with rows in the tables; models and tables agree."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from app.core.database import Model
from app.settings import Settings

ROOT = Path(__file__).parent.parent


@pytest.fixture
def config(url, monkeypatch):
    """Alembic on the other database."""
    monkeypatch.setenv("DATABASE_URL", url)
    return Config(ROOT / "alembic.ini")


@pytest.fixture
async def url(settings: Settings, app, tmp_path):
    """A database beside the suite's own."""
    if settings.database_url.startswith("sqlite"):
        yield f"sqlite+aiosqlite:///{tmp_path}/other.sqlite3"
        return
    admin = app.state.database.write.execution_options(isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        await connection.exec_driver_sql("CREATE DATABASE stairs TEMPLATE template0")
    yield make_url(settings.database_url).set(database="stairs").render_as_string(False)
    async with admin.connect() as connection:
        await connection.exec_driver_sql("DROP DATABASE stairs")


@pytest.mark.filterwarnings("ignore:.*expression-based index")
class TestMigrations:
    def test_every_revision_goes_up_down_and_up_again(self, config):
        for _ in ScriptDirectory.from_config(config).walk_revisions():
            command.upgrade(config, "+1")
            command.downgrade(config, "-1")
            command.upgrade(config, "+1")

    def test_models_and_tables_agree(self, config):
        command.upgrade(config, "head")

        command.check(config)

    def test_the_sql_can_be_printed_for_review(self, config, capsys):
        command.upgrade(config, "head", sql=True)

        printed = capsys.readouterr().out
        assert all(f"CREATE TABLE {table}" in printed for table in Model.metadata.tables)
