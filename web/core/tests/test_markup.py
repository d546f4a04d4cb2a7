"""Inputs that are written in Python: the HTML is that of Django's own templates."""

import re
from collections.abc import Callable
from itertools import product
from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import SafeString

from core.contract_forms import Renderer
from core.markup import INPUTS

CHOICES = [("", "Nothing"), ("a", "<A> & “B”"), ('"b"', SafeString("&amp;")), (3, "Three")]
KINDS: list[Callable[[Any], forms.Widget]] = [
    forms.TextInput,
    forms.HiddenInput,
    forms.NumberInput,
    forms.EmailInput,
    forms.URLInput,
    forms.PasswordInput,
    forms.DateInput,
    forms.DateTimeInput,
    forms.SearchInput,
    forms.Textarea,
    lambda attrs: forms.Select(attrs, CHOICES),
    lambda attrs: forms.Select(attrs, [("Group <1>", CHOICES[1:]), *CHOICES[:1]]),
    lambda attrs: forms.MultiWidget([forms.TextInput, forms.Textarea], attrs),
    lambda attrs: forms.MultiWidget({"": forms.Select(attrs, CHOICES), "b": forms.CheckboxInput}),
]
VALUES: list[Any] = [
    None,
    "",
    "a",
    '"b"',
    "<b>&'",
    "\n two\nlines ",
    SafeString("&amp;"),
    0,
    3,
    1.5,
    True,
]
ATTRIBUTES = [
    {},
    {"required": True, "disabled": False, "maxlength": 3},
    {"id": 'x"<', "data-é": None, "title": SafeString("&amp;"), "class": ""},
]


def test_inputs_are_as_djangos_templates_write_them(record_property):
    cells = [*product(KINDS, VALUES, ATTRIBUTES)]
    renderers = (Renderer(), DjangoTemplates())
    for kind, value, attrs in cells:
        widget = kind(attrs)
        if isinstance(widget, forms.MultiWidget):
            value = [value, value]
        ours, theirs = (
            squeezed(widget.render("a[<b>]", value, renderer=each)) for each in renderers
        )
        assert ours == theirs, (kind, value, attrs)
    record_property("inputs are as Django's templates write them", len(cells))


def test_every_input_that_is_written_is_compared():
    names = {vars(type(kind({})))["template_name"] for kind in KINDS[:9]}

    assert {f"django/forms/widgets/{name}.html" for name in INPUTS} == names


def squeezed(html):
    """Return it without the blanks between tags, which Django's select has."""
    return re.sub(r">\s+<", "><", html)
