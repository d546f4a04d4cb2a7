"""An index of parts of names and SKUs, of one letter or more, for the search (PostgreSQL).

A trigger writes the column ``search``, whatever changes a product: older code too. No model has it,
because only the database reads it. All is built beside running requests.

The release before searches by the index of 0006, which 0011 drops: with a big table, its searches
are slow from then until the new release is deployed.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = "core_0002"

INDEX = "ix_products_search"
FUNCTION = """
CREATE OR REPLACE FUNCTION write_product_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.search := text_parts(fold(NEW.name), fold(NEW.sku));
    RETURN NEW;
END $$
"""
TRIGGERS = {
    "product_search_insert": "BEFORE INSERT ON products FOR EACH ROW",
    "product_search_update": "BEFORE UPDATE OF name, sku ON products FOR EACH ROW "
    "WHEN (OLD.name <> NEW.name OR OLD.sku <> NEW.sku)",
}
# A few rows at a time. Those that somebody holds have another turn, so nobody waits in a circle.
FILL = """
DO $$
DECLARE
    ids uuid[];
    last uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    LOOP
        SELECT array_agg(id ORDER BY id) INTO ids FROM (
            SELECT id FROM products WHERE id > last AND search IS NULL
            ORDER BY id LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED
        ) AS batch;
        IF ids IS NULL THEN
            EXIT WHEN NOT EXISTS (SELECT FROM products WHERE search IS NULL);
            last := '00000000-0000-0000-0000-000000000000';
            COMMIT;
            PERFORM pg_sleep(0.1);
            CONTINUE;
        END IF;
        UPDATE products SET search = text_parts(fold(name), fold(sku)) WHERE id = ANY (ids);
        last := ids[cardinality(ids)];
        COMMIT;
    END LOOP;
END $$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE products ADD COLUMN IF NOT EXISTS search tsvector")
    # The planner has to know that a part is rare, or it reads the list in its order.
    op.execute("ALTER TABLE products ALTER COLUMN search SET STATISTICS 300")
    op.execute(FUNCTION)
    for name, event in TRIGGERS.items():
        op.execute(
            f"CREATE OR REPLACE TRIGGER {name} {event} EXECUTE FUNCTION write_product_search()"
        )
    with op.get_context().autocommit_block():  # CONCURRENTLY wants no transaction
        op.execute(FILL)
        op.execute("SET lock_timeout = 0")  # it locks nobody out, so it may wait
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")  # of a try that was broken off
        op.execute(f"CREATE INDEX CONCURRENTLY {INDEX} ON products USING gin (search)")
        op.execute("ANALYZE products")  # how rare each part is, for the planner
        op.execute("SET lock_timeout = '200ms'")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        op.execute("SET lock_timeout = '200ms'")
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER IF EXISTS {name} ON products")
    op.execute("DROP FUNCTION IF EXISTS write_product_search()")
    op.execute("ALTER TABLE products DROP COLUMN IF EXISTS search")
