"""A declaration that the contract does not fit is refused in a sentence, when the site starts."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from contract.call import Call
from contract.document import pinned
from core.resource_gateway import ResourceGateway
from core.resource_views import ResourceViews
from tests.widgets.client import models, operations

FIVE = {
    "list": operations.list_widgets,
    "read": operations.read_widget,
    "create": operations.create_widget,
    "update": operations.update_widget,
    "delete": operations.delete_widget,
}


def find_widgets() -> Call[models.WidgetPage]:
    """An operation that no contract has."""
    raise NotImplementedError


def declare(app="widgets", columns=("name",), calls=FIVE, **attributes):
    return ResourceViews(app, ResourceGateway(**calls), columns, **attributes)


@pytest.mark.parametrize(
    ("declaration", "words"),
    [
        ({"app": "widget"}, "'widget' is not in APPS of config/settings.py"),
        ({"columns": ("name", "colour")}, "widgets: Widget has no property 'colour'"),
        ({"labels": {"colour": "Colour"}}, "widgets: Widget has no property 'colour'"),
        ({"name": "number"}, "Widget has no property 'number'; say which property"),
        ({"columns": ("price",)}, "widgets: the columns lack 'name'"),
        ({"detail_template": "widgets/none.html"}, "detail_template: widgets/none.html"),
        ({"form_templat": "x"}, "ResourceViews has no attribute 'form_templat'"),
        ({"_check_names": "x"}, "ResourceViews has no attribute '_check_names'"),
        ({"calls": FIVE | {"list": find_widgets}}, "the contract has no operation 'find_widgets'"),
        ({"calls": FIVE | {"list": operations.read_widget}}, "has 1 parameters in its path"),
        ({"calls": FIVE | {"read": operations.list_widgets}}, "has 0 parameters in its path"),
        ({"calls": FIVE | {"create": operations.list_widgets}}, "its schema has no name"),
    ],
    ids=range(12),
)
def test_what_the_contract_does_not_have_is_named(declaration, words):
    with pytest.raises(ImproperlyConfigured) as caught:
        declare(**declaration)
    assert words in str(caught.value)


def test_what_the_api_does_not_offer_has_no_page():
    views = declare(calls={"list": operations.list_widgets, "read": operations.read_widget})

    assert [url.name for url in views.urls] == ["list", "detail"]


def test_words_follow_from_the_names_unless_they_are_given():
    plain, given = declare(), declare(noun="gadget", title="All gadgets", route="gadgets/")

    assert (plain.noun, plain.title, plain.route) == ("widget", "Widgets", "widgets/")
    assert (given.noun, given.title, given.route) == ("gadget", "All gadgets", "gadgets/")


def test_id_that_is_no_uuid_is_part_of_an_address(monkeypatch):
    schema = pinned().schemas["Widget"]
    properties = schema["properties"] | {"id": {"type": "string"}}
    monkeypatch.setitem(schema, "properties", properties)

    assert str(declare().urls[2].pattern) == "widgets/<str:id>/"
