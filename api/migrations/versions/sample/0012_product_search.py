"""What is searched in products as one folded text, and an index of its parts (PostgreSQL).

A trigger writes the column ``folded``, whatever changes a product: older code too. It is null where
it would be long, since an entry of the default order's index has to fit into a page, and in rows
that are not filled yet: for these it is computed. All is built beside running requests.

The release before searches by the column ``search`` of 0010, which 0013 drops: with a big table,
run ``alembic upgrade 0012``, deploy, then ``python -m app migrate``.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = "core_0003"

FOLDED = "coalesce(folded, fold(name) || chr(8203) || fold(sku))"
FUNCTION = """
CREATE OR REPLACE FUNCTION write_product_folded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.folded := fold(NEW.name) || chr(8203) || fold(NEW.sku);
    IF octet_length(NEW.folded) > 500 THEN
        NEW.folded := NULL;
    END IF;
    RETURN NEW;
END $$
"""
TRIGGERS = {
    "product_folded_insert": "BEFORE INSERT ON products FOR EACH ROW",
    "product_folded_update": "BEFORE UPDATE OF name, sku ON products FOR EACH ROW "
    "WHEN (OLD.name <> NEW.name OR OLD.sku <> NEW.sku)",
}
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
# By name: its columns, and its kind. The new index of the default order takes the old one's name.
PARTS, ORDER = "ix_products_parts", "ix_products_name_sort"
COVERING = f"{ORDER}_new", "products (lower(name), id) INCLUDE (name, sku, folded)"
PLAIN = f"{ORDER}_new", "products (lower(name), id)"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE products ADD COLUMN IF NOT EXISTS folded text")
    op.execute(FUNCTION)
    for name, event in TRIGGERS.items():
        op.execute(
            f"CREATE OR REPLACE TRIGGER {name} {event} EXECUTE FUNCTION write_product_folded()"
        )
    with op.get_context().autocommit_block():  # CONCURRENTLY wants no transaction
        op.execute(FILL)
        op.execute("SET lock_timeout = 0")  # it locks nobody out, so it may wait
        create_index(PARTS, f"products USING gin (text_parts({FOLDED}))")
        replace_order(*COVERING)
        # An index is read without its rows where VACUUM has seen that all see them.
        op.execute("VACUUM (ANALYZE) products")
        op.execute("SET lock_timeout = '200ms'")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        replace_order(*PLAIN)
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {PARTS}")
        op.execute("SET lock_timeout = '200ms'")
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER IF EXISTS {name} ON products")
    op.execute("DROP FUNCTION IF EXISTS write_product_folded()")
    op.execute("ALTER TABLE products DROP COLUMN IF EXISTS folded")


def replace_order(name: str, columns: str) -> None:
    """Build the index of the default order again, with these columns."""
    create_index(name, columns)
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {ORDER}")
    op.execute(f"-- squawk-ignore renaming-object\nALTER INDEX {name} RENAME TO {ORDER}")


def create_index(name: str, columns: str) -> None:
    """Create an index; one of that name is of a try that was broken off."""
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {columns}")
