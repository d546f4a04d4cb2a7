"""Both readers of the read pool give the same answers, byte for byte."""

import pytest
from httpx2 import AsyncClient

from tests.widgets.factory import make_widget

PATHS = [
    "widgets", "widgets?q=tea&color=red&sort=-mass", "widgets?color=red&limit=1",
    "widgets?sort=created_at&limit=1", "widgets/{id}",
]  # fmt: skip


@pytest.fixture
async def rows(client: AsyncClient) -> dict[str, str]:
    """Some with equal and with other values."""
    widget = await make_widget(client, code="A", name="Tea Ä", mass=-(10**12))
    await make_widget(client, code="B", color="blue")
    await make_widget(client, code="C", name="Tea")
    return {"id": widget["id"]}


async def test_both_readers_answer_alike(client: AsyncClient, rows, plain):
    paths = [path.format(**rows) for path in PATHS]
    fast = [await client.get(path) for path in paths]
    cursor = fast[2].json()["next_cursor"]
    paths.append(f"widgets?color=red&limit=1&cursor={cursor}")
    fast.append(await client.get(paths[-1]))
    plain()

    for path, before in zip(paths, fast, strict=True):
        after = await client.get(path)
        assert before.status_code == 200
        assert before.content == after.content, path
