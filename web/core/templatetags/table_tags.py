"""What a page repeats, rows and options, written by one loop in Python each.

Django's engine costs 20 µs a cell, so 50 rows would be half of a page's time. What a page has once
is in its template. A template of a team's own may loop over ``page.items`` instead.
"""

import re
from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from contract.styles import member
from core.lists import Choices
from core.markup import html
from core.resource_views import Column, ResourceViews
from core.templatetags.core_tags import fact, is_number

register = template.Library()

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ANY_ID = "00000000-0000-4000-8000-000000000000"
Cell = Callable[[Any], str]


@register.simple_tag
def table_rows(
    objects: Iterable[Any], headings: Iterable[dict[str, Any]], resource: ResourceViews[Any, Any]
) -> SafeString:
    """Return a ``<tr>`` for each object, with a cell for each of ``resource.headings``."""
    cells = [
        name_cell(heading["column"], resource.detail_name)
        if heading["name"] == resource.name
        else value_cell(heading["column"], heading["label"])
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


def name_cell(column: Column, detail_name: str) -> Cell:
    """Return what writes the cell that names a row and leads to its page."""
    url, write_value = detail_url(detail_name), value_writer(column)

    def write(each: Any) -> str:
        shown = write_value(member(each, column.name))
        return f'<th role="rowheader" scope="row"><a href="{url(each.id)}">{shown}</a></th>'

    return write


def value_cell(column: Column, label: str) -> Cell:
    """Return what writes the cells of a column: numbers to the right."""
    start = f'<td role="cell" data-label="{escape(label)}"'
    write_value = value_writer(column)

    def write(each: Any) -> str:
        value = member(each, column.name)
        number = ' class="number"' if is_number(value) else ""
        return f"{start}{number}>{write_value(value)}</td>"

    return write


def value_writer(column: Column) -> Callable[[Any], str]:
    """Return what writes a column's values as ``fact`` does; most are texts, shown as they are."""
    is_plain = column.name != "status" and not column.schema.keys() & {"enum", "format"}

    def write(value: Any) -> str:
        if value and is_plain and type(value) is str:
            return escape(value)
        return html(fact(value, column))

    return write


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
