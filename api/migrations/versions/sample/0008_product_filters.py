"""Indexes for a filter in the default order of products.

They are built beside running requests. The one of categories replaces the index of the foreign key.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OLD, COLUMNS = "ix_products_category_id", ("category_id", "status")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        for column in COLUMNS:
            op.create_index(
                f"ix_products_{column}_name", "products", [column, sa.text("lower(name)"), "id"]
            )
        op.drop_index(OLD, "products")
        return
    with op.get_context().autocommit_block():  # CONCURRENTLY wants no transaction
        op.execute("SET lock_timeout = 0")  # it locks nobody out, so it may wait
        for column in COLUMNS:
            name = f"ix_products_{column}_name"
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # of a try that was broken off
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON products ({column}, lower(name), id)")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {OLD}")
        op.execute("SET lock_timeout = '200ms'")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        op.create_index(OLD, "products", ["category_id"])
        for column in COLUMNS:
            op.drop_index(f"ix_products_{column}_name", "products")
        return
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {OLD} ON products (category_id)")
        for column in COLUMNS:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS ix_products_{column}_name")
        op.execute("SET lock_timeout = '200ms'")
