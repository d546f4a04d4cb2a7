import pytest
from httpx2 import AsyncClient

from app.resources.categories.tests.factory import make_category
from app.resources.products.tests.factory import PRODUCT, make_product

UNKNOWN = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"
FIRST = {"If-Match": '"1"'}


@pytest.fixture
async def product(client: AsyncClient):
    return await make_product(client)


@pytest.fixture
def url(product):
    return f"products/{product['id']}"


class TestCreateProduct:
    async def test_is_a_draft_without_stock_unless_it_says_otherwise(self, product):
        assert (product["status"], product["stock"], product["category_id"]) == ("draft", 0, None)
        assert product["next_statuses"] == ["active", "archived"]

    async def test_what_was_created_is_what_is_read(self, client: AsyncClient, product, url):
        assert (await client.get(url)).json() == product

    async def test_emoji_and_right_to_left_text_are_kept(self, client: AsyncClient):
        name, description = "☕ قهوة 👩‍🍳", "שלום\n\tعالم"

        product = await make_product(client, name=name, description=description)

        assert (product["name"], product["description"]) == (name, description)

    async def test_taken_sku_points_at_the_field(self, client: AsyncClient, product):
        response = await client.post("products", json=PRODUCT)

        assert response.status_code == 409
        assert response.json()["errors"] == [
            {"pointer": "#/sku", "code": "taken", "detail": "A product with this SKU exists."}
        ]

    async def test_unknown_category_points_at_the_field(self, client: AsyncClient):
        response = await client.post("products", json=PRODUCT | {"category_id": UNKNOWN})

        assert response.status_code == 409
        assert response.json()["errors"][0]["pointer"] == "#/category_id"

    @pytest.mark.parametrize(
        ("fields", "pointer"),
        [
            ({"sku": "x" * 65}, "#/sku"),
            ({"name": "x" * 201}, "#/name"),
            ({"description": "x" * 4001}, "#/description"),
            ({"name": "nul\0"}, "#/name"),
            ({"price": {"amount_minor": -1, "currency": "EUR"}}, "#/price/amount_minor"),
            ({"price": {"amount_minor": 25.55, "currency": "EUR"}}, "#/price/amount_minor"),
            ({"price": {"amount_minor": "1", "currency": "EUR"}}, "#/price/amount_minor"),
            ({"price": {"amount_minor": 10**13, "currency": "EUR"}}, "#/price/amount_minor"),
            ({"price": {"amount_minor": 1, "currency": "XXX"}}, "#/price/currency"),
            ({"status": "sold"}, "#/status"),
            ({"stock": 5}, "#/stock"),
            ({"unheard_of": 1}, "#/unheard_of"),
        ],
    )
    async def test_bad_value_points_at_the_field(self, client: AsyncClient, fields, pointer):
        response = await client.post("products", json=PRODUCT | fields)

        assert response.status_code == 422
        assert response.json()["errors"][0]["pointer"] == pointer


class TestListProducts:
    @pytest.mark.parametrize(
        ("params", "found"),
        [
            ({}, 1),
            ({"q": "bLUE M"}, 1),
            ({"q": "mug-b"}, 1),
            ({"q": "_"}, 0),
            ({"q": "\\"}, 0),
            ({"status": "draft"}, 1),
            ({"status": "active"}, 0),
            ({"category_id": UNKNOWN}, 0),
        ],
    )
    async def test_filters(self, client: AsyncClient, product, params, found):
        response = await client.get("products", params=params)

        assert len(response.json()["items"]) == found

    async def test_filter_by_category(self, client: AsyncClient):
        category = await make_category(client)
        await make_product(client, category_id=category["id"])
        await make_product(client, sku="OTHER")

        response = await client.get("products", params={"category_id": category["id"]})

        assert [item["sku"] for item in response.json()["items"]] == ["MUG-BLUE"]


class TestTags:
    async def test_are_kept_once_and_in_order(self, client: AsyncClient):
        product = await make_product(client, tags=["gift", "blue", "gift"])

        assert product["tags"] == ["blue", "gift"]

    async def test_find_the_products_that_have_one(self, client: AsyncClient):
        await make_product(client, tags=["gift"])
        await make_product(client, sku="WRAP", tags=["gift-wrap"])
        await make_product(client, sku="PLAIN")

        items = (await client.get("products", params={"tag": "gift"})).json()["items"]

        assert [item["sku"] for item in items] == ["MUG-BLUE"]

    async def test_can_be_taken_away(self, client: AsyncClient):
        product = await make_product(client, tags=["gift"])

        response = await client.patch(f"products/{product['id']}", json={"tags": []}, headers=FIRST)

        assert response.json()["tags"] == []

    @pytest.mark.parametrize("tag", ["", "Blue", "a b", "a|b", "-a", "%", "x" * 41, 5])
    async def test_are_plain_words(self, client: AsyncClient, tag):
        response = await client.post("products", json=PRODUCT | {"tags": [tag]})

        assert response.status_code == 422
        assert response.json()["errors"][0]["pointer"] == "#/tags/0"


class TestUpdateProduct:
    async def test_changes_only_what_is_sent(self, client: AsyncClient, product, url):
        response = await client.patch(url, json={"name": "Red mug"}, headers=FIRST)

        changed = response.json()
        assert response.status_code == 200
        assert changed == product | {
            "name": "Red mug",
            "version": 2,
            "updated_at": changed["updated_at"],
        }
        assert (await client.get(url)).json() == changed

    async def test_null_takes_the_category_away_and_left_out_keeps_it(self, client: AsyncClient):
        category = await make_category(client)
        product = await make_product(client, category_id=category["id"])
        url = f"products/{product['id']}"

        kept = await client.patch(url, json={"name": "Red"}, headers=FIRST)
        taken = await client.patch(url, json={"category_id": None}, headers={"If-Match": '"2"'})

        assert kept.json()["category_id"] == category["id"]
        assert taken.json()["category_id"] is None

    async def test_price_is_replaced_as_a_whole(self, client: AsyncClient, product, url):
        price = {"amount_minor": 100, "currency": "JPY"}

        response = await client.patch(url, json={"price": price}, headers=FIRST)

        assert response.json()["price"] == price


class TestUpdateProductStatus:
    @pytest.mark.parametrize(
        ("start", "step", "expected"),
        [
            ("draft", "active", 200),
            ("draft", "archived", 200),
            ("draft", "draft", 200),
            ("active", "archived", 200),
            ("active", "draft", 409),
            ("archived", "active", 200),
            ("archived", "draft", 409),
        ],
    )
    async def test_allows_the_steps_of_the_table(self, client: AsyncClient, start, step, expected):
        product = await make_product(client, status=start)

        response = await client.put(
            f"products/{product['id']}/status", json={"status": step}, headers=FIRST
        )

        assert response.status_code == expected
        assert (expected == 200) == (step in [start, *product["next_statuses"]])


class TestUpsertProducts:
    async def test_creates_updates_and_leaves_alone_by_sku(self, client: AsyncClient, product):
        await make_product(client, sku="SAME")
        batch = [PRODUCT | {"name": "Red"}, PRODUCT | {"sku": "SAME"}, PRODUCT | {"sku": "NEW"}]

        response = await client.post("products/bulk", json={"items": batch})

        items = response.json()["items"]
        assert [item["outcome"] for item in items] == ["updated", "unchanged", "created"]
        assert items[0]["id"] == product["id"]
        assert (await client.get(f"products/{product['id']}")).json()["name"] == "Red"

    async def test_an_item_that_cannot_be_stored_fails_alone(self, client: AsyncClient, product):
        batch = [
            PRODUCT | {"sku": "GOOD"},
            PRODUCT | {"sku": "LOST", "category_id": UNKNOWN},
            PRODUCT | {"sku": "TWICE"},
            PRODUCT | {"sku": "TWICE"},
        ]

        response = await client.post("products/bulk", json={"items": batch})

        items = response.json()["items"]
        assert [i["outcome"] for i in items] == ["created", "failed", "failed", "failed"]
        assert items[1]["errors"][0]["pointer"] == "#/items/1/category_id"
        assert items[1]["id"] is None

    @pytest.mark.parametrize("count", [0, 501])
    async def test_takes_1_to_500(self, client: AsyncClient, count):
        batch = [PRODUCT | {"sku": str(number)} for number in range(count)]

        response = await client.post("products/bulk", json={"items": batch})

        assert response.status_code == 422

    async def test_500_fit(self, client: AsyncClient):
        batch = [PRODUCT | {"sku": str(number)} for number in range(500)]

        response = await client.post("products/bulk", json={"items": batch})

        assert {item["outcome"] for item in response.json()["items"]} == {"created"}

    async def test_a_batch_outside_the_contract_stores_nothing(self, client: AsyncClient):
        batch = [PRODUCT, PRODUCT | {"sku": ""}]

        response = await client.post("products/bulk", json={"items": batch})

        assert response.status_code == 422
        assert response.json()["errors"][0]["pointer"] == "#/items/1/sku"
        assert (await client.get("products")).json()["items"] == []


class TestDeleteProduct:
    async def test_it_is_gone(self, client: AsyncClient, url):
        assert (await client.delete(url, headers=FIRST)).status_code == 204
        assert (await client.get(url)).status_code == 404


class TestCategoryInUse:
    async def test_category_that_products_use_stays(self, client: AsyncClient):
        category = await make_category(client)
        await make_product(client, category_id=category["id"])

        response = await client.delete(f"categories/{category['id']}", headers={"If-Match": '"1"'})

        assert response.status_code == 409
        assert response.json()["detail"] == "Products are in this category."
