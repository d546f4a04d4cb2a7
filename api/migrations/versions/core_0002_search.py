"""What a search calls on PostgreSQL: letters without case and accents, and parts of texts.

On SQLite each connection has its own ``fold``, and no table, index or trigger calls it: another
program, or the release before, could not write then.
"""

from alembic import op

from app.database.folding import fold_letters_in_sql

revision = "core_0002"
down_revision = "core_0001"
branch_labels = None
depends_on = None

FUNCTIONS = {
    # One expression, which the planner puts in the place of the call; few texts need the other.
    "fold(text)": """
CREATE OR REPLACE FUNCTION fold(words text) RETURNS text
IMMUTABLE PARALLEL SAFE LANGUAGE sql
RETURN CASE WHEN octet_length(words) = length(words) THEN lower(words COLLATE "C")
    ELSE fold_letters(words) END
""",
    # Three letters from each place on: a part of one or two is the beginning of some of them.
    "text_parts(text[])": """
CREATE OR REPLACE FUNCTION text_parts(VARIADIC texts text[]) RETURNS tsvector
IMMUTABLE PARALLEL SAFE LANGUAGE plpgsql AS $$
DECLARE
    words text;
    found text[] := '{}';
    count int := 0;
BEGIN
    FOREACH words IN ARRAY texts LOOP
        FOR place IN 1..coalesce(length(words), 0) LOOP
            count := count + 1;
            found[count] := substr(words, place, 3);
        END LOOP;
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
    SELECT string_agg(
        '''' || replace(replace(substr(words, place, 3), '\\', '\\\\'), '''', '''''') || '''',
        ' & '
    ) INTO found
    FROM generate_series(1, greatest(length(words) - 2, 1), 3) AS place;
    RETURN CASE WHEN words = '' THEN 'a | !a' WHEN length(words) < 3 THEN found || ':*'
        ELSE found END;
END $$
""",
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(fold_letters_in_sql())  # not at import, which each command of Alembic does
        for function in FUNCTIONS.values():
            op.execute(function)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in reversed(FUNCTIONS):
            op.execute(f"DROP FUNCTION {name}")
        op.execute("DROP FUNCTION fold_letters(text)")
