import pytest
from httpx2 import AsyncClient

from app.http.etags import etag
from app.resources.categories.tests.factory import REQUIRED, make_category


@pytest.fixture
async def category(client: AsyncClient):
    return await make_category(client)


class TestCreateCategory:
    async def test_answers_with_where_it_is_and_its_version(self, client: AsyncClient):
        response = await client.post("categories", json=REQUIRED | {"name": " New "})

        category = response.json()
        assert response.status_code == 201
        assert (category["name"], category["description"]) == ("New", "")
        assert response.headers["location"] == f"/v1/categories/{category['id']}"
        assert response.headers["etag"] == etag(1)

    async def test_what_was_created_is_what_is_read(self, client: AsyncClient, category):
        assert (await client.get(f"categories/{category['id']}")).json() == category

    async def test_taken_name_points_at_the_field(self, client: AsyncClient, category):
        response = await client.post("categories", json=REQUIRED | {"name": category["name"]})

        assert response.status_code == 409
        assert response.json()["errors"][0]["pointer"] == "#/name"

    @pytest.mark.parametrize("name", ["", "  ", "x" * 121, "a\0b", None, 5])
    async def test_bad_name_points_at_the_field(self, client: AsyncClient, name):
        response = await client.post("categories", json=REQUIRED | {"name": name})

        assert response.status_code == 422
        assert response.json()["errors"][0]["pointer"] == "#/name"


class TestListCategories:
    async def test_is_by_name_in_any_case(self, client: AsyncClient):
        for name in ("cups", "Bowls", "apples"):
            await make_category(client, name=name)

        items = (await client.get("categories")).json()["items"]

        assert [item["name"] for item in items] == ["apples", "Bowls", "cups"]

    async def test_search_finds_part_of_the_name_in_any_case(self, client: AsyncClient):
        for name in ("Äpfel", "Birnen", "100 % Saft"):
            await make_category(client, name=name)

        async def search(q: str) -> list[str]:
            items = (await client.get("categories", params={"q": q})).json()["items"]
            return [item["name"] for item in items]

        assert await search("äPF") == ["Äpfel"]
        assert await search("%") == ["100 % Saft"]


class TestUpdateCategory:
    async def test_changes_what_is_sent_and_counts_the_version(self, client: AsyncClient, category):
        response = await client.patch(
            f"categories/{category['id']}",
            json={"description": "More"},
            headers={"If-Match": '"1"'},
        )

        changed = response.json()
        assert response.status_code == 200
        assert (changed["name"], changed["description"]) == (category["name"], "More")
        assert response.headers["etag"] == etag(2)

    async def test_null_is_no_name(self, client: AsyncClient, category):
        response = await client.patch(
            f"categories/{category['id']}", json={"name": None}, headers={"If-Match": '"1"'}
        )

        assert response.status_code == 422


class TestDeleteCategory:
    async def test_it_is_gone(self, client: AsyncClient, category):
        url = f"categories/{category['id']}"

        response = await client.delete(url, headers={"If-Match": '"1"'})

        assert response.status_code == 204
        assert (await client.get(url)).status_code == 404
