"""Batches change only what was sent, and finish beside whatever else writes at the same time."""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Awaitable
from itertools import combinations
from typing import Any

import pytest
from httpx2 import AsyncClient, Response

from app.resources.categories.tests.factory import make_category
from app.resources.products.tests.factory import PRODUCT, make_product
from app.types import MAX_VERSION
from conftest import make_token

ROUNDS, LONG_ROUNDS = 16, 100
UNKNOWN = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10"
LEAST = {"name": "Mug", "price": {"amount_minor": 5, "currency": "JPY"}}
MORE: dict[str, Any] = {
    "description": "Other",
    "category_id": None,
    "status": "archived",
    "tags": [],
}


async def send(client: AsyncClient, *items: dict[str, Any], **headers: str) -> Response:
    return await client.post("products/bulk", json={"items": items}, headers=headers)


@pytest.fixture
async def product(client: AsyncClient):
    """A product with a value in every field."""
    category = await make_category(client)
    return await make_product(
        client,
        description="Long text",
        tags=["a", "b"],
        category_id=category["id"],
        status="active",
    )


SENT = [set(names) for count in range(5) for names in combinations(MORE, count)]


class TestWhatWasNotSent:
    @pytest.mark.parametrize("names", SENT, ids=lambda names: " ".join(sorted(names)) or "none")
    async def test_stays_in_an_existing_product(self, client: AsyncClient, product, names):
        sent = LEAST | {name: MORE[name] for name in names}

        [item] = (await send(client, {"sku": product["sku"]} | sent)).json()["items"]

        after = (await client.get(f"products/{product['id']}")).json()
        changing = ("version", "updated_at", "next_statuses")
        assert item["outcome"] == "updated", item
        assert after == product | sent | {name: after[name] for name in changing}
        assert after["version"] == 2

    @pytest.mark.parametrize("names", SENT, ids=lambda names: " ".join(sorted(names)) or "none")
    async def test_has_its_default_in_a_new_one(self, client: AsyncClient, names):
        sent = {"sku": "NEW"} | LEAST | {name: MORE[name] for name in names}
        created = (await client.post("products", json=sent | {"sku": "CREATED"})).json()

        [item] = (await send(client, sent)).json()["items"]

        after = (await client.get(f"products/{item['id']}")).json()
        own = ("id", "sku", "created_at", "updated_at")
        assert after == created | {name: after[name] for name in own}

    async def test_equals_what_is_there_and_changes_no_version(self, client: AsyncClient, product):
        same = {name: product[name] for name in ("sku", "name", "price")}

        [item] = (await send(client, same)).json()["items"]

        assert item["outcome"] == "unchanged"
        assert (await client.get(f"products/{product['id']}")).json() == product


class TestVersion:
    async def test_the_present_one_is_changed(self, client: AsyncClient, product):
        item = {"sku": product["sku"], "version": 1} | LEAST

        [outcome] = (await send(client, item)).json()["items"]

        assert (outcome["outcome"], outcome["current"]) == ("updated", None)

    async def test_a_stale_one_fails_alone_and_shows_the_present(self, client, product):
        await send(client, {"sku": product["sku"]} | LEAST)
        present = (await client.get(f"products/{product['id']}")).json()

        response = await send(
            client,
            {"sku": product["sku"], "version": 1} | LEAST | {"name": "Lost"},
            {"sku": "OTHER"} | LEAST,
        )

        stale, other = response.json()["items"]
        assert (stale["outcome"], stale["id"], stale["current"]) == ("failed", None, present)
        assert [(e["pointer"], e["code"]) for e in stale["errors"]] == [
            ("#/items/0/version", "stale")
        ]
        assert other["outcome"] == "created"
        assert (await client.get(f"products/{product['id']}")).json() == present

    async def test_a_product_that_is_not_there_is_not_created(self, client: AsyncClient):
        [outcome] = (await send(client, {"sku": "NEW", "version": 1} | LEAST)).json()["items"]

        assert outcome["outcome"] == "failed"
        assert outcome["errors"][0]["pointer"] == "#/items/0/version"
        assert (await client.get("products")).json()["items"] == []

    async def test_who_may_not_read_is_not_shown_the_present(self, client_for, product):
        writer = client_for(make_token(scope="products:write"))

        [outcome] = (await send(writer, {"sku": product["sku"], "version": 7} | LEAST)).json()[
            "items"
        ]

        assert (outcome["outcome"], outcome["current"]) == ("failed", None)

    async def test_nor_by_the_answer_that_another_token_of_the_same_person_got(
        self, client_for, product
    ):
        stale, key = {"sku": product["sku"], "version": 7} | LEAST, uuid.uuid4().hex
        shown = []

        for scope in ("products:read products:write", "products:write"):
            sender = client_for(make_token(scope=scope))
            response = await send(sender, stale, **{"Idempotency-Key": key})
            [outcome] = response.json()["items"]
            assert response.headers["content-length"] == str(len(response.content))
            shown.append((response.headers.get("Idempotency-Replayed"), outcome["current"]))

        assert shown == [(None, shown[0][1]), ("true", None)]
        assert shown[0][1]["sku"] == product["sku"]


@pytest.mark.parametrize("version", [{}, {"version": MAX_VERSION}], ids=["any", "the last one"])
async def test_after_the_last_version_of_an_item_comes_the_first(
    client: AsyncClient, execute, product, version
):
    await execute("UPDATE products SET version = 2147483647")

    [outcome] = (await send(client, {"sku": product["sku"]} | LEAST | version)).json()["items"]

    assert outcome["outcome"] == "updated", outcome
    assert (await client.get(f"products/{product['id']}")).json()["version"] == 1


FAILING: dict[str, dict[str, Any]] = {
    "status": {"status": "draft"},
    "version": {"version": 7},
    "category_id": {"category_id": UNKNOWN},
}


@pytest.mark.parametrize("field", FAILING)
async def test_an_item_that_failed_has_no_id(client: AsyncClient, product, field):
    item = {"sku": product["sku"]} | LEAST | FAILING[field]

    [outcome] = (await send(client, item)).json()["items"]

    assert (outcome["outcome"], outcome["id"]) == ("failed", None)
    assert outcome["errors"][0]["pointer"] == f"#/items/0/{field}"


async def test_each_item_whose_sku_is_there_twice_fails(client: AsyncClient, product):
    twice = {"sku": product["sku"]} | LEAST

    response = await send(client, twice, {"sku": "GOOD"} | LEAST, twice | {"sku": " MUG-BLUE "})

    outcomes = response.json()["items"]
    assert [o["outcome"] for o in outcomes] == ["failed", "created", "failed"]
    assert {e["code"] for o in outcomes for e in o["errors"]} == {"repeated"}
    assert (await client.get(f"products/{product['id']}")).json() == product


async def test_a_batch_with_a_key_is_replayed(client: AsyncClient, product):
    items = [{"sku": product["sku"]} | LEAST, {"sku": "NEW"} | LEAST]
    first = await send(client, *items, **{"Idempotency-Key": "batch"})

    again = await send(client, *items, **{"Idempotency-Key": "batch"})

    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert (await client.get(f"products/{product['id']}")).json()["version"] == 2


def batches(number: int) -> tuple[list[str], list[str]]:
    """Return the SKUs of two batches: the same, in either order, or one in common; some exist."""
    skus = [f"{number}-{each:02}" for each in range(20)]
    if number % 4 == 0:
        return skus, skus
    if number % 4 == 1:
        return skus, skus[::-1]
    if number % 4 == 2:
        return skus, [f"{number}-own-{each}" for each in range(19)] + skus[:1]
    return [*skus, f"{number - 1}-00"], [f"{number - 1}-00", *skus[::-1]]


@pytest.fixture
def rounds(long) -> int:
    return LONG_ROUNDS if long else ROUNDS


@pytest.mark.parametrize("keyed", [False, True], ids=["plain", "keyed"])
async def test_two_batches_that_share_new_skus_both_finish(
    client: AsyncClient, keyed, rounds, record_property
):
    for number in range(rounds):
        pair = batches(number)
        headers = [{"Idempotency-Key": uuid.uuid4().hex} if keyed else {} for _ in pair]

        answers = await asyncio.gather(
            *(
                send(client, *({"sku": sku} | LEAST for sku in skus), **header)
                for skus, header in zip(pair, headers, strict=True)
            )
        )

        assert [answer.status_code for answer in answers] == [200, 200]
        outcomes = [
            (item["sku"], item["outcome"]) for answer in answers for item in answer.json()["items"]
        ]
        created = Counter(sku for sku, outcome in outcomes if outcome == "created")
        assert set(created.values()) == {1}
        assert {outcome for _, outcome in outcomes} <= {"created", "unchanged"}
    record_property("rounds of two batches", rounds)


ANY_VERSION = {"If-Match": "*"}


class Storm:
    """Writes of every kind, over few products and categories."""

    SKUS = [f"S{number}" for number in range(6)]

    def __init__(self, client: AsyncClient, chance: random.Random) -> None:
        self.client, self.chance = client, chance
        self.categories: list[str] = []
        self.products: list[str] = []

    async def look(self, number: int) -> None:
        """Make new categories; see which products there are."""
        names = [f"{number}-{each}" for each in range(3)]
        made = [await make_category(self.client, name=name) for name in names]
        self.categories = [category["id"] for category in made]
        found = (await self.client.get("products")).json()["items"]
        self.products = [item["id"] for item in found] or [UNKNOWN]

    def item(self, sku: str) -> dict[str, Any]:
        return PRODUCT | {
            "sku": sku,
            "name": f"n{self.chance.random()}",
            "category_id": self.chance.choice([*self.categories, None]),
        }

    def product(self) -> str:
        return f"products/{self.chance.choice(self.products)}"

    def category(self) -> str:
        return f"categories/{self.chance.choice(self.categories)}"

    def writes(self) -> list[Awaitable[Response]]:
        """Return one of each kind, not yet sent."""
        client, choice = self.client, self.chance.choice
        some = self.chance.sample(self.SKUS, 4)
        key = {"Idempotency-Key": uuid.uuid4().hex}
        moved = {"category_id": choice(self.categories), "name": f"p{self.chance.random()}"}
        renamed = {"sku": choice(self.SKUS), "category_id": choice(self.categories)}
        arrived = {"quantity": 1, "reason": "received"}
        name = {"name": f"Name {self.chance.randint(0, 2)}"}
        return [
            send(client, *map(self.item, some)),
            send(client, *map(self.item, some[::-1]), **key),
            client.post("products", json=self.item(choice(self.SKUS))),
            client.patch(self.product(), json=moved, headers=ANY_VERSION),
            client.patch(self.product(), json=renamed, headers=ANY_VERSION),
            client.post(f"{self.product()}/stock-movements", json=arrived),
            client.delete(self.product(), headers=ANY_VERSION),
            client.patch(self.category(), json=name, headers=ANY_VERSION),
            client.delete(self.category(), headers=ANY_VERSION),
        ]


async def test_batches_finish_beside_writes_of_every_kind(
    client: AsyncClient, rounds, record_property
):
    storm, sent = Storm(client, random.Random(5)), 0  # noqa: S311
    for number in range(rounds // 2):
        await storm.look(number)
        for answer in await asyncio.gather(*storm.writes(), *storm.writes()):
            assert answer.status_code < 500, (answer.request.url.path, answer.text)
            if answer.request.url.path.endswith("/bulk"):
                assert answer.status_code == 200
            sent += 1
    record_property("writes beside each other", sent)


async def test_a_product_takes_a_sku_that_a_batch_brings(
    client: AsyncClient, rounds, record_property
):
    """The batch waits for the product, which waits for the batch: it gives way."""
    for number in range(rounds // 2):
        product = await make_product(client, sku=f"{number}-z")
        batch = [{"sku": f"{number}-{each:02}"} | LEAST for each in range(20)]

        bulk, patch = await asyncio.gather(
            send(client, *batch, {"sku": f"{number}-z"} | LEAST),
            client.patch(
                f"products/{product['id']}", json={"sku": f"{number}-00"}, headers=ANY_VERSION
            ),
        )

        assert (bulk.status_code, patch.status_code) in [(200, 200), (200, 409)]
    record_property("rounds of a batch beside a new SKU", rounds // 2)


async def test_two_that_take_each_other_s_name(client: AsyncClient, rounds, record_property):
    for number in range(rounds // 2):
        names = [f"{number}-a", f"{number}-b"]
        made = [await make_category(client, name=name) for name in names]

        answers = await asyncio.gather(
            *(
                client.patch(f"categories/{each['id']}", json={"name": name}, headers=ANY_VERSION)
                for each, name in zip(made, names[::-1], strict=True)
            )
        )

        assert {answer.status_code for answer in answers} <= {200, 409}
    record_property("rounds of names exchanged", rounds // 2)
