"""Filters and tags of every app's templates."""

from functools import lru_cache
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from contract.styles import member
from core import submissions, text
from core.contract_forms import label
from core.fields import is_amount
from core.resource_views import Column

register = template.Library()

NUMBERS = (int, float)


@register.filter
def money(value: Any) -> str:
    """Format minor units: 1999 EUR is ``€19.99``."""
    return text.money(value.amount_minor, value.currency)


@register.filter
def moment(value: str) -> SafeString:
    """Show a moment for people, and the exact one for machines."""
    return format_html('<time datetime="{}">{}</time>', value, text.moment(value))


@register.filter
@lru_cache(maxsize=256)
def badge(value: str) -> SafeString:
    """Show a state; one that the style sheet does not know is grey."""
    return format_html('<span class="badge" data-state="{}">{}</span>', value, label(value))


@register.filter
def fact(value: Any, column: Column) -> str:
    """Show a property's value in a table or among facts."""
    if column.name == "status" and isinstance(value, str):
        return badge(value)
    shown = text.shown(value, column.schema)
    if column.schema.get("format") in text.FORMATS and isinstance(value, str):
        return format_html('<time datetime="{}">{}</time>', value, shown)
    return shown


@register.filter
def is_number(value: Any) -> bool:
    """Tell whether a column is set to the right."""
    if isinstance(value, str):
        return False
    if isinstance(value, NUMBERS):
        return not isinstance(value, bool)
    return is_amount(value)


@register.filter
def prop(resource: Any, name: str) -> Any:
    """Return one property by a name that is in a variable."""
    return member(resource, name)


@register.filter
def anchor(field: Any) -> str:
    """Return the id that a link to a field goes to: its first input's."""
    subwidgets = getattr(field.field.widget, "widgets", None)
    return f"{field.auto_id}_0" if subwidgets else str(field.auto_id)


@register.simple_tag(takes_context=True)
def typed_by(context: template.Context) -> str:
    """Say in a form who opened the page, so that what is typed is shown to nobody else.

    A form that shows what was stored names it.
    """
    request = context.get("request")
    if not request:
        return ""
    values = {submissions.FIELD: submissions.owner(request)}
    typed = submissions.typed(request)
    if typed and submissions.STORED in typed:
        values[submissions.STORED] = typed.get(submissions.STORED, "")
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', values.items())


@register.simple_tag(takes_context=True)
def may_do(context: template.Context, operation_id: str) -> bool:
    """Tell whether the person may call an operation by a variable; one without a name, nobody."""
    return bool(operation_id and context["may"][operation_id])
