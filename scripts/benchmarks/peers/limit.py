"""The limit: bare ASGI on uvicorn, asyncpg and orjson, with the statements that an operation needs.

Nothing is checked, signed, counted or written down, and no framework is in between.
"""

import os
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

import asyncpg
import orjson

COLUMNS = (
    "id, sku, name, description, price_minor, currency, status, category_id, tags, stock, version,"
    " created_at, updated_at"
)
OF_PRODUCT = ", ".join(f"products.{name}" for name in COLUMNS.split(", "))
GET = f"SELECT {COLUMNS} FROM products WHERE id = $1"
PAGE = f"SELECT {OF_PRODUCT} FROM products %s ORDER BY lower(products.name), products.id LIMIT 51"
LIST = PAGE % ""
BY = {
    "status": PAGE % "WHERE status = $1",
    "category_id": PAGE % "WHERE category_id = $1::text::uuid",
    "q": PAGE % "WHERE lower(name) LIKE lower('%' || $1 || '%') OR lower(sku) LIKE"
    " lower('%' || $1 || '%')",
    "tag": f"SELECT {OF_PRODUCT} FROM products JOIN product_tags ON product_id = id"
    " WHERE tag = $1 ORDER BY product_tags.name, product_id LIMIT 51",
}
VALUES = ", ".join(f"${number}" for number in range(1, 14))
TYPED = "$1::uuid, $2, $3, $4, $5::bigint, $6, $7, $8::uuid, $9, $10::int, $11::int"
TYPED += ", $12::timestamptz, $13::timestamptz"
CREATE = f"INSERT INTO products ({COLUMNS}) VALUES ({VALUES})"
KEY = (
    "WITH key AS (INSERT INTO idempotency_keys"
    " (subject, key, fingerprint, status, headers, body, created_at) VALUES (%s) RETURNING 1)"
)
KEY_VALUES = "$%d, $%d, $%d, $%d, $%d, $%d, $%d"
CREATE_WITH_KEY = (
    f"{KEY % (KEY_VALUES % (*range(14, 21),))} INSERT INTO products ({COLUMNS})"
    f" SELECT {TYPED} FROM key"
)
CHANGE = "UPDATE products SET {} = $3, version = version + 1, updated_at = now()"
CHANGE += f" WHERE id = $1 AND version = $2 RETURNING {COLUMNS}"
MOVED = (
    "product AS (UPDATE products SET stock = stock + $2::int, version = version + 1"
    " WHERE id = $1::uuid RETURNING stock)"
    " INSERT INTO stock_movements (id, product_id, quantity, reason, note, stock_after,"
    " recorded_by, created_at)"
    " SELECT $3::uuid, $1, $2, $4::text, '', stock, 'peer', now() FROM product%s"
    " RETURNING stock_after"
)
MOVE = f"WITH {MOVED % ''}"
MOVE_WITH_KEY = f"{KEY % (KEY_VALUES % (*range(5, 12),))}, {MOVED % ', key'}"
STATISTICS = "SELECT body FROM statistics_summaries LIMIT 1"
BULK = (
    f"INSERT INTO products ({COLUMNS}) SELECT gen_random_uuid(), sku, name, description,"
    " (price->>'amount_minor')::bigint, price->>'currency', 'draft', NULL, '', 0, 1, now(), now()"
    " FROM jsonb_to_recordset($1) AS item (sku text, name text, description text, price jsonb)"
    " RETURNING id"
)
OWNER, FINGERPRINT = "0" * 64, bytes(32)  # the API hashes the caller, and the request
pool: Any = None


async def leave_as_it_is(_: object) -> None:
    """Save the round trip that resets a connection."""


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer one request."""
    if scope["type"] == "lifespan":
        await run_lifespan(receive, send)
        return
    body, more = b"", scope["method"] != "GET"
    while more:
        message = await receive()
        body, more = body + message["body"], message.get("more_body", False)
    async with pool.acquire() as connection:
        status, answer = await HANDLERS[scope["method"]](connection, scope, body)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


async def run_lifespan(receive: Any, send: Any) -> None:
    """Open the pool, and close it at the end."""
    global pool
    await receive()
    url = os.environ["PEER_DATABASE_URL"]
    pool = await asyncpg.create_pool(url, min_size=10, max_size=10, reset=leave_as_it_is)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await pool.close()
    await send({"type": "lifespan.shutdown.complete"})


async def read(connection: Any, scope: Any, _: bytes) -> tuple[int, bytes]:
    """Answer with a product, a page, or the statistics."""
    path, query = scope["path"], dict(parse_qsl(scope["query_string"].decode()))
    if path == "/v1/statistics":
        return 200, (await connection.fetchval(STATISTICS)).encode()
    if path != "/v1/products":
        row = await connection.fetchrow(GET, UUID(path.rpartition("/")[2]))
        return (200, encode(dict(row))) if row else (404, b"")
    query.pop("limit", None)
    name, value = query.popitem() if query else ("", "")
    rows = await (connection.fetch(BY[name], value) if name else connection.fetch(LIST))
    return 200, encode({"items": [dict(row) for row in rows[:50]]})


async def create(connection: Any, scope: Any, body: bytes) -> tuple[int, bytes]:
    """Store a product, many, or a movement."""
    path, key, sent = scope["path"], header(scope, b"idempotency-key"), orjson.loads(body)
    if path.endswith("/bulk"):
        rows = await connection.fetch(BULK, orjson.dumps(sent["items"]).decode())
        return 200, encode({"items": [row["id"] for row in rows]})
    if path.endswith("/stock-movements"):
        values = [UUID(path.split("/")[3]), sent["quantity"], uuid4(), sent["reason"]]
        statement = MOVE_WITH_KEY if key else MOVE
        values += with_key(key, body) if key else []
        return 201, encode({**sent, "stock_after": await connection.fetchval(statement, *values)})
    now = datetime.now(UTC)
    row = {
        "id": uuid4(),
        "sku": sent["sku"],
        "name": sent["name"],
        "description": sent["description"],
        "price_minor": sent["price"]["amount_minor"],
        "currency": sent["price"]["currency"],
        "status": "draft",
        "category_id": None,
        "tags": "",
        "stock": 0,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }
    answer = encode(row)
    if key:
        await connection.execute(CREATE_WITH_KEY, *row.values(), *with_key(key, answer))
    else:
        await connection.execute(CREATE, *row.values())
    return 201, answer


async def change(connection: Any, scope: Any, body: bytes) -> tuple[int, bytes]:
    """Change one field of the version that the caller read."""
    [(name, value)] = orjson.loads(body).items()
    version = int(header(scope, b"if-match").split("-")[0].strip('"'))
    row = await connection.fetchrow(
        CHANGE.format(name), UUID(scope["path"].split("/")[3]), version, value
    )
    return (200, encode(dict(row))) if row else (412, b"")


HANDLERS = {"GET": read, "POST": create, "PATCH": change, "PUT": change}


def with_key(key: str, answer: bytes) -> list[Any]:
    """Return the values of a key's row."""
    return [OWNER, key, FINGERPRINT, 201, "{}", answer, datetime.now(UTC)]


def header(scope: Any, name: bytes) -> str:
    """Return a header field, or an empty text."""
    return next((value.decode() for key, value in scope["headers"] if key == name), "")


def encode(value: Any) -> bytes:
    """Return JSON."""
    return orjson.dumps(value, default=str)
