"""Nothing that was typed is lost: every form in every trouble, with JavaScript and without."""

from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext

from conftest import EDITOR
from fault_proxy import FaultProxy
from servers import BULK_LOAD, Shop
from typed import FORMS, IMPOSSIBLE, NEEDS_SCRIPT, TROUBLES, Cell, Form, Stand, new_context

MOST_IMPOSSIBLE = 1 / 5
EVERY = 5  # of the cells, one in so many is tried by default: every form, every trouble


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """Both programs, with the proxy between them."""
    shop = Shop(tmp_path_factory.mktemp("typed"))
    proxy = FaultProxy(shop.api.port)
    shop.ui.environment["API_URL"] = proxy.url
    shop.api.environment["RATE_LIMIT_PER_MINUTE"] = BULK_LOAD
    proxy.start()
    shop.start()
    headers = {"Authorization": f"Bearer {shop.ui.token(EDITOR)}"}
    with httpx2.Client(base_url=f"{shop.api.url}/v1/", headers=headers, timeout=30) as client:
        client.event_hooks = {
            "request": [
                lambda r: r.headers.update({"Authorization": f"Bearer {shop.ui.token(EDITOR)}"})
            ]
        }
        yield Stand(shop, proxy, client)
    shop.stop()
    proxy.stop()


def cells() -> Iterator[object]:
    """Yield every cell that exists; those beyond the sample are long."""
    for script in (True, False):
        for row, form in enumerate(FORMS):
            for column, name in enumerate(TROUBLES):
                exists = (form.name, name) not in IMPOSSIBLE
                if exists and (script or name not in NEEDS_SCRIPT):
                    sampled = (row * 2 + column + script) % EVERY == 0
                    yield pytest.param(
                        form,
                        name,
                        script,
                        id=f"{form.name}, {name}{'' if script else ', no script'}",
                        marks=[] if sampled else [pytest.mark.long],
                    )


@pytest.fixture
def context(
    browser: Browser, stand: Stand, script: bool, form: Form, signed_in: dict[bool, object]
) -> Iterator[BrowserContext]:
    """A browser of an editor; of nobody, for the sign-in."""
    context = new_context(browser, stand.shop, script=script)
    if form.name != "sign-in":
        if not signed_in:
            page = context.new_page()
            page.goto("/")
            cell = Cell.__new__(Cell)
            cell.page = page
            cell.sign_in()
            page.close()
            signed_in[True] = context.cookies()
        context.add_cookies(signed_in[True])  # type: ignore[arg-type]
    yield context
    context.close()


@pytest.fixture(scope="module")
def signed_in() -> dict[bool, object]:
    """The cookies of who has signed in."""
    return {}


@pytest.mark.parametrize(("form", "trouble", "script"), list(cells()))
def test_nothing_typed_is_lost(
    form: Form,
    trouble: str,
    script: bool,
    stand: Stand,
    context: BrowserContext,
    record_property,
):
    cell = Cell(form, stand, context, script=script)

    TROUBLES[trouble](cell)

    record_property("cells of forms and troubles, 0 lost", 1)


def test_few_cells_cannot_exist(record_property):
    share = len(IMPOSSIBLE) / (len(FORMS) * len(TROUBLES))

    assert share <= MOST_IMPOSSIBLE
    record_property("cells cannot exist, each with its reason", len(IMPOSSIBLE))
