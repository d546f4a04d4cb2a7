"""The rows and options that Python writes are those that a template's own loop would write."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django import forms
from django.conf import settings
from django.forms.renderers import DjangoTemplates
from django.template import engines
from django.test import override_settings
from django.urls import NoReverseMatch, include, path, set_script_prefix
from django.utils.functional import lazy
from django.utils.safestring import mark_safe
from django.views.defaults import page_not_found
from msgspec import UNSET

from core import text
from core.contract_forms import Renderer
from core.resource_views import Column
from core.templatetags.table_tags import MOST_LISTS, remembered, table_rows

RECIPE = Path(settings.BASE_DIR, "docs", "recipes", "change-a-table.md").read_text()
LOOP = RECIPE.partition("```html\n")[2].partition("```")[0]  # as a team writes a template
CHOOSE = (
    "{% for value, words in choices %}"
    '<option value="{{ value }}"{% if value == chosen %} selected{% endif %}>{{ words }}</option>'
    "{% endfor %}"
)
HOSTILE = [
    "<b>",
    "&amp;",
    '"',
    "'",
    "</td><td>",
    "a & b",
    "",
    " ",
    "–",
    "שלום",
    "{{ x }}",
    "\n",
    "`",
]

LINKED = {"detail_name": "int:detail", "name": "text"}


class Money(msgspec.Struct):
    amount_minor: Any
    currency: Any


class Size(msgspec.Struct):
    width: Any
    unit: Any


KINDS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "status": {"type": "string", "enum": ["draft", "on_sale"]},
    "when": {"type": "string", "format": "date-time"},
    "on": {"type": "string", "format": "date"},
    "address": {"type": "string", "format": "uri"},
    "count": {"type": "integer"},
    "share": {"type": "number"},
    "flag": {"type": "boolean"},
    "price": {"type": "object", "properties": {"amount_minor": {}, "currency": {}}},
    "size": {"type": "object", "properties": {"width": {}, "unit": {"type": "string"}}},
    "map": {"type": "object", "additionalProperties": {"type": "string"}},
    "tags": {"type": "array", "items": {"type": "string"}},
    "any": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
}


def values(text: str) -> list[Any]:
    """Return a value of each kind that a wire can bring, with a text in it."""
    plain = [None, UNSET, True, False, 0, -5, 1234567, 10**30, 0.5, -1e300]
    moments = ["2026-11-23T08:30:00Z", "2026-11-23", "0001-01-01T00:00:00+14:00", "on_sale"]
    money = [Money(amount, currency) for amount in (0, -5, 123456) for currency in ("EUR", text)]
    objects = [Size(text, text), Size(1, None), Money(text, text), Money(1.5, "EUR")]
    raw = [{"amount_minor": 5, "currency": text}, {text: text}, {}, [], [text], [text, "a,b", 1]]
    return [text, *plain, *moments, *money, *objects, *raw, [{"a": text}]]


def render(source: str, **context: Any) -> str:
    """Return what a template makes, but for white space between elements."""
    html = engines["django"].from_string(source).render(context)
    return re.sub(r"\s*(<(?:/?(?:tr|th|td))\b[^>]*>)\s*", r"\1", html)


def pages(kind: str) -> Any:
    return include(([path(f"{kind}/<{kind}:id>/", page_not_found, name="detail")], kind))


urlpatterns = [path("", pages(kind)) for kind in ("uuid", "str", "int", "slug")]


def rows(column: str, label: str, items: list[Any], *, detail_name: str, name: str) -> list[str]:
    """Return the rows that the tag and the loop write."""
    headings = [
        {"name": "text", "label": "Text", "column": Column("text", KINDS["text"])},
        {"name": column, "label": label, "column": Column(column, KINDS[column])},
    ]
    resource = SimpleNamespace(name=name, detail_name=detail_name)
    context = {"page": SimpleNamespace(items=items), "headings": headings, "resource": resource}
    tag = "{% table_rows page.items headings resource %}"
    return [render(source, **context) for source in (tag, LOOP)]


@pytest.fixture(autouse=True)
def _urls():
    with override_settings(ROOT_URLCONF=__name__):
        yield


def struct(**fields: Any) -> Any:
    return msgspec.defstruct("Row", [(name, Any) for name in fields])(**fields)


@pytest.mark.parametrize("column", KINDS)
def test_cell_of_every_kind_is_as_a_template_writes_it(column, record_property):
    items = [
        struct(**{"id": str(uuid4()), "text": "Mug", column: value})
        for each in HOSTILE
        for value in values(each)
    ]

    for name in ("text", column):
        ours, loop = rows(column, 'A "label" <b>', items, detail_name="uuid:detail", name=name)
        assert ours == loop
        assert "<b>" not in ours
    record_property("cells of tables are as a template writes them", 2 * len(items))


@pytest.mark.parametrize("column", KINDS)
def test_rows_that_are_remembered_are_those_of_the_same_values(column):
    items = [struct(**{"id": "7", "text": "Mug", column: value}) for value in values("<b>")]

    for item in [*items, *items]:
        ours, loop = rows(column, "Label", [item], detail_name="int:detail", name="text")
        assert ours == loop
    assert len(remembered) == MOST_LISTS


def test_rows_of_the_same_values_are_written_once():
    headings = [{"name": "text", "label": "Text", "column": Column("text", KINDS["text"])}]
    resource: Any = SimpleNamespace(name="text", detail_name="uuid:detail")
    id = str(uuid4())

    first, second = (table_rows([struct(id=id, text="A")], headings, resource) for _ in range(2))

    assert first is second


class Odd:
    """A value that is no JSON."""

    def __str__(self) -> str:
        return "odd"


@pytest.mark.parametrize("value", [Odd(), {1, 2}, 1j], ids=["object", "set", "complex"])
def test_rows_of_what_is_no_json_are_written_each_time(value):
    ours, loop = rows("any", "Any", [struct(id="7", text="Mug", any=value)], **LINKED)

    assert ours == loop


def test_heading_is_in_the_language_of_who_reads_it():
    """Translated as Django does it, lazily."""
    item = struct(id="7", text="Mug", count=1)
    languages = ["Yes", "Ja", "Yes"]
    label: Any = lazy(lambda: languages[0], str)()

    while languages:
        ours, loop = rows("count", label, [item], **LINKED)
        assert ours == loop
        assert f'data-label="{languages.pop(0)}"' in ours


def test_links_are_below_the_address_of_the_site():
    item = struct(id="7", text="Mug", count=1)

    for prefix in ("/", "/shop/", "/"):
        set_script_prefix(prefix)
        ours, loop = rows("count", "Count", [item], **LINKED)
        assert ours == loop


@pytest.mark.parametrize(
    ("detail_name", "ids"),
    [
        ("uuid:detail", [str(uuid4()), uuid4()]),
        ("str:detail", [str(uuid4()), "a b", "<b>", '"', "&", "%2F", "é", "7", 7]),
        ("int:detail", ["7", 7]),
        ("slug:detail", ["a-b", str(uuid4())]),
    ],
)
def test_link_of_every_id_is_as_a_template_writes_it(detail_name, ids, record_property):
    items = [struct(id=id, text="Mug") for id in ids]

    ours, loop = rows("text", "Text", items, detail_name=detail_name, name="text")

    assert ours == loop
    record_property("ids in links are as a template writes them", len(ids))


@pytest.mark.parametrize("id", ["a/b", ""])
def test_id_that_has_no_page_is_refused_not_linked(id):
    with pytest.raises(NoReverseMatch):
        rows("text", "Text", [struct(id=id, text="x")], detail_name="str:detail", name="text")


@pytest.mark.parametrize(
    ("amount", "shown"), [(-5, "€-0.05"), (-123456, "€-1,234.56"), (10**30, f"€{10**28:,}.00")]
)
def test_amount_has_its_sign_and_all_its_digits(amount, shown):
    assert text.money(amount, "EUR") == shown


def test_options_are_as_a_template_writes_them():
    choices = [(text, words) for text in HOSTILE for words in HOSTILE]

    for chosen in ("", *HOSTILE):
        context = {"choices": choices, "chosen": chosen}
        assert render("{% options choices chosen %}", **context) == render(CHOOSE, **context)


@pytest.mark.parametrize(
    "choices",
    [
        [(each, words) for each in HOSTILE for words in HOSTILE],
        [("", "None"), ("A & B", [(1, "<b>"), (2, '"')]), (None, "x"), (True, "y")],
        [(1, mark_safe("<b>safe</b>"))],
    ],
)
@pytest.mark.parametrize("kind", [forms.Select, forms.SelectMultiple])
def test_select_of_a_form_is_as_django_writes_it(choices, kind):
    select = kind(
        {"id": "id_x", "aria-label": 'a "label"', "required": True, "size": False}, choices
    )

    for value in ("", "&amp;", 1, ["<b>", '"'], None):
        ours, theirs = (
            re.sub(r">\s+<", "><", select.render("x", value, renderer=renderer)).strip()
            for renderer in (Renderer(), DjangoTemplates())
        )
        assert ours == theirs


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Target": "results"}])
def test_table_of_a_team_s_own_is_on_the_page_and_in_place_of_it(
    editor, api, widget, views, monkeypatch, headers
):
    monkeypatch.setattr(views, "table_template", "core/_paging.html")
    api.plan("list_widgets", 200, api.page(widget, following="n"))

    with override_settings(ROOT_URLCONF="tests.widgets.site"):
        html = editor.get("/widgets/", headers=headers).text

    assert "Next page" in html
    assert "<table" not in html
