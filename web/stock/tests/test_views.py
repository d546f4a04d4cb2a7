import pytest
from django.conf import settings
from django.contrib.auth import get_user_model

from client.models import StockMovement
from contract.tests.examples import body, made
from core.tests.page import filled, posted
from stock.charts import stock_chart
from stock.forms import StockMovementForm
from stock.templatetags.stock_tags import signed_pieces


@pytest.fixture
def product(api):
    product = api.example("Product", name="Blue mug", stock=12)
    api.plan("read_product", 200, product)
    api.plan("read_category", 200, api.example("Category"))
    return product


@pytest.fixture
def url(product):
    return f"/products/{product['id']}/stock/"


@pytest.fixture
def movements(api):
    moments = ["2026-11-03T08:00:00Z", "2026-11-02T08:00:00Z", "2026-11-01T08:00:00Z"]
    levels = [12, 2, 10]
    return [
        api.example("StockMovement", created_at=moment, stock_after=level)
        for moment, level in zip(moments, levels, strict=True)
    ]


def moved(**typed):
    """Return what is posted to record a movement."""
    return filled(StockMovementForm(initial=body("StockMovementCreate")), **typed)


def of_an_earlier_release(quantity, reason):
    """Return what a page posts that has a quantity in place of pieces and direction."""
    typed = moved(reason=reason)
    later = ("pieces", "direction")
    return {name: typed[name] for name in typed if name not in later} | {"quantity": quantity}


def test_history_has_a_chart_and_pages(editor, api, url, movements):
    api.plan("list_stock_movements", 200, api.page(*movements, following="n=", before="p"))

    html = editor.get(f"{url}?cursor=abc").text

    assert "between 2 and 12" in html
    assert f">{signed_pieces(made(StockMovement, **movements[0]))}<" in html
    assert f"{url}?cursor=n%3D" in html
    assert api.requests[-1].url.params["cursor"] == "abc"


@pytest.mark.parametrize(("direction", "shown"), [("in", "+1,200"), ("out", "−1,200")])
def test_pieces_have_the_sign_of_their_direction(direction, shown):
    assert signed_pieces(made(StockMovement, pieces=1200, direction=direction)) == shown


def test_recording_goes_back_to_the_product(editor, api, url, product, movements):
    api.plan("create_stock_movement", 201, movements[0])
    api.plan("list_stock_movements", 200, api.page(*movements))

    response = editor.post(url, moved(pieces="10", reason="received"), follow=True)

    assert response.request["PATH_INFO"] == f"/products/{product['id']}/"
    assert "Recorded. In stock: 12." in response.text
    assert api.sent[0] == api.sent[0] | {"pieces": 10, "reason": "received"}


def test_stock_never_below_zero_in_the_api_s_words(editor, api, url, movements):
    error = {"pointer": "#/pieces", "code": "too_many", "detail": "Only 12 left."}
    api.plan_problem("create_stock_movement", 409, errors=[error])
    api.plan("list_stock_movements", 200, api.page(*movements))

    response = editor.post(url, moved(pieces="13", reason="sold"))

    assert response.status_code == 422
    assert response.context["form"].errors["pieces"] == ["Only 12 left."]
    assert "Only 12 left." in response.text
    assert 'value="13"' in response.text
    assert 'id="stock"' in response.text


def test_what_was_typed_stays_while_the_api_is_away(editor, api, url):
    api.planned["read_product"].clear()
    api.plan_failure("read_product")
    api.plan_failure("create_stock_movement")

    response = editor.post(url, moved(pieces="51"))

    assert response.status_code == 503
    assert 'value="51"' in response.text


def test_page_with_what_was_typed_does_not_refresh_itself_while_the_api_is_away(
    editor, api, url, movements
):
    """It would show what was stored before the sign-in, not what was typed since."""
    api.plan("list_stock_movements", 200, api.page(*movements))
    data = posted(editor.get(url).text, pieces="51")
    del editor.cookies[settings.SESSION_COOKIE_NAME]
    editor.post(url, data)
    editor.force_login(get_user_model().objects.get())
    for operation in ("read_product", "list_stock_movements"):
        api.planned[operation].clear()
        api.plan_failure(operation)

    html = editor.get(url).text

    assert "This is what was known as of" in html
    assert 'value="51"' in html
    assert "every" not in html
    assert "refresh" not in html.lower()


def test_sold_pieces_need_no_minus_and_a_minus_is_refused(editor, api, url, movements):
    api.plan("list_stock_movements", 200, api.page(*movements))

    response = editor.post(url, moved(pieces="-3", reason="sold"))

    assert response.context["form"].errors.keys() == {"pieces"}
    assert api.sent == []


@pytest.mark.parametrize(
    ("quantity", "reason", "sent"),
    [
        ("-3", "sold", {"pieces": 3, "reason": "sold"}),
        ("3", "sold", {"pieces": 3, "reason": "sold"}),
        ("3", "received", {"pieces": 3, "reason": "received"}),
        ("3", "adjusted", {"pieces": 3, "reason": "adjusted", "direction": "in"}),
        ("-3", "adjusted", {"pieces": 3, "reason": "adjusted", "direction": "out"}),
    ],
)
def test_a_page_of_an_earlier_release_sends_its_quantity_as_pieces(
    editor, api, url, movements, quantity, reason, sent
):
    api.plan("create_stock_movement", 201, movements[0])
    api.plan("list_stock_movements", 200, api.page(*movements))

    editor.post(url, of_an_earlier_release(quantity, reason))

    assert api.sent[0] == api.sent[0] | sent
    assert "quantity" not in api.sent[0]


@pytest.mark.parametrize("reason", ["received", "returned"])
def test_a_page_of_an_earlier_release_receives_nothing_with_a_minus(
    editor, api, url, movements, reason
):
    api.plan("list_stock_movements", 200, api.page(*movements))

    response = editor.post(url, of_an_earlier_release("-3", reason))

    assert response.context["form"].errors == {"pieces": ["Write 1 or more."]}
    assert 'value="-3"' in response.text
    assert api.sent == []


def test_a_movement_sent_twice_is_recorded_once(editor, api, url, movements):
    api.plan("create_stock_movement", 201, movements[0])
    api.plan("list_stock_movements", 200, api.page(*movements))
    key = editor.get(url).context["form"]["key"].value()

    for _ in range(2):
        editor.post(url, moved(key=key))

    sent = [r.headers["Idempotency-Key"] for r in api.requests if r.method == "POST"]
    assert sent == [key, key]


def test_history_needs_the_api(editor, api, url):
    api.planned["read_product"].clear()
    api.plan_failure("read_product")

    assert editor.get(url).status_code == 503


class TestChart:
    def movement(self, moment, level):
        return made(StockMovement, stock_after=level, created_at=moment)

    def test_one_movement_is_no_chart(self):
        assert stock_chart([self.movement("2026-11-01T08:00:00Z", 1)]) is None

    def test_stair_runs_from_oldest_to_newest(self):
        newest = self.movement("2026-11-02T08:00:00Z", 0)
        chart = stock_chart([newest, self.movement("2026-11-01T08:00:00Z", 10)])

        assert chart
        assert chart.line == "M0.0,6.0H576.0V134.0H600"
        assert (chart.lowest, chart.highest) == (0, 10)

    def test_movements_of_one_moment_are_drawn(self):
        same = self.movement("2026-11-01T08:00:00Z", 0)

        assert stock_chart([same, same])
