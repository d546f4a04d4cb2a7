"""What a release deprecates in a body: a form leaves it alone, unless it has to be sent.

Each kind of field, optional and required, with each place of the mark.
"""

from collections import UserDict
from typing import Any

import pytest

from contract.annotations import ending
from contract.document import pinned
from core.create_forms import ContractCreateForm
from core.edit_forms import ContractEditForm
from core.tests.page import posted
from core.tests.test_untouched import CASES, NAME, UNIT, UUID, A, page_of_clashes, query
from tests.sampling import sample

MARK = {"deprecated": True, "x-sunset": "2027-01-31"}
OLD = {"name": "Mug", "version": 1}


def on_it(prop, schemas):
    """The property itself is marked."""
    return prop | MARK


def on_what_it_refers_to(prop, schemas):
    """The schema that it refers to is marked."""
    schemas["Marked"] = prop | MARK
    return {"$ref": "#/components/schemas/Marked"}


def on_a_part(prop, schemas):
    """A part of its ``allOf`` is marked."""
    return {"allOf": [prop | MARK]}


def on_all_but_null(prop, schemas):
    """All that it may be besides null is marked."""
    return {"anyOf": [each if each == {"type": "null"} else each | MARK for each in prop["anyOf"]]}


MARKS = (on_it, on_what_it_refers_to, on_a_part, on_all_but_null)
TRIED = [
    (case, mark)
    for case in CASES
    for mark in MARKS
    if mark is not on_all_but_null or {"type": "null"} in case.prop.get("anyOf", ())
]


class Watched(UserDict[str, Any]):
    """A resource that notes which of its values are read."""

    def __init__(self, values):
        self.read: set[str] = set()
        super().__init__(values)

    def __getitem__(self, name):
        self.read.add(name)
        return super().__getitem__(name)


@pytest.fixture
def form_of(monkeypatch):
    """Return a maker of forms of ``name`` and ``x``."""

    def make(base, x, data=None, *, required=(), still_shown=(), **kwargs):
        schema = {"properties": {"name": NAME, "x": x}, "required": list(required)}
        monkeypatch.setitem(pinned().schemas, "Thing", schema)
        names = {"schema": "Thing", "still_shown": still_shown}
        choices = {"x": UNIT} if A in str(kwargs) or x.get("format") == UUID["format"] else {}
        return type("ThingForm", (base,), names)(data, choices=choices, **kwargs)

    return make


@pytest.fixture
def each(subtests, record_property, pytestconfig, monkeypatch):
    """Return a function that runs one test for each kind of field and place of the mark."""

    def run(test):
        schemas = dict(pinned().schemas)
        monkeypatch.setattr(pinned(), "schemas", schemas)
        monkeypatch.setitem(pinned().raw["components"], "schemas", schemas)
        tried = sample(pytestconfig, TRIED, lambda pair: pair[0].kind)
        for case, mark in tried:
            with subtests.test(f"{mark.__name__} {case}"):
                test(case, mark(case.prop, schemas))
        record_property("deprecated fields that a form leaves alone, or must send", len(tried))

    return run


def rename(page, /, **typed):
    """Return what a browser posts of a page on which the name was typed."""
    return query(posted(page, **{"name": "Cup"} | typed))


def wire(form):
    assert form.is_valid(), form.errors
    return form.wire()


class TestOptional:
    def test_create_page_does_not_ask_for_it(self, each, form_of):
        def test(case, x):
            page = str(form_of(ContractCreateForm, x))
            assert wire(form_of(ContractCreateForm, x, rename(page))) == {"name": "Cup"}

        each(test)

    def test_edit_page_does_not_read_it_and_leaves_what_is_stored(self, each, form_of):
        def test(case, x):
            current = Watched(OLD | {"x": case.stored})
            page = str(form_of(ContractEditForm, x, current=current))
            assert current.read == {"name", "version"}
            assert wire(form_of(ContractEditForm, x, rename(page))) == {"name": "Cup"}

        each(test)

    def test_change_on_a_page_of_the_release_before_is_sent(self, each, form_of):
        def test(case, x):
            page = str(form_of(ContractEditForm, case.prop, current=OLD | {"x": case.stored}))
            assert wire(form_of(ContractEditForm, x, rename(page))) == {"name": "Cup"}
            form = form_of(ContractEditForm, x, rename(page, **case.typed))
            assert wire(form) == {"name": "Cup", "x": case.wire}

            theirs = OLD | {"name": "Jug", "x": case.stored}
            page = page_of_clashes(form, theirs)
            again = form_of(ContractEditForm, x, rename(page, **{"take-name": "mine"}))
            assert set(again.fields) == {"name", "x", "seen"}
            assert wire(again) == {"name": "Cup", "x": case.wire}

        each(test)

    @pytest.mark.parametrize("base", [ContractCreateForm, ContractEditForm])
    def test_form_may_show_it_still(self, each, form_of, base):
        current = {"current": OLD} if base is ContractEditForm else {}

        def test(case, x):
            assert "x" in form_of(base, x, still_shown=("x",), **current).fields

        each(test)


class TestRequired:
    @pytest.mark.parametrize("base", [ContractCreateForm, ContractEditForm])
    def test_is_sent(self, each, form_of, base):
        def test(case, x):
            kwargs = {"current": OLD | {"x": case.stored}} if base is ContractEditForm else {}
            page = str(form_of(base, x, required=["x"], **kwargs))
            form = form_of(base, x, rename(page, **case.typed), required=["x"])
            assert wire(form) == {"name": "Cup", "x": case.wire}

        each(test)


@pytest.mark.parametrize("union", ["anyOf", "oneOf"])
@pytest.mark.parametrize(
    ("marked", "left"),
    [("a", "a"), ("b", "b"), ("c", "c"), ("ab", "b"), ("bc", "bc"), ("abc", "bc")],
)
def test_one_of_those_that_an_object_must_have_is_sent_though_all_are_to_end(union, marked, left):
    properties = {name: {"type": "string"} | (MARK if name in marked else {}) for name in "abc"}
    ways = [{"required": ["a"]}, {"required": ["b"]}]
    schema = {"type": "object", "properties": properties, union: ways}

    assert ending(pinned(), schema) == set(left)
