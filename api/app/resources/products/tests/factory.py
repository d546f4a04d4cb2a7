"""Makes products through the API, as a caller would."""

from typing import Any

from httpx2 import AsyncClient

PRODUCT = {
    "sku": "MUG-BLUE",
    "name": "Blue mug",
    "price": {"amount_minor": 1999, "currency": "EUR"},
}


async def make_product(client: AsyncClient, **fields: Any) -> dict[str, Any]:
    """Create a product; ``fields`` replace the defaults."""
    response = await client.post("products", json=PRODUCT | fields)
    assert response.status_code == 201, response.text
    return response.json()
