"""A trigram index for the search in products (PostgreSQL; SQLite has nothing like it).

It is built beside running requests. Without the extension ``pg_trgm``, which PostgreSQL brings
along and whoever may create in the database may add, the search reads the whole table as before.
"""

import logging

import sqlalchemy as sa
from alembic import context, op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEX = "ix_products_search_trgm"
AVAILABLE = """
SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')
    OR EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm')
    AND has_database_privilege(current_database(), 'CREATE')
"""
log = logging.getLogger("alembic.runtime.migration")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    with op.get_context().autocommit_block():  # CONCURRENTLY wants no transaction
        if not add_extension():
            log.warning("no extension pg_trgm here: the search in products has no index")
            return
        # It locks nobody out, so it may wait for those who use the table. One that was broken off
        # leaves an index that is not valid.
        op.execute("SET lock_timeout = 0")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY {INDEX} ON products "
            "USING gin (lower(name) gin_trgm_ops, lower(sku) gin_trgm_ops)"
        )
        op.execute("SET lock_timeout = '200ms'")


def add_extension() -> bool:
    """Add the extension unless it is there; return whether it is."""
    if not context.is_offline_mode() and not op.get_bind().scalar(sa.text(AVAILABLE)):
        return False
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    return True


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            op.execute("SET lock_timeout = 0")
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
            op.execute("SET lock_timeout = '200ms'")
