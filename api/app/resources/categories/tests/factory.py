"""Makes categories through the API, as a caller would."""

from typing import Any

from httpx2 import AsyncClient


async def make_category(client: AsyncClient, **fields: Any) -> dict[str, Any]:
    """Create a category; ``fields`` replace the defaults."""
    response = await client.post("categories", json={"name": "Kitchen"} | fields)
    assert response.status_code == 201, response.text
    return response.json()
