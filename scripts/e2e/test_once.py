"""A form that is sent twice makes one thing."""

import httpx2
import pytest
from playwright.sync_api import Page, expect

from conftest import EDITOR, SignIn

SEND_FOUR_TIMES = """async form => {
    const send = () => fetch(location, {method: "POST", body: new FormData(form)})
    const together = await Promise.all([send(), send(), send()])
    return [...together, await send()].map(answer => answer.url)
}"""


def fill_in(page: Page, sku: str) -> None:
    page.goto("/products/new/")
    page.get_by_label("SKU").fill(sku)
    page.get_by_label("Name").fill("Only kettle")
    page.get_by_label("Amount").fill("5")


@pytest.mark.fault("F24")
@pytest.mark.fault("F24")
@pytest.mark.parametrize("script", [True, False], ids=["javascript", "no javascript"])
def test_a_double_click_makes_one_product(sign_in: SignIn, api: httpx2.Client, script: bool):
    page = sign_in(EDITOR, java_script_enabled=script)
    sku = f"E2E-TWICE-{script}".upper()
    fill_in(page, sku)

    page.get_by_role("button", name="Save").dblclick()

    expect(page.get_by_role("heading", level=1)).to_have_text("Only kettle")
    assert len(api.get("products", params={"q": sku}).json()["items"]) == 1


@pytest.mark.fault("F24")
@pytest.mark.fault("F24")
def test_sent_at_once_and_later_it_leads_to_the_same_product(editor: Page, api: httpx2.Client):
    fill_in(editor, "E2E-AT-ONCE")

    urls = editor.locator("main form").evaluate(SEND_FOUR_TIMES)

    (product,) = api.get("products", params={"q": "E2E-AT-ONCE"}).json()["items"]
    assert len(urls) == 4
    assert {url.rstrip("/").rsplit("/", 1)[-1] for url in urls} == {product["id"]}


@pytest.mark.fault("F24")
def test_a_movement_sent_again_is_recorded_once(editor: Page, api: httpx2.Client):
    price = {"amount_minor": 500, "currency": "EUR"}
    body = {"sku": "E2E-STOCKED", "name": "Full kettle", "price": price}
    product = api.post("products", json=body).json()
    editor.goto(f"/products/{product['id']}/stock/")
    editor.get_by_label("Pieces").fill("7")
    editor.get_by_label("Reason").select_option("received")

    editor.locator("#stock form").evaluate(SEND_FOUR_TIMES)

    assert api.get(f"products/{product['id']}").json()["stock"] == 7


def test_values_changed_after_it_was_saved_ask_before_they_make_another(
    editor: Page, sign_in: SignIn, api: httpx2.Client
):
    fill_in(editor, "E2E-FIRST")
    editor.locator("main form").evaluate(SEND_FOUR_TIMES)
    editor.get_by_label("SKU").fill("E2E-SECOND")
    editor.get_by_role("button", name="Save").click()

    expect(editor.get_by_role("alert")).to_contain_text("Already saved with other values")
    assert api.get("products", params={"q": "E2E-SECOND"}).json()["items"] == []

    editor.get_by_role("button", name="Save").click()
    expect(editor.get_by_role("heading", level=1)).to_have_text("Only kettle")
    assert len(api.get("products", params={"q": "E2E-SECOND"}).json()["items"]) == 1
