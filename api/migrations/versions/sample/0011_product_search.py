"""The index of trigrams goes: only the release before 0010 searches by it (PostgreSQL)."""

import sqlalchemy as sa
from alembic import context, op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INDEX = "ix_products_search_trgm"
HAS_TRIGRAMS = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    with op.get_context().autocommit_block():  # CONCURRENTLY wants no transaction
        op.execute("SET lock_timeout = 0")  # it locks nobody out, so it may wait
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.execute("SET lock_timeout = '200ms'")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    with op.get_context().autocommit_block():
        if context.is_offline_mode() or op.get_bind().scalar(sa.text(HAS_TRIGRAMS)):
            op.execute("SET lock_timeout = 0")
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
            op.execute(
                f"CREATE INDEX CONCURRENTLY {INDEX} ON products "
                "USING gin (lower(name) gin_trgm_ops, lower(sku) gin_trgm_ops)"
            )
            op.execute("SET lock_timeout = '200ms'")
