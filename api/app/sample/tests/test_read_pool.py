"""Both readers of the read pool give the same answers about the shop, byte for byte."""

import json

import pytest
from httpx2 import AsyncClient

from app.resources import NAMES
from app.resources.categories.tests.factory import make_category
from app.resources.products.tests.factory import make_product

PATHS = [
    "products", "products?q=tea&status=draft&sort=-price", "products?tag=gift&limit=1",
    "products?sort=created_at&limit=1", "products/{id}", "categories?q=k&sort=-name",
    "categories/{category}",
]  # fmt: skip

if "stock" in NAMES:
    PATHS += ["products/{id}/stock-movements", "statistics"]


@pytest.fixture
async def shop(client: AsyncClient) -> dict[str, str]:
    """One of everything."""
    category = await make_category(client)
    product = await make_product(
        client, name="Tea Ä", status="draft", category_id=category["id"], tags=["gift", "new"]
    )
    await make_product(client, sku="B", status="active", tags=["gift"])
    body = {"quantity": 3, "reason": "received"}
    await client.post(f"products/{product['id']}/stock-movements", json=body)
    return {"id": product["id"], "category": category["id"]}


def without_time(content: bytes) -> object:
    return {k: v for k, v in json.loads(content).items() if k != "computed_at"}


async def test_both_readers_answer_alike(client: AsyncClient, shop, plain):
    paths = [path.format(**shop) for path in PATHS]
    fast = [await client.get(path) for path in paths]
    cursor = fast[2].json()["next_cursor"]
    paths.append(f"products?tag=gift&limit=1&cursor={cursor}")
    fast.append(await client.get(paths[-1]))
    plain()

    for path, before in zip(paths, fast, strict=True):
        after = await client.get(path)
        assert before.status_code == 200
        assert without_time(before.content) == without_time(after.content)
        assert len(before.content) == len(after.content), path
