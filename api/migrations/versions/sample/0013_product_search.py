"""The column ``search`` goes: only the release before 0012 searches by it (PostgreSQL).

Its downgrade makes it again as 0010 does, and fills it.
"""

from pathlib import Path
from runpy import run_path

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BEFORE = Path(__file__).with_name("0010_product_search.py")
DROP = (
    "DROP TRIGGER IF EXISTS product_search_insert ON products",
    "DROP TRIGGER IF EXISTS product_search_update ON products",
    "-- squawk-ignore ban-drop-function\nDROP FUNCTION IF EXISTS write_product_search()",
    "-- squawk-ignore ban-drop-column\nALTER TABLE products DROP COLUMN IF EXISTS search",
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    with op.get_context().autocommit_block():  # CONCURRENTLY wants no transaction
        op.execute("SET lock_timeout = 0")  # it locks nobody out, so it may wait
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_products_search")
        op.execute("SET lock_timeout = '200ms'")
    for statement in DROP:
        op.execute(statement)


def downgrade() -> None:
    run_path(str(BEFORE))["upgrade"]()
