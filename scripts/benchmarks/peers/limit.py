"""The limit: Starlette, asyncpg and orjson; nothing is checked, signed, counted or written down."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

COLUMNS = (
    "id, sku, name, description, price_minor, currency, status, category_id, stock, version,"
    " created_at, updated_at"
)
GET = f"SELECT {COLUMNS} FROM products WHERE id = $1"
LIST = f"SELECT {COLUMNS} FROM products WHERE status = $1 ORDER BY lower(name), id LIMIT $2"
CREATE = (
    f"INSERT INTO products ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, 'draft', NULL, 0, 1, $7, $7)"
)


async def leave_as_it_is(_: object) -> None:
    """Save the round trip that resets a connection."""


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Open the pool."""
    url = os.environ["PEER_DATABASE_URL"]
    async with asyncpg.create_pool(url, min_size=10, max_size=10, reset=leave_as_it_is) as pool:
        app.state.pool = pool
        yield


async def read_product(request: Request) -> Response:
    """Answer with one product."""
    async with request.app.state.pool.acquire() as connection:
        row = await connection.fetchrow(GET, UUID(request.path_params["id"]))
    return Response(orjson.dumps(dict(row), default=str), media_type="application/json")


async def list_products(request: Request) -> Response:
    """Answer with the first page."""
    status, limit = request.query_params["status"], int(request.query_params["limit"])
    async with request.app.state.pool.acquire() as connection:
        rows = await connection.fetch(LIST, status, limit)
    body = orjson.dumps({"items": [dict(row) for row in rows]}, default=str)
    return Response(body, media_type="application/json")


async def create_product(request: Request) -> Response:
    """Store a product."""
    body: dict[str, Any] = orjson.loads(await request.body())
    now, price = datetime.now(UTC), body["price"]
    row = {
        "id": uuid4(),
        "sku": body["sku"],
        "name": body["name"],
        "description": body["description"],
        "price_minor": price["amount_minor"],
        "currency": price["currency"],
        "created_at": now,
    }
    async with request.app.state.pool.acquire() as connection:
        await connection.execute(CREATE, *row.values())
    return Response(orjson.dumps(row, default=str), 201, media_type="application/json")


app = Starlette(
    lifespan=lifespan,
    routes=[
        Route("/v1/products", list_products, methods=["GET"]),
        Route("/v1/products", create_product, methods=["POST"]),
        Route("/v1/products/{id}", read_product, methods=["GET"]),
    ],
)
