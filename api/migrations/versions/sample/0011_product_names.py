"""The indexes of ``lower(name)`` go: only the release before 0010 reads them."""

import sqlalchemy as sa
from alembic import context, op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_categories_name_sort": "categories (lower(name), id)",
    "ix_products_name_sort": "products (lower(name), id)",
    "ix_products_category_id_name": "products (category_id, lower(name), id)",
    "ix_products_status_name": "products (status, lower(name), id)",
}
TRIGRAMS = {
    "ix_products_search_trgm": "products USING gin "
    "(lower(name) gin_trgm_ops, lower(sku) gin_trgm_ops)"
}
HAS_TRIGRAMS = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        for name in INDEXES:
            op.drop_index(name)
        return
    with op.get_context().autocommit_block():  # CONCURRENTLY wants no transaction
        op.execute("SET lock_timeout = 0")  # it locks nobody out, so it may wait
        for name in INDEXES | TRIGRAMS:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute("SET lock_timeout = '200ms'")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        for name, definition in INDEXES.items():
            op.execute(f"CREATE INDEX {name} ON {definition}")
        return
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        found = context.is_offline_mode() or op.get_bind().scalar(sa.text(HAS_TRIGRAMS))
        for name, definition in (INDEXES | (TRIGRAMS if found else {})).items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # of a try that was broken off
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {definition}")
        op.execute("SET lock_timeout = '200ms'")
