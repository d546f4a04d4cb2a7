"""Values of the contract as people read them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from contract.reader import Values
from core.contract_forms import nullable
from core.fields import is_amount, minor_digits, to_major, words

SYMBOLS = {"EUR": "€", "GBP": "£", "JPY": "¥", "USD": "$"}


def money(amount_minor: int, currency: str) -> str:
    """Return ``€1,234.50``; a currency that the pin does not know is shown as it came."""
    if currency not in minor_digits():
        return f"{amount_minor} {currency} (minor units)"
    whole, point, decimals = to_major(amount_minor, currency).partition(".")
    amount = f"{int(whole):,}{point}{decimals}"
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{amount}" if symbol else f"{currency} {amount}"


def moment(value: str) -> str:
    """Return ``23 Nov 2026, 08:30`` in UTC; what is no moment is shown as it came."""
    try:
        parsed = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):  # the first and the last day have no other zone
        return value
    return f"{parsed:%-d %b %Y, %H:%M}"


def day(value: str) -> str:
    """Return ``23 Nov 2026``; what is no day is shown as it came."""
    try:
        return f"{date.fromisoformat(value):%-d %b %Y}"
    except ValueError:
        return value


FORMATS = {"date-time": moment, "date": day}


def display(value: Any, schema: Mapping[str, Any] | None = None) -> str:
    """Return any wire value as one line of text; a text has the format that its schema names."""
    schema = nullable(schema)[0] if schema else {}
    if value is None or value == "" or value is msgspec.UNSET:
        return "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, msgspec.Struct):
        value = Values(value)
    if isinstance(value, Mapping):
        if is_amount(value):
            return money(value["amount_minor"], value["currency"])
        known = schema.get("properties", {})
        value = [
            f"{words(str(name))}: {display(each, known.get(name))}" for name, each in value.items()
        ]
    if isinstance(value, list):
        shown = [display(each, schema.get("items")) for each in value]
        return ("; " if any("," in each for each in shown) else ", ").join(shown) or "–"
    if isinstance(value, str):
        return _text(value, schema)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _text(value: str, schema: Mapping[str, Any]) -> str:
    if value in schema.get("enum", ()):
        return words(value)
    shape = FORMATS.get(schema.get("format", ""))
    return shape(value) if shape else value
