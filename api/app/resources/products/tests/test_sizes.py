"""The largest answer to a batch can be given, stored with its key, and given again."""

from httpx2 import AsyncClient

from app.resources.products.schemas import ProductBatch

COUNT = ProductBatch.model_json_schema()["properties"]["items"]["maxItems"]
AT_ONCE = 125  # as many of the largest fit into a body
PRICE = {"amount_minor": 10**12, "currency": "EUR"}
TAGS = [f"{number:040}" for number in range(20)]


async def test_the_answer_to_as_many_stale_items_as_can_be_shows_the_largest_products(
    client: AsyncClient, record_property
):
    """A letter of control is one byte stored, and six in JSON."""
    skus = [f"{number:064}" for number in range(COUNT)]
    least = [{"sku": sku, "name": "\x01" * 199 + "x", "price": PRICE} for sku in skus]
    for start in range(0, COUNT, AT_ONCE):
        items = [
            each | {"description": "\x01" * 4000, "tags": TAGS}
            for each in least[start : start + AT_ONCE]
        ]
        response = await client.post("products/bulk", json={"items": items})
        assert {each["outcome"] for each in response.json()["items"]} == {"created"}
    stale = {"items": [each | {"version": 2} for each in least]}
    key = {"Idempotency-Key": "stale"}

    response = await client.post("products/bulk", json=stale, headers=key)
    again = await client.post("products/bulk", json=stale, headers=key)

    assert response.status_code == 200
    assert [each["current"]["sku"] for each in response.json()["items"]] == skus
    assert again.content == response.content
    assert again.headers["idempotency-replayed"] == "true"
    record_property("bytes in the largest answers to a batch", len(response.content))
