"""Makes widgets through the API, as a caller would."""

from typing import Any

from httpx2 import AsyncClient

WIDGET: dict[str, Any] = {"code": "A-1", "name": "Sprocket", "size": 3}


async def make_widget(client: AsyncClient, **fields: Any) -> dict[str, Any]:
    """Create a widget; ``fields`` replace the defaults."""
    response = await client.post("widgets", json=WIDGET | fields)
    assert response.status_code == 201, response.text
    return response.json()
