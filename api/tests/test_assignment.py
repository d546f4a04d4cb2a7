"""Nobody sets what only the service may (OWASP API3:2023): the contract names every such field."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from app import contract
from app.resources.products.tests.factory import make_product

CONTRACT = contract.pinned()


def properties(holder: dict[str, Any]) -> set[str]:
    """Return the names of a body's fields."""
    media: dict[str, Any] = next(iter(holder["content"].values()))
    name = media["schema"].get("$ref", "").rsplit("/", 1)[-1]
    return set(CONTRACT["components"]["schemas"].get(name, {}).get("properties", {}))


def writes() -> list[Any]:
    """Return each operation that takes a body, with the fields that it does not take."""
    found = []
    for path, operations in CONTRACT["paths"].items():
        for method, operation in operations.items():
            if body := operation.get("requestBody"):
                done = operation["responses"].get("201") or operation["responses"]["200"]
                foreign = properties(done) - properties(body) | {"owner", "is_admin"}
                found.append((method, path, foreign))
    return found


@pytest.mark.parametrize(("method", "path", "foreign"), writes())
async def test_every_field_that_is_not_taken_is_refused(client: AsyncClient, method, path, foreign):
    category = (await client.post("categories", json={"name": "Kitchen"})).json()
    product = await make_product(client)
    url = path.format(product_id=product["id"], category_id=category["id"])

    response = await client.request(
        method,
        f"http://api.test{url}",
        json=dict.fromkeys(foreign, "x"),
        headers={"If-Match": "*"},
    )

    assert response.status_code == 422
    errors = response.json()["errors"]
    refused = {error["pointer"][2:] for error in errors if error["code"] == "extra_forbidden"}
    assert refused == foreign
