"""What is searched in products as one folded text, in the index of the default order (PostgreSQL).

The trigger of 0010 writes the column ``folded`` too. It is null where it would be long, since an
entry of an index has to fit into a page, and in rows that are not filled yet: for these it is
computed. All is built beside running requests. The release before needs none of it.
"""

from pathlib import Path
from runpy import run_path

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = "core_0003"

BEFORE = Path(__file__).with_name("0010_product_search.py")
FUNCTION = """
CREATE OR REPLACE FUNCTION write_product_search() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    name text := fold(NEW.name);
    sku text := fold(NEW.sku);
BEGIN
    NEW.search := text_parts(name, sku);
    NEW.folded := name || chr(8203) || sku;
    IF octet_length(NEW.folded) > 500 THEN
        NEW.folded := NULL;
    END IF;
    RETURN NEW;
END $$
"""
# A few rows at a time. Those that somebody holds, and changes, are written by the trigger, or not.
FILL = """
DO $$
DECLARE
    ids uuid[];
    last uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    LOOP
        SELECT array_agg(id ORDER BY id) INTO ids FROM (
            SELECT id FROM products WHERE id > last AND folded IS NULL
            ORDER BY id LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED
        ) AS batch;
        EXIT WHEN ids IS NULL;
        UPDATE products SET folded = fold(name) || chr(8203) || fold(sku)
        WHERE id = ANY (ids) AND octet_length(fold(name) || chr(8203) || fold(sku)) <= 500;
        last := ids[cardinality(ids)];
        COMMIT;
    END LOOP;
END $$
"""
INDEX = "ix_products_name_sort"
COLUMNS = "(lower(name), id)"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE products ADD COLUMN IF NOT EXISTS folded text")
    op.execute(FUNCTION)
    with op.get_context().autocommit_block():  # CONCURRENTLY wants no transaction
        op.execute(FILL)
        op.execute("SET lock_timeout = 0")  # it locks nobody out, so it may wait
        replace_index(f"{COLUMNS} INCLUDE (name, sku, folded)")
        # An index is read without its rows where VACUUM has seen that all see them.
        op.execute("VACUUM (ANALYZE) products")
        op.execute("SET lock_timeout = '200ms'")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        replace_index(COLUMNS)
        op.execute("SET lock_timeout = '200ms'")
    op.execute(run_path(str(BEFORE))["FUNCTION"])
    op.execute("ALTER TABLE products DROP COLUMN IF EXISTS folded")


def replace_index(columns: str) -> None:
    """Build the index of the default order again; a new one may be of a try that was broken off."""
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}_new")
    op.execute(f"CREATE INDEX CONCURRENTLY {INDEX}_new ON products {columns}")
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
    op.execute(f"-- squawk-ignore renaming-object\nALTER INDEX {INDEX}_new RENAME TO {INDEX}")
