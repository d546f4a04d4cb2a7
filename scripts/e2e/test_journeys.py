"""What people do, from the sign-in to the history of a product's stock."""

import re

import httpx2
import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from conftest import EDITOR, VIEWER, SignIn
from servers import Shop

# The UI of today, and one that was released before the API had tags and statistics.
pytestmark = pytest.mark.parametrize(
    "shop",
    [None, pytest.param("1.0.0", marks=pytest.mark.earlier_ui)],
    ids=["this UI", "UI of 1.0.0"],
    indirect=True,
    scope="session",
)


def open_product(page: Page, name: str) -> None:
    page.goto("/products/")
    page.get_by_role("searchbox").fill(name)
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def skus(page: Page) -> Locator:
    return page.locator('#results td[data-label="SKU"]')


def create_product(page: Page, sku: str, name: str, price: str = "19.99") -> None:
    page.goto("/products/")
    page.get_by_role("link", name="New product").click()
    page.get_by_label("SKU").fill(sku)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Amount").fill(price)
    page.get_by_role("button", name="Save").click()


@pytest.fixture(
    params=[True, pytest.param(False, marks=pytest.mark.no_javascript)],
    ids=["javascript", "no javascript"],
)
def anyone(request, sign_in: SignIn) -> Page:
    """An editor, with and without JavaScript."""
    return sign_in(EDITOR, java_script_enabled=request.param)


class TestBrowse:
    def test_search_filter_sort_and_page(self, anyone: Page):
        anyone.goto("/products/?q=teapot&status=active&sort=-price")
        expect(skus(anyone)).to_have_text(["TEA-POT1"])
        anyone.goto("/products/?sort=-price&status=active")
        first = skus(anyone).first.inner_text()
        assert first == "HOU-BASK"

        anyone.get_by_role("link", name="Next page").click()
        expect(skus(anyone).first).not_to_have_text(first)
        anyone.get_by_role("link", name="Previous page").click()
        expect(skus(anyone).first).to_have_text(first)

        anyone.get_by_role("link", name="SKU").click()
        expect(skus(anyone).first).to_have_text("BAK-BAGU")

    def test_search_as_you_type_needs_no_reload(self, editor: Page):
        editor.goto("/products/")
        editor.evaluate("window.sameDocument = true")

        editor.get_by_role("searchbox").press_sequentially("sourdough")

        expect(skus(editor)).to_have_text(["BAK-SOUR"])
        assert editor.evaluate("window.sameDocument")
        assert "q=sourdough" in editor.url


class TestEdit:
    def test_create_edit_delete(self, anyone: Page, request):
        sku = "E2E-" + re.sub(r"\W", "", request.node.callspec.id).upper()
        create_product(anyone, sku, f"Kettle {sku}")
        expect(anyone.get_by_role("heading", level=1)).to_contain_text(f"Kettle {sku}")

        anyone.get_by_role("link", name="Edit").click()
        anyone.get_by_label("Name").fill(f"Pot {sku}")
        anyone.get_by_role("button", name="Save").click()
        expect(anyone.get_by_role("heading", level=1)).to_contain_text(f"Pot {sku}")

        anyone.get_by_role("link", name="Delete").click()
        anyone.get_by_role("button", name="Delete").click()
        anyone.goto(f"/products/?q={sku}")
        expect(skus(anyone)).to_have_count(0)

    def test_a_price_of_no_whole_number_of_cents_is_said_at_its_field(self, anyone: Page):
        create_product(anyone, "E2E-PRICE", "Kettle", "2,555")

        amount = anyone.get_by_label("Amount")
        expect(amount).to_have_value("2,555")
        expect(amount).to_have_attribute("aria-invalid", "true")
        expect(anyone.get_by_label("Name")).to_have_value("Kettle")

    def test_the_api_s_words_stand_at_the_field(self, anyone: Page):
        create_product(anyone, "BAK-SOUR", "Kettle")

        expect(anyone.get_by_text("A product with this SKU exists.").first).to_be_visible()
        expect(anyone.get_by_label("SKU")).to_have_attribute("aria-invalid", "true")
        expect(anyone.get_by_label("Name")).to_have_value("Kettle")

    def test_emoji_right_to_left_text_and_markup_are_shown_as_they_are(self, editor: Page):
        dialogs: list[str] = []

        def on_dialog(dialog: Dialog) -> None:
            dialogs.append(dialog.message)
            dialog.dismiss()

        editor.on("dialog", on_dialog)
        name = "☕ قهوة <script>alert(1)</script>"

        create_product(editor, "E2E-TEXT", name)

        expect(editor.get_by_role("heading", level=1)).to_contain_text(name)
        assert not dialogs


def record(page: Page, pieces: int, reason: str, direction: str = "") -> str:
    """Record a movement; return what was typed: the UI of 1.0.0 has a minus for what goes."""
    number = page.get_by_label(re.compile("^(Pieces|Quantity)"))
    goes = direction == "out" or reason == "sold"
    typed = f"-{pieces}" if goes and page.get_by_label("Quantity").count() else str(pieces)
    number.fill(typed)
    page.get_by_label("Reason").select_option(reason)
    if direction and page.get_by_label("Direction").count():
        page.get_by_label("Direction").select_option(direction)
    page.get_by_role("button", name="Record").click()
    return typed


class TestStock:
    def test_record_a_movement_and_see_the_history(self, anyone: Page, request):
        sku = "E2E-STOCK-" + re.sub(r"\W", "", request.node.callspec.id).upper()
        create_product(anyone, sku, f"Crate {sku}")

        record(anyone, 7, "received")

        expect(anyone.locator("#stock .figure").first).to_have_text("7 in stock")
        expect(anyone.locator("#stock tbody")).to_contain_text("Received")

    def test_more_than_there_is_is_said_at_the_field(self, anyone: Page):
        anyone.goto("/products/?q=BAK-CINN")
        anyone.get_by_role("link", name="Cinnamon roll").click()
        typed = record(anyone, 100000, "sold")

        expect(anyone.get_by_text(re.compile(r"Only \d+ in stock")).first).to_be_visible()
        expect(anyone.get_by_label(re.compile("^(Pieces|Quantity)"))).to_have_value(typed)

    def test_the_reason_says_which_way_pieces_go(self, anyone: Page, request):
        sku = "E2E-WAYS-" + re.sub(r"\W", "", request.node.callspec.id).upper()
        create_product(anyone, sku, f"Crate {sku}")
        left = 0

        for pieces, reason, direction, added in (
            (10, "received", "", 10),
            (3, "sold", "", -3),
            (1, "returned", "", 1),
            (2, "adjusted", "out", -2),
            (4, "adjusted", "in", 4),
        ):
            record(anyone, pieces, reason, direction)
            left += added
            expect(anyone.locator("#stock .figure").first).to_have_text(f"{left} in stock")


class TestCategories:
    def test_create_edit_delete(self, anyone: Page, request):
        name = f"Garden {request.node.callspec.id}"
        anyone.goto("/categories/")
        anyone.get_by_role("link", name="New category").click()
        anyone.get_by_label("Name").fill(name)
        anyone.get_by_role("button", name="Save").click()
        anyone.goto("/categories/")
        anyone.get_by_role("link", name=name).click()
        anyone.get_by_role("link", name="Edit").click()
        anyone.get_by_label("Description").fill("Seeds")
        anyone.get_by_role("button", name="Save").click()
        expect(anyone.get_by_role("main")).to_contain_text("Seeds")
        anyone.get_by_role("link", name="Delete").click()
        anyone.get_by_role("button", name="Delete").click()
        anyone.goto("/categories/")
        expect(anyone.get_by_role("link", name=name)).to_have_count(0)

    def test_one_in_use_cannot_be_deleted_and_the_api_says_why(self, anyone: Page):
        anyone.goto("/categories/")
        anyone.get_by_role("link", name="Bakery").click()
        anyone.get_by_role("link", name="Delete").click()
        anyone.get_by_role("button", name="Delete").click()

        expect(anyone.get_by_text("Products are in this category.").first).to_be_visible()


class TestConcurrentEdits:
    @pytest.mark.fault("F16", "F24")
    def test_a_conflict_is_shown_and_nothing_typed_is_lost(self, editor: Page, sign_in: SignIn):
        create_product(editor, "E2E-CONFLICT", "Conflict kettle")
        url = editor.url
        editor.get_by_role("link", name="Edit").click()
        other = sign_in(EDITOR)
        other.goto(url)
        other.get_by_role("link", name="Edit").click()
        other.get_by_label("Name").fill("Theirs")
        other.get_by_role("button", name="Save").click()
        expect(other.get_by_role("heading", level=1)).to_contain_text("Theirs")

        editor.get_by_label("Name").fill("Mine")
        editor.get_by_role("button", name="Save").click()

        expect(editor.get_by_role("main")).to_contain_text("Theirs")
        assert "Mine" in editor.get_by_role("main").inner_html()

    def test_a_sale_meanwhile_is_no_conflict(self, editor: Page, api: httpx2.Client):
        create_product(editor, "E2E-SOLD", "Busy kettle")
        product = api.get("products", params={"q": "E2E-SOLD"}).json()["items"][0]
        editor.get_by_role("link", name="Edit").click()
        body = {"quantity": 3, "reason": "received"}
        assert api.post(f"products/{product['id']}/stock-movements", json=body).is_success

        editor.get_by_label("Name").fill("Renamed kettle")
        editor.get_by_role("button", name="Save").click()

        expect(editor.get_by_role("heading", level=1)).to_contain_text("Renamed kettle")


class TestViewer:
    def test_sees_no_way_to_write(self, viewer: Page):
        open_product(viewer, "Sourdough loaf")

        for name in ("Edit", "Delete", "New product"):
            expect(viewer.get_by_role("link", name=name)).to_have_count(0)
        expect(viewer.get_by_role("button", name="Record")).to_have_count(0)

    def test_is_refused_by_the_api_not_only_by_the_page(self, shop: Shop):
        token = shop.ui.token(VIEWER)
        response = httpx2.post(
            f"{shop.api.url}/v1/categories",
            json={"name": "Mine"},
            headers={"Authorization": f"Bearer {token}"},
        )

        assert response.status_code == 403

    def test_a_form_sent_by_hand_is_refused(self, viewer: Page, api: httpx2.Client):
        viewer.goto("/categories/")
        token = viewer.locator("[name=csrfmiddlewaretoken]").first.input_value()

        answer = viewer.request.post(
            "/categories/new/",
            form={"name": "E2E-VIEWER", "description": "", "csrfmiddlewaretoken": token},
        )

        assert answer.status == 403
        assert api.get("categories", params={"q": "E2E-VIEWER"}).json()["items"] == []


class TestAway:
    def test_when_the_api_is_away_the_page_says_so_keeps_what_was_typed_and_recovers(
        self, shop: Shop, anyone: Page, request
    ):
        sku = "E2E-AWAY-" + re.sub(r"\W", "", request.node.callspec.id).upper()
        anyone.goto("/products/new/")
        anyone.get_by_label("SKU").fill(sku)
        anyone.get_by_label("Name").fill("Patient kettle")
        anyone.get_by_label("Amount").fill("5")
        shop.api.stop()
        try:
            anyone.get_by_role("button", name="Save").click()
            expect(anyone.get_by_label("Name")).to_have_value("Patient kettle")
            expect(anyone.get_by_role("alert").first).to_be_visible()
        finally:
            shop.api.start("/health/ready")
        anyone.get_by_role("button", name="Save").click()
        expect(anyone.get_by_role("heading", level=1)).to_contain_text("Patient kettle")

    def test_a_list_says_so_and_recovers_by_itself(self, shop: Shop, editor: Page):
        shop.api.stop()
        try:
            response = editor.goto("/products/")
            assert response is not None
            assert response.status == 503
            expect(editor.get_by_role("heading", level=1)).to_be_visible()
        finally:
            shop.api.start("/health/ready")
        editor.reload()
        expect(skus(editor).first).to_be_visible()


def test_a_page_of_another_origin_cannot_call_the_api(editor: Page, shop: Shop):
    blocked = editor.context.new_page()
    blocked.goto(f"{shop.api.url}/health/live")
    other = shop.api.url.replace("127.0.0.1", "localhost")

    outcome = blocked.evaluate(
        "url => fetch(url).then(() => 'read', () => 'blocked')", f"{other}/v1/identity"
    )

    assert outcome == "blocked"
