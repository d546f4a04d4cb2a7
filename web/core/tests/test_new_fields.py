"""A newly pinned field stands in the forms and on the pages by itself, whatever its type is.

Each kind of field is added to the widgets' contract, in requests, in answers, or in both.
"""

import json
import re
import sys
from types import ModuleType

import pytest

from contract.document import Document
from contract.generate import generate
from contract.tests.changes import fields
from contract.tests.examples import body
from core.resource_gateway import ResourceGateway
from core.tests.page import filled, posted
from core.tests.resource import check_resource
from core.text import display
from tests.sampling import sample
from tests.widgets.client import contract
from tests.widgets.fixtures import CACHES


@pytest.fixture
def site(monkeypatch, settings, tmp_path, api, views):
    """Return what pins a contract, and serves the pages of its widgets with these columns."""
    from tests.widgets import urls
    from tests.widgets.site import site_of_now

    def serve(raw, *columns):
        path = tmp_path / "changed.json"
        path.write_text(json.dumps(raw))
        monkeypatch.setattr("contract.document.PATH", path)
        for cache in CACHES:
            cache.cache_clear()
        api.contract = Document(raw)
        calls = client(monkeypatch, api.contract)
        gateway = ResourceGateway(
            list=calls.list_widgets,
            read=calls.read_widget,
            create=calls.create_widget,
            update=calls.update_widget,
            delete=calls.delete_widget,
        )
        views = urls.WidgetViews("widgets", gateway, ("name", *columns))
        monkeypatch.setattr(urls, "urlpatterns", views.urls)
        settings.ROOT_URLCONF = site_of_now()
        return views

    return serve


def client(monkeypatch, document):
    """Return the generated operations of a document."""
    package = ModuleType("changed")
    monkeypatch.setitem(sys.modules, "changed", package)
    for name, text in generate(document).items():
        module = ModuleType(f"changed.{name.removesuffix('.py')}")
        monkeypatch.setitem(sys.modules, module.__name__, module)
        exec(text.replace("from client import", "from changed import"), vars(module))
        setattr(package, name.removesuffix(".py"), module)
    return package.operations


def changed(field):
    """Return the widgets' contract with a new field, and the field's name."""
    raw = json.loads(json.dumps(contract.raw))
    before = contract.schemas["Widget" if field.where == "response" else "WidgetCreate"]
    field.apply(raw)
    schema = Document(raw).schemas["Widget" if field.where == "response" else "WidgetCreate"]
    (name,) = schema["properties"].keys() - before["properties"].keys()
    return raw, name


def check_forms(editor, api, views, name):
    """The new field is in both forms, and what is typed there is sent, or nothing."""
    typed = filled(views.create_form(initial=body("WidgetCreate")), price="19.99")
    check_resource(editor, api, views, typed)
    inputs = [key for key in typed if re.fullmatch(rf"{name}(_\w+)?", key)]
    assert inputs
    created = next(sent for sent in api.sent if "name" in sent)
    assert created[name] == body("WidgetCreate")[name]

    empty = filled(views.create_form(), name="Blue widget", price="19.99", price_currency="EUR")
    api.requests.clear()
    status = editor.post(views.create_url, empty).status_code
    required = name in api.contract.schemas["WidgetCreate"]["required"]
    assert status == 302 or (required and status == 422)
    # The stub holds what was sent to the contract.


def check_pages(editor, api, views, name):
    """The new field is on the page of one, and in the list when its column is declared."""
    widget = api.example("Widget", name="Blue widget")
    for shown in (widget, {key: value for key, value in widget.items() if key != name}):
        if shown is not widget and name in api.contract.schemas["Widget"]["required"]:
            continue
        api.planned.clear()
        api.plan("list_widgets", 200, {"items": [shown], "next_cursor": None, "prev_cursor": None})
        api.plan("read_widget", 200, shown)
        for url in ("/widgets/", f"/widgets/{widget['id']}/"):
            page = editor.get(url).text
            assert views.label(name) in page
    assert display(widget[name])


def test_new_field_is_shown_and_sent(editor, api, site, subtests, record_property, pytestconfig):
    tried = sample(pytestconfig, fields(contract.raw), lambda field: field.kind)
    for field in tried:
        with subtests.test(str(field)):
            raw, name = changed(field)
            api.planned.clear()
            api.requests.clear()
            if field.where == "request":
                check_forms(editor, api, site(raw), name)
            else:
                views = site(raw, name)
                if field.where == "both":
                    check_forms(editor, api, views, name)
                check_pages(editor, api, views, name)
    record_property("new fields that stand in the forms and on the pages", len(tried))


def test_page_of_one_that_a_later_form_shows_sends_only_what_was_changed(editor, api, site):
    field = next(f for f in fields(contract.raw) if f.kind == "map" and f.where == "both")
    raw, name = changed(field)
    site(raw)
    widget = api.example("Widget", name="Blue widget")
    api.plan("read_widget", 200, widget)
    api.plan("update_widget", 200, widget)
    url = f"/widgets/{widget['id']}/edit/"

    page = editor.get(url).text
    editor.post(url, posted(page) | {name: '{"b": 2}'})

    assert api.sent == [{name: {"b": 2}}]
