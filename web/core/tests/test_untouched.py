"""Only what the page had and the person changed is sent: each kind of field in each state."""

import json
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.utils.html import format_html_join

from contract.document import pinned
from core.create_forms import ContractCreateForm
from core.edit_forms import ContractEditForm, etag_of
from core.fields import JsonField
from core.tests.page import posted
from tests.sampling import sample

A, B = "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10", "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d11"
TEXT = {"type": "string", "maxLength": 20}
NAME = {"type": "string", "minLength": 1, "maxLength": 20}
CODE = TEXT | {"pattern": "^[A-Z]+$"}
ENUM = {"type": "string", "enum": ["new", "used"]}
EITHER = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}]}
UUID = {"type": "string", "format": "uuid"}
DAY, MOMENT = {"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}
EIGHT = "2026-11-23T08:30:00"
REFUSED, LEFT_OUT = object(), object()
UNIT = [(A, "Piece"), (B, "Box")]


def listed(items):
    return {"type": "array", "items": items}


def eur(amount):
    return {"amount_minor": amount, "currency": "EUR"}


def plus_null(prop, written):
    """Return the schema of the same or null, in each of the ways to write it."""
    if written == "type" and isinstance(prop.get("type"), str):
        values = {"enum": [*prop["enum"], None]} if "enum" in prop else {}
        return prop | {"type": [prop["type"], "null"]} | values
    return {"anyOf": [prop, {"type": "null"}]}


# kind, schema, a stored value, what is typed, its wire form, what is sent when it is cleared
KINDS = {
    row[0]: row[1:]
    for row in [
        ("string", TEXT, "Blue", "Red", "Red", ""),
        ("string of one or more", NAME, "Blue", "Red", "Red", REFUSED),
        ("text", {"type": "string"}, "a\nb", "a\r\nc", "a\nc", ""),
        ("pattern", CODE, "AB", "ABC", "ABC", REFUSED),
        ("integer", {"type": "integer"}, 3, "4", 4, REFUSED),
        ("number", {"type": "number"}, 0.1, "0.25", 0.25, REFUSED),
        ("decimal", EITHER, "0.1", "0.250", "0.25", REFUSED),
        ("text or number", {"anyOf": [TEXT, {"type": "number"}]}, "Blue", "7", "7", ""),
        ("name or integer", {"anyOf": [NAME, {"type": "integer"}]}, "a", "b", "b", REFUSED),
        ("pattern or integer", {"anyOf": [CODE, {"type": "integer"}]}, "AB", "7", 7, REFUSED),
        ("number or text", {"anyOf": [{"type": "number"}, TEXT]}, 5, "7.5", 7.5, ""),
        ("integer that may be text", {"type": ["integer", "string"]}, 5, "Red", "Red", ""),
        ("Money", {"$ref": "#/components/schemas/Money"}, eur(500), "7,5", eur(750), REFUSED),
        ("boolean", {"type": "boolean"}, True, [""], False, False),
        ("boolean that was false", {"type": "boolean"}, False, ["", "on"], True, LEFT_OUT),
        ("date", DAY, "2026-11-23", "2026-11-24", "2026-11-24", REFUSED),
        ("date-time", MOMENT, f"{EIGHT}Z", "2026-11-23T09:30", "2026-11-23T09:30:00Z", REFUSED),
        ("enum", ENUM, "new", "used", "used", REFUSED),
        ("enum of integers", {"type": "integer", "enum": [1, 2]}, 1, "2", 2, REFUSED),
        ("multi-choice", listed(ENUM), ["used"], ["", "new", "used"], ["new", "used"], []),
        ("tags", listed(TEXT), ["a", "b"], "a, c", ["a", "c"], []),
        ("tags with signs", listed(TEXT), ["a, b", ""], '"a, b", "", c', ["a, b", "", "c"], []),
        ("integers", listed({"type": "integer"}), [1, 2], "1, 3", [1, 3], []),
        ("enum of types", {"enum": ["a", 2]}, "a", "2", 2, REFUSED),
        ("reference", UUID, A, B, B, REFUSED),
    ]
}

JUNK = ["x", 7, -1.5, True, None, [], [[]], {}, {"a": 1}, [None]]


@dataclass(frozen=True)
class Case:
    """A kind of field, plain or also null; ``cleared`` is what clearing sends."""

    kind: str
    prop: dict[str, Any]
    is_null: bool
    stored: Any
    typed: dict[str, Any]
    wire: Any
    cleared: Any


def cases_of(kind):
    """Return the kind as it is, and also null in both ways to write it."""
    prop, stored, typed, wire, cleared = KINDS[kind]
    yield Case(kind, prop, False, stored, {"x": typed}, wire, cleared)
    if kind.startswith("boolean"):
        typed = str(wire)  # One that may be null is a select.
    if cleared != []:
        cleared = None
    for written in ("anyOf", "type"):
        yield Case(kind, plus_null(prop, written), True, stored, {"x": typed}, wire, cleared)


CASES = [case for kind in KINDS for case in cases_of(kind)]


@pytest.fixture
def each(subtests, record_property, pytestconfig):
    """Return a function that runs one test for each case, and counts."""

    def run(test, cases=CASES, kind=attrgetter("kind")):
        cases = sample(pytestconfig, cases, kind)
        for case in cases:
            with subtests.test(str(case)):
                test(case)
        record_property("states of a field in a form", len(cases))

    return run


@pytest.fixture
def form_of(monkeypatch):
    """Return a maker of forms of ``name`` and, where the release has it, ``x``."""

    def make(base, x, data=None, **kwargs):
        properties = {"name": TEXT} | ({} if x is None else {"x": x})
        monkeypatch.setitem(pinned().schemas, "Thing", {"properties": properties})
        choices = {"x": UNIT} if x and UUID in [x, *x.get("anyOf", [])] else {}
        form_class = type("ThingForm", (base,), {"schema": "Thing"})
        return form_class(data, choices=choices, **kwargs)

    return make


@pytest.fixture
def edit_page(form_of):
    """Return a maker of edit pages of a release with ``x`` or without."""

    def make(x, stored=None):
        current = {"name": "Mug", "version": 1} | ({} if x is None else {"x": stored})
        return str(form_of(ContractEditForm, x, current=current))

    return make


@pytest.fixture
def edited(form_of):
    """Return a function that posts a page to the edit form of a release."""

    def post(x, page, /, **typed):
        return form_of(ContractEditForm, x, query(posted(page, **{"name": "Cup"} | typed)))

    return post


@pytest.fixture
def created(form_of):
    """Return a function that fills in an empty page of one release, and posts it to another."""

    def post(x, to, /, **typed):
        page = str(form_of(ContractCreateForm, x))
        return form_of(ContractCreateForm, to, query(posted(page, **{"name": "Cup"} | typed)))

    return post


def page_of_clashes(form, current):
    """Return what a page of clashes carries besides its choices."""
    row = '<input type="hidden" name="{}" value="{}">'
    return format_html_join("", row, form.hidden(current))


def query(data):
    return QueryDict(urlencode(data, doseq=True))


def sent(form):
    """Return the body beside the name, which every one of these tests types."""
    assert form.is_valid(), form.errors
    body = form.wire()
    assert body.pop("name") == "Cup"
    return body


class TestEdit:
    # kind, a stored value, what is typed that means the same or what a browser makes of it
    RESPELLED = (
        ("string", " Blue ", "Blue"),
        ("string", "Bl\nue", "Blue"),
        ("text", "a\r\nb", "a\r\nb"),
        ("text", "a\rb\n", "a\r\nb"),
        ("integer", 3, "3.0"),
        ("integer", 3, " 03 "),
        ("number", 4, "4.00"),
        ("number", 1e-7, "0.0000001"),
        ("decimal", "0.10", "0.1"),
        ("Money", eur(500), "5"),
        ("Money", eur(500), "5,00"),
        ("date-time", "2026-11-23T08:30:00.123456Z", "2026-11-23T08:30"),
        ("date-time", "2026-11-23T10:30:00+02:00", "2026-11-23T08:30:00"),
        ("multi-choice", ["used", "new"], ["", "new", "used"]),
        ("tags", ["a", "b"], " a,b ,"),
        ("tags", ["a, b"], '"a, b",'),
    )

    # kind, a stored value that the pin does not allow
    UNKNOWN = (
        ("string", "x" * 300),
        ("string of one or more", ""),
        ("pattern", "ab c"),
        ("date", "soon"),
        ("date-time", "soon"),
        ("date-time", "0001-01-01T00:00:00+14:00"),
        ("enum", "worn"),
        ("enum of integers", 7),
        ("multi-choice", ["used", "worn"]),
        ("reference", "01936d5e-7c1a-7b3f-9c55-0f6a1f3c2dff"),
        ("Money", {"amount_minor": 5, "currency": "XAU"}),
        ("Money", {"amount_minor": -5, "currency": "EUR"}),
        ("Money", {"amount_minor": 500, "currency": "EUR", "net_minor": 420}),
    )

    def test_unchanged_is_not_sent(self, each, edit_page, edited):
        def test(case):
            assert sent(edited(case.prop, edit_page(case.prop, case.stored))) == {}

        each(test)

    def test_null_that_was_left_alone_is_not_sent(self, each, edit_page, edited):
        def test(case):
            assert sent(edited(case.prop, edit_page(case.prop, None))) == {}

        each(test, [case for case in CASES if case.is_null])

    def test_value_that_the_api_does_not_tell_is_left_alone(self, each, form_of, edited):
        def test(case):
            current = {"name": "Mug", "version": 1}
            page = str(form_of(ContractEditForm, case.prop, current=current))
            assert sent(edited(case.prop, page)) == {}
            assert sent(edited(case.prop, page, **case.typed)) in ({"x": case.wire}, {})

        each(test)

    def test_change_is_sent(self, each, edit_page, edited):
        def test(case):
            form = edited(case.prop, edit_page(case.prop, case.stored), **case.typed)
            assert sent(form) == {"x": case.wire}

        each(test)

    def test_lines_within_a_tag_are_kept_when_another_is_added(self, edit_page, edited):
        page = edit_page(listed(TEXT), ["a\nb"])

        assert sent(edited(listed(TEXT), page, x="a\r\nb, c")) == {"x": ["a\nb", "c"]}

    def test_change_of_null_is_sent(self, each, edit_page, edited):
        def test(case):
            form = edited(case.prop, edit_page(case.prop, None), **case.typed)
            assert sent(form) == {"x": case.wire}

        each(test, [case for case in CASES if case.is_null])

    def test_cleared_is_sent_as_the_schema_allows(self, each, edit_page, edited):
        def test(case):
            form = edited(case.prop, edit_page(case.prop, case.stored), x="")
            if case.cleared is REFUSED:
                assert list(form.errors) == ["x"]
            else:
                assert sent(form) == ({} if case.cleared is LEFT_OUT else {"x": case.cleared})

        each(test)

    def test_page_of_an_earlier_release_leaves_it_alone(self, each, edit_page, edited):
        def test(case):
            assert sent(edited(case.prop, edit_page(None))) == {}

        each(test)

    def test_page_of_a_later_release_does_no_harm(self, each, edit_page, edited):
        def test(case):
            assert sent(edited(None, edit_page(case.prop, case.stored), **case.typed)) == {}

        each(test)

    def test_page_shown_again_after_an_error_is_as_it_was(self, each, edit_page, edited):
        def test(case):
            again = edited(case.prop, edit_page(case.prop, case.stored), name="x" * 21)
            assert sent(edited(case.prop, str(again))) == {}

        each(test)

    def test_earlier_page_shown_again_leaves_it_alone(self, each, edit_page, edited):
        def test(case):
            again = edited(case.prop, edit_page(None), name="x" * 21)
            assert "x" not in again.fields
            assert sent(edited(case.prop, str(again))) == {}

        each(test)

    def test_earlier_page_is_no_conflict_over_it(self, each, edit_page, edited):
        def test(case):
            form = edited(case.prop, edit_page(None))
            newer = {"name": "Mug", "x": case.stored, "version": 2}
            assert form.is_valid()
            assert saved_over(form, newer) == {"name": "Cup"}
            assert not [*form.clashes(newer)]

        each(test)

    def test_page_of_a_conflict_sends_the_change_alone(self, each, edit_page, edited):
        def test(case):
            form = edited(case.prop, edit_page(None))
            newer = {"name": "Bowl", "x": case.stored, "version": 2}
            assert form.is_valid()
            assert [clash.name for clash in form.clashes(newer)] == ["name"]
            again = edited(case.prop, page_of_clashes(form, newer), **{"take-name": "mine"})
            assert sent(again) == {}

        each(test)

    def test_other_spelling_is_no_change(self, each, edit_page, edited):
        def test(case):
            form = edited(case.prop, edit_page(case.prop, case.stored), **case.typed)
            assert sent(form) == {}

        each(
            test,
            [
                replace(case, stored=stored, typed={"x": typed})
                for kind, stored, typed in self.RESPELLED
                for case in cases_of(kind)
            ],
        )

    def test_value_that_the_pin_does_not_allow_is_left_alone(self, each, edit_page, edited):
        def test(case):
            form = edited(case.prop, edit_page(case.prop, case.stored), name="x" * 21)
            assert list(form.errors) == ["name"]
            assert sent(edited(case.prop, str(form))) == {}

        each(
            test,
            [
                replace(case, stored=stored)
                for kind, stored in self.UNKNOWN
                for case in cases_of(kind)
            ],
        )

    def test_damaged_page_is_no_crash(self, each, edited):
        def test(case):
            seen = json.dumps({"name": case.stored, "x": case.stored, "version": 1})
            form = edited(case.prop, "", seen=seen, x="1")
            assert form.is_valid() or form.errors
            assert "seen" in str(form)
            assert not form.is_valid() or form.hidden({"name": "Bowl", "x": None})

        each(
            test,
            [replace(case, stored=junk) for case in CASES for junk in JUNK],
            kind=lambda case: (case.is_null, str(case.stored)),
        )


def other_than(value):
    """Return a third value of the same type; None for a boolean, which has none."""
    match value:
        case bool():
            return None
        case int() | float():
            return value + 5
        case dict():
            return value | {"amount_minor": 7}
        case list():
            return value[:-1]
        case _:
            return "7" if value.replace(".", "").isdigit() else f"{value}Z"


class TestMerge:
    """Three versions of one field: what the page showed, what was typed, what is stored now."""

    def typed(self, case, edit_page, edited, *, is_typed=True, theirs):
        typed = case.typed if is_typed else {}
        form = edited(case.prop, edit_page(case.prop, case.stored), **typed)
        assert form.is_valid(), form.errors
        return form, {"name": "Mug", "x": theirs, "version": 2}

    def test_what_nobody_else_changed_is_sent(self, each, edit_page, edited):
        def test(case):
            form, current = self.typed(case, edit_page, edited, theirs=case.stored)
            assert form.take_version(current)
            assert form.etag == '"2"'
            assert sent(form) == {"x": case.wire}
            assert form.others == []

        each(test)

    def test_what_only_others_changed_stays(self, each, edit_page, edited):
        def test(case):
            form, current = self.typed(
                case, edit_page, edited, is_typed=False, theirs=other_than(case.stored)
            )
            assert form.take_version(current)
            assert sent(form) == {}
            assert form.others == ["X"]

        each(test)

    def test_what_both_changed_alike_is_no_clash(self, each, edit_page, edited):
        def test(case):
            form, current = self.typed(case, edit_page, edited, theirs=case.wire)
            assert not [*form.clashes(current)]
            assert form.is_saved_in(current | {"name": "Cup"})

        each(test)

    @pytest.mark.parametrize("choice", ["mine", "theirs"])
    def test_clash_is_decided_by_one_choice(self, each, edit_page, edited, choice):
        def test(case):
            form, current = self.typed(case, edit_page, edited, theirs=other_than(case.stored))
            (clash,) = form.clashes(current)
            assert clash.name == "x"
            assert len({clash.was, clash.mine, clash.theirs}) > 1
            page = page_of_clashes(form, current)
            again = edited(case.prop, page)
            assert again.is_valid(), again.errors
            assert [each.name for each in again.undecided()] == ["x"]
            decided = edited(case.prop, page, **{"take-x": choice})
            assert sent(decided) == ({"x": case.wire} if choice == "mine" else {})
            assert decided.undecided() == []
            assert decided.etag == '"2"'

        each(test)

    @pytest.mark.parametrize("choice", ["mine", "theirs"])
    def test_choice_is_in_the_form_that_is_shown_again(self, each, edit_page, edited, choice):
        def test(case):
            form, current = self.typed(case, edit_page, edited, theirs=other_than(case.stored))
            page = page_of_clashes(form, current)
            shown = edited(case.prop, page, name="x" * 21, **{"take-x": choice})
            assert list(shown.errors) == ["name"]
            assert sent(edited(case.prop, str(shown))) == (
                {"x": case.wire} if choice == "mine" else {}
            )

        each(test)


class TestCreate:
    def test_typed_is_sent(self, each, created):
        def test(case):
            assert sent(created(case.prop, case.prop, **case.typed)) == {"x": case.wire}

        each(test)

    def test_page_of_an_earlier_release_leaves_it_to_the_default(self, each, created):
        def test(case):
            assert sent(created(None, case.prop)) == {}
            assert sent(created(None, case.prop | {"default": case.stored})) == {}

        each(test)

    def test_page_of_a_later_release_does_no_harm(self, each, created):
        def test(case):
            assert sent(created(case.prop, None, **case.typed)) == {}

        each(test)

    def test_default_is_shown_and_sent(self, each, created):
        def test(case):
            form = created(case.prop | {"default": case.stored}, case.prop)
            assert sent(form) == {"x": case.stored}

        each(test)

    def test_blank_is_left_out_where_it_is_no_value(self, each, created):
        def test(case):
            blank = {"x": False if case.cleared is LEFT_OUT else case.cleared}
            form = created(case.prop, case.prop, x="")
            assert sent(form) == ({} if case.cleared is REFUSED else blank)

        each(test)

    def test_earlier_page_shown_again_leaves_it_out(self, each, form_of, created):
        def test(case):
            page = str(created(None, case.prop, name="x" * 21))
            data = query(posted(page, name="Cup"))
            assert sent(form_of(ContractCreateForm, case.prop, data)) == {}

        each(test)


def saved_over(form, current):
    """Save a form when the API holds a later version; return what is sent to that one."""
    while form.etag != etag_of(current["version"]):
        assert form.take_version(current)
    return form.wire()


@pytest.mark.parametrize(
    "prop",
    [
        {"type": "object"},
        {"type": "object", "additionalProperties": {"type": "integer"}},
        {"type": "array", "items": {"type": "object"}},
        {"type": "array", "items": {"type": "array"}},
        {"oneOf": [{"type": "object"}, {"type": "array"}]},
        {"anyOf": [{"type": "object"}, {"type": "null"}]},
        {},
    ],
    ids=str,
)
def test_what_no_other_field_fits_is_a_box_that_stays_as_it_is(form_of, edited, edit_page, prop):
    fields = form_of(ContractCreateForm, prop).fields
    assert any(isinstance(field, JsonField) for field in fields.values())
    assert sent(edited(prop, edit_page(prop, {"a": 1}))) == {}


@pytest.mark.parametrize("base", [ContractCreateForm, ContractEditForm])
def test_property_of_the_name_of_a_hidden_field_is_sent(monkeypatch, base):
    properties = dict.fromkeys(("name", "key", "seen", "version"), TEXT)
    monkeypatch.setitem(pinned().schemas, "Thing", {"properties": properties})
    form_class = type("ThingForm", (base,), {"schema": "Thing"})
    current = {"name": "Mug", "key": "a", "seen": "b", "version": 1}
    page = str(form_class(current=current) if base is ContractEditForm else form_class())
    typed = {"name": "Cup", "key": "left", "seen": "right"}

    form = form_class(query(posted(page, **typed)))

    assert form.is_valid(), form.errors
    assert {name: form.wire()[name] for name in typed} == typed
