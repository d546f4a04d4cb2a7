"""The document that this code serves is the pinned contract."""

import pytest
from openapi_spec_validator import validate

from app import contract
from app.main import create_app
from app.settings import Settings
from tests.documents import differences
from tests.widgets.schemas import WidgetCreate

pytestmark = pytest.mark.any_engine


def test_the_served_document_is_the_pinned_contract(settings: Settings):
    found = differences(create_app(settings).openapi(), contract.pinned())

    assert not found, "\n".join(["propose it (scripts/contract propose) or undo it:", *found])


def test_the_contract_is_valid_openapi():
    validate(contract.pinned())


def test_no_schema_is_there_twice():
    names = contract.pinned()["components"]["schemas"]

    assert not [name for name in names if name.endswith(("-Input", "-Output"))]


def test_a_default_makes_no_field_of_a_request_required_in_a_generated_client():
    fields = WidgetCreate.model_json_schema()["properties"]

    assert fields["name"]["x-default"] == ""
    assert not [name for name, field in fields.items() if "default" in field]


async def test_the_reference_page_needs_no_other_host(client_for):
    client = client_for("")
    page = await client.get("http://api.test/docs")

    assert page.status_code == 200
    assert "https://" not in page.text
    for asset in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"):
        assert f"/docs/assets/{asset}" in page.text
        assert (await client.get(f"http://api.test/docs/assets/{asset}")).status_code == 200
