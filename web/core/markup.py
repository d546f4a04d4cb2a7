"""HTML that a page has many times, inputs and options, written in Python.

Django's engine takes 100 µs for an input: its template includes two others. What stands here is
what Django's own templates say; an app's template of the same name is not asked.
"""

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

from django.utils.safestring import SafeString

Widget = Mapping[str, Any]  # what Widget.get_context returns
INPUTS = ("text", "hidden", "number", "email", "url", "password", "date", "datetime", "search")


def html(text: Any) -> str:
    """Return a text as HTML; what is marked as safe is HTML already."""
    return text if isinstance(text, SafeString) else escape(str(text))


def attributes(values: Mapping[str, Any]) -> str:
    """Return attributes with a blank before each; a true one has no value, a false one is none."""
    return "".join(
        [
            f" {html(name)}" if value is True else f' {html(name)}="{html(value)}"'
            for name, value in values.items()
            if value is not False
        ]
    )


def text_input(widget: Widget) -> str:
    """Return an ``<input>``."""
    value = "" if widget["value"] is None else f' value="{html(widget["value"])}"'
    start = f'<input type="{html(widget["type"])}" name="{html(widget["name"])}"'
    return f"{start}{value}{attributes(widget['attrs'])}>"


def text_area(widget: Widget) -> str:
    """Return a ``<textarea>``; a browser drops the line end at its beginning."""
    value = html(widget["value"]) if widget["value"] else ""
    start = f'<textarea name="{html(widget["name"])}"{attributes(widget["attrs"])}>'
    return f"{start}\n{value}</textarea>"


def select(widget: Widget) -> str:
    """Return a ``<select>`` with its options."""
    start = f'<select name="{html(widget["name"])}"{attributes(widget["attrs"])}>'
    return f"{start}{''.join(select_options(widget['optgroups']))}</select>"


def select_options(groups: Iterable[tuple[str | None, list[Widget], int]]) -> Iterable[str]:
    """Yield the options of what Django's ``Select`` calls its optgroups."""
    for name, choices, _ in groups:
        inner = "".join([select_option(choice) for choice in choices])
        yield f'<optgroup label="{html(name)}">{inner}</optgroup>' if name else inner


def select_option(choice: Widget) -> str:
    """Return one of them."""
    value, label = html(choice["value"]), html(choice["label"])
    return f'<option value="{value}"{attributes(choice["attrs"])}>{label}</option>'


WRITTEN: dict[str, Callable[[Widget], str]] = {
    **{f"django/forms/widgets/{name}.html": text_input for name in INPUTS},
    "django/forms/widgets/textarea.html": text_area,
    "django/forms/widgets/select.html": select,
}
