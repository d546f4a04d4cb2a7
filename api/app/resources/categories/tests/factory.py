"""Makes categories through the API, as a caller would."""

from typing import Any

from httpx2 import AsyncClient

# What a create must have.
REQUIRED = {"name": "Kitchen"}


async def make_category(client: AsyncClient, **fields: Any) -> dict[str, Any]:
    """Create a category; ``fields`` replace those of REQUIRED."""
    response = await client.post("categories", json=REQUIRED | fields)
    assert response.status_code == 201, response.text
    return response.json()
