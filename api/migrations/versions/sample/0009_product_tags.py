"""Tags of products as rows in the order of the list: a page of any tag is read from their index.

Triggers write them, whatever changes a product: older code too. On SQLite a later revision that
makes ``products`` again (``batch_alter_table``) drops its triggers: add them again there.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE OR REPLACE FUNCTION write_product_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.tags <> '' THEN
        DELETE FROM product_tags
        WHERE tag = ANY (string_to_array(trim(BOTH '|' FROM OLD.tags), '|'))
            AND name = lower(OLD.name) AND product_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.tags <> '' THEN
        INSERT INTO product_tags (tag, name, product_id)
        SELECT tag, lower(NEW.name), NEW.id
        FROM unnest(string_to_array(trim(BOTH '|' FROM NEW.tags), '|')) AS tags (tag)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$
"""
CHANGED = "(OLD.tags <> NEW.tags OR (OLD.tags <> '' AND OLD.name <> NEW.name))"
TRIGGERS = {
    "product_tags_insert": ("INSERT", "NEW.tags <> ''"),
    "product_tags_update": ("UPDATE OF name, tags", CHANGED),
    "product_tags_delete": ("DELETE", "OLD.tags <> ''"),
}
# A few rows at a time, locked so that what is copied is what a trigger would write.
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
        INSERT INTO product_tags (tag, name, product_id)
        SELECT tag, lower(name), id
        FROM (SELECT * FROM products WHERE id = ANY (ids) AND tags <> '' FOR SHARE) AS tagged,
            unnest(string_to_array(trim(BOTH '|' FROM tags), '|')) AS tag
        ON CONFLICT DO NOTHING;
        last := ids[cardinality(ids)];
        COMMIT;
    END LOOP;
END $$
"""
# On SQLite: {row} is NEW, OLD or the table.
DELETE = """
DELETE FROM product_tags
WHERE tag IN (SELECT value FROM json_each('["' || replace(trim(OLD.tags, '|'), '|', '","') || '"]'))
    AND name = lower(OLD.name) AND product_id = OLD.id
"""
INSERT = """
INSERT OR IGNORE INTO product_tags (tag, name, product_id)
SELECT value, lower({row}.name), {row}.id
FROM {table} json_each('["' || replace(trim({row}.tags, '|'), '|', '","') || '"]')
WHERE {row}.tags <> ''
"""


def upgrade() -> None:
    op.create_table(
        "product_tags",
        sa.Column("tag", sa.String(40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tag", "name", "product_id", name="pk_product_tags"),
        if_not_exists=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)
        for name, (event, condition) in TRIGGERS.items():
            op.execute(
                f"CREATE OR REPLACE TRIGGER {name} AFTER {event} ON products FOR EACH ROW "
                f"WHEN ({condition}) EXECUTE FUNCTION write_product_tags()"
            )
        with op.get_context().autocommit_block():
            op.execute(COPY)
        return
    for name, (event, condition) in TRIGGERS.items():
        steps = [] if event == "INSERT" else [DELETE]
        steps += [] if event == "DELETE" else [INSERT.format(table="", row="NEW")]
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON products FOR EACH ROW "
            f"WHEN {condition} BEGIN {'; '.join(steps)}; END"
        )
    op.execute(INSERT.format(table="products,", row="products"))


def downgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER IF EXISTS {name}{' ON products' if is_postgresql else ''}")
    if is_postgresql:
        op.execute("DROP FUNCTION IF EXISTS write_product_tags()")
    op.drop_table("product_tags")
