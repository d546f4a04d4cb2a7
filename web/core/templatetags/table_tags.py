"""What a page repeats, rows and options, written by one loop in Python each.

Django's engine costs 20 µs a cell, so 50 rows would be half of a page's time. What a page has once
is in its template. A template of a team's own may loop over ``page.items`` instead.
"""

import re
from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from django import template
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from msgspec import MsgspecError, Struct, json

from contract.styles import attributes
from core.lists import Choices
from core.markup import html
from core.resource_views import Column, ResourceViews
from core.templatetags.core_tags import fact, is_number

register = template.Library()

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ANY_ID = "00000000-0000-4000-8000-000000000000"
Cell = Callable[[Any], str]
MOST_LISTS = 16  # whose rows are remembered, about 50 kB each
remembered: dict[bytes, SafeString] = {}  # the newest last


@register.simple_tag
def table_rows(
    objects: Iterable[Any], headings: Iterable[dict[str, Any]], resource: ResourceViews[Any, Any]
) -> SafeString:
    """Return a ``<tr>`` for each object, with a cell for each of ``resource.headings``.

    Those of the last lists are remembered by all that they are written from, as JSON: people ask
    for the same again.
    """
    found, columns = list(objects), list(headings)
    if not found:
        return SafeString("")
    try:
        named = (resource.name, resource.detail_name, get_script_prefix(), columns, found)
        key = json.encode(named, enc_hook=translated)
    # An object is read field by field: one may be wrong, and one may be of a team's own kind.
    except (AttributeError, MsgspecError, TypeError):
        return write_rows(found, columns, resource)
    if (known := remembered.get(key)) is None:
        known = remembered[key] = write_rows(found, columns, resource)
        for old in list(remembered)[:-MOST_LISTS]:
            remembered.pop(old, None)
    return known


def translated(value: Any) -> str:
    """Return a heading that is translated as it is in the person's language."""
    if isinstance(value, Promise):
        return str(value)
    raise TypeError


def write_rows(
    objects: list[Any], headings: list[dict[str, Any]], resource: ResourceViews[Any, Any]
) -> SafeString:
    """Return the rows of at least one object."""
    kind: type[Struct] = type(objects[0])
    names = attributes(kind)
    cells = [
        name_cell(names[heading["name"]], heading["column"], resource.detail_name)
        if heading["name"] == resource.name
        else value_cell(names[heading["name"]], heading["column"], heading["label"])
        for heading in headings
    ]
    rows = ["".join([cell(each) for cell in cells]) for each in objects]
    return SafeString("\n".join([f'<tr role="row">{row}</tr>' for row in rows]))


@register.simple_tag
def options(choices: Choices, chosen: str) -> SafeString:
    """Return an ``<option>`` for each choice."""
    return SafeString(
        "".join(
            [
                f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
                f"{escape(words)}</option>"
                for value, words in choices
            ]
        )
    )


def name_cell(name: str, column: Column, detail_name: str) -> Cell:
    """Return what writes the cell that names a row, by an attribute, and leads to its page."""
    url = detail_url(detail_name)
    is_plain = shows_text_as_it_is(column)

    def write(each: Any) -> str:
        value = getattr(each, name)
        is_text = is_plain and value and type(value) is str
        shown = escape(value) if is_text else html(fact(value, column))
        return f'<th role="rowheader" scope="row"><a href="{url(each.id)}">{shown}</a></th>'

    return write


def value_cell(name: str, column: Column, label: str) -> Cell:
    """Return what writes the cells of a column, by an attribute: numbers to the right."""
    start = f'<td role="cell" data-label="{escape(label)}"'
    is_plain = shows_text_as_it_is(column)

    def write(each: Any) -> str:
        value = getattr(each, name)
        if is_plain and value and type(value) is str:
            return f"{start}>{escape(value)}</td>"
        number = ' class="number"' if is_number(value) else ""
        return f"{start}{number}>{html(fact(value, column))}</td>"

    return write


def shows_text_as_it_is(column: Column) -> bool:
    """Tell whether ``fact`` changes no text of this column; most are like this."""
    return column.name != "status" and not column.schema.keys() & {"enum", "format"}


def detail_url(name: str) -> Callable[[Any], str]:
    """Return what gives the address of one by its id, as HTML: ``{% url name id %}``.

    Django's ``reverse`` takes as long as a whole row, so UUIDs are put in the place of one.
    """
    try:
        before, _, after = reverse(name, args=[ANY_ID]).partition(ANY_ID)
    except NoReverseMatch:  # other ids
        before = after = ""

    def url(id: Any) -> str:
        if before and isinstance(id, str) and UUID.fullmatch(id):
            return f"{escape(before)}{id}{escape(after)}"
        return escape(reverse(name, args=[id]))

    return url
