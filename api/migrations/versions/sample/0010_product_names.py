"""Names in the order of ``fold``, and an index of parts of names and SKUs for the search.

All is built beside running requests. On PostgreSQL a trigger writes the column ``search``: what is
in a product's folded texts, three letters from each place on. A part of one or two letters is the
beginning of some of them. No model has the column, because only the database reads it.

What the release before reads stays until 0011: with a big table, ``alembic upgrade 0010``, deploy,
then ``python -m app migrate``.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAME = 'substr(fold(name COLLATE "C"), 1, 200)'
INDEXES = {
    "ix_categories_name_key": f"categories ({NAME}, id)",
    "ix_products_name_key": f"products ({NAME}, id)",
    "ix_products_category_id_name_key": f"products (category_id, {NAME}, id)",
    "ix_products_status_name_key": f"products (status, {NAME}, id)",
}
SEARCH = {"ix_products_search": "products USING gin (search)"}
FUNCTIONS = {
    "text_parts(text, text)": """
CREATE OR REPLACE FUNCTION text_parts(one text, other text) RETURNS tsvector
IMMUTABLE PARALLEL SAFE LANGUAGE plpgsql AS $$
DECLARE
    found text[];
    count int := length(one);
BEGIN
    FOR place IN 1..count LOOP
        found[place] := substr(one, place, 3);
    END LOOP;
    FOR place IN 1..length(other) LOOP
        found[count + place] := substr(other, place, 3);
    END LOOP;
    RETURN array_to_tsvector(found);
END $$
""",
    # Of a folded LIKE pattern, ``%words%``. Parts side by side, because the planner takes each for
    # as rare as if it had nothing to do with the others.
    "parts_query(text)": """
CREATE OR REPLACE FUNCTION parts_query(pattern text) RETURNS tsquery
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql AS $$
DECLARE
    words text := regexp_replace(substr(pattern, 2, length(pattern) - 2), '\\\\(.)', '\\1', 'g');
    found text;
BEGIN
    SELECT string_agg(quote_part(substr(words, place, 3)), ' & ') INTO found
    FROM generate_series(1, length(words) - 2, 3) AS place;
    RETURN coalesce(found, CASE words WHEN '' THEN 'a | !a' ELSE quote_part(words) || ':*' END);
END $$
""",
    "quote_part(text)": """
CREATE OR REPLACE FUNCTION quote_part(part text) RETURNS text
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
SELECT '''' || replace(replace(part, '\\', '\\\\'), '''', '''''') || ''''
$$
""",
    "write_product_search()": """
CREATE OR REPLACE FUNCTION write_product_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.search := text_parts(fold(NEW.name), fold(NEW.sku));
    RETURN NEW;
END $$
""",
}
SEARCH_TRIGGERS = {
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

# The trigger function of 0009; {name} is what a tag is sorted by.
FUNCTION = """
CREATE OR REPLACE FUNCTION write_product_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.tags <> '' THEN
        DELETE FROM product_tags
        WHERE tag = ANY (string_to_array(trim(BOTH '|' FROM OLD.tags), '|'))
            AND name IN ({old}) AND product_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.tags <> '' THEN
        INSERT INTO product_tags (tag, name, product_id)
        SELECT tag, {new}, NEW.id
        FROM unnest(string_to_array(trim(BOTH '|' FROM NEW.tags), '|')) AS tags (tag)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$
"""
# A few rows at a time, locked so that what is written is what a trigger would write.
COPY = """
DO $$
DECLARE
    ids uuid[];
    last uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
    LOOP
        SELECT array_agg(id ORDER BY id) INTO ids
        FROM (SELECT id FROM products WHERE id > last ORDER BY id LIMIT 1000) AS batch;
        EXIT WHEN ids IS NULL;
        WITH tagged AS MATERIALIZED (
            SELECT tag, {was} AS was, {name} AS name, id
            FROM (SELECT * FROM products WHERE id = ANY (ids) AND tags <> '' FOR SHARE) AS locked,
                unnest(string_to_array(trim(BOTH '|' FROM tags), '|')) AS tag
        )
        UPDATE product_tags SET name = tagged.name FROM tagged
        WHERE product_tags.tag = tagged.tag AND product_tags.name = tagged.was
            AND product_tags.product_id = tagged.id AND tagged.was <> tagged.name;
        last := ids[cardinality(ids)];
        COMMIT;
    END LOOP;
END $$
"""
# On SQLite: {row} is NEW, OLD or the table.
TRIGGERS = {
    "product_tags_insert": ("INSERT", "NEW.tags <> ''"),
    "product_tags_update": (
        "UPDATE OF name, tags",
        "(OLD.tags <> NEW.tags OR (OLD.tags <> '' AND OLD.name <> NEW.name))",
    ),
    "product_tags_delete": ("DELETE", "OLD.tags <> ''"),
}
DELETE = """
DELETE FROM product_tags
WHERE tag IN (SELECT value FROM json_each('["' || replace(trim(OLD.tags, '|'), '|', '","') || '"]'))
    AND name = {old} AND product_id = OLD.id
"""
INSERT = """
INSERT OR IGNORE INTO product_tags (tag, name, product_id)
SELECT value, {new}, {row}.id
FROM {table} json_each('["' || replace(trim({row}.tags, '|'), '|', '","') || '"]')
WHERE {row}.tags <> ''
"""


def of(row: str, key: str) -> str:
    """Return the sort key of a row."""
    return key.replace("name", f"{row}.name", 1)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        write_tags_on_sqlite(NAME)
        for name, definition in INDEXES.items():
            op.execute(f"CREATE INDEX {name} ON {definition}")
        return
    op.execute("ALTER TABLE products ADD COLUMN IF NOT EXISTS search tsvector")
    # The planner has to know that a part is rare, or it reads the list in its order.
    op.execute("ALTER TABLE products ALTER COLUMN search SET STATISTICS 300")
    for function in FUNCTIONS.values():
        op.execute(function)
    for name, event in SEARCH_TRIGGERS.items():
        op.execute(
            f"CREATE OR REPLACE TRIGGER {name} {event} EXECUTE FUNCTION write_product_search()"
        )
    write_tags(NAME, "lower(name)")
    with op.get_context().autocommit_block():  # CONCURRENTLY wants no transaction
        op.execute(FILL)
        op.execute("SET lock_timeout = 0")  # it locks nobody out, so it may wait
        for name, definition in (INDEXES | SEARCH).items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # of a try that was broken off
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {definition}")
        op.execute("ANALYZE products")  # how rare each part is, for the planner
        op.execute("SET lock_timeout = '200ms'")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        write_tags_on_sqlite("lower(name)")
        for name in INDEXES:
            op.drop_index(name)
        return
    write_tags("lower(name)", NAME)
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        for name in INDEXES | SEARCH:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute("SET lock_timeout = '200ms'")
    for name in SEARCH_TRIGGERS:
        op.execute(f"DROP TRIGGER IF EXISTS {name} ON products")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION IF EXISTS {name}")
    op.execute("ALTER TABLE products DROP COLUMN IF EXISTS search")


def write_tags(key: str, was: str) -> None:
    """Sort the copies of tags by ``key``; until all are, a trigger deletes what has either."""
    new, old = of("NEW", key), of("OLD", key)
    op.execute(FUNCTION.format(old=f"{old}, {of('OLD', was)}", new=new))
    with op.get_context().autocommit_block():
        op.execute(COPY.format(was=was, name=key))
    op.execute(FUNCTION.format(old=old, new=new))


def write_tags_on_sqlite(key: str) -> None:
    """Write the copies of tags, and their triggers, with another sort key."""
    for name, (event, condition) in TRIGGERS.items():
        op.execute(f"DROP TRIGGER {name}")
        steps = [] if event == "INSERT" else [DELETE.format(old=of("OLD", key))]
        insert = INSERT.format(table="", row="NEW", new=of("NEW", key))
        steps += [] if event == "DELETE" else [insert]
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON products FOR EACH ROW "
            f"WHEN {condition} BEGIN {'; '.join(steps)}; END"
        )
    op.execute("DELETE FROM product_tags")
    op.execute(INSERT.format(table="products,", row="products", new=of("products", key)))
