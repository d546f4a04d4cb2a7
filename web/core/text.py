"""Values of the contract as people read them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from contract.reader import Values
from core.contract_forms import nullable
from core.fields import is_amount, minor_digits, words

SYMBOLS = {"EUR": "€", "GBP": "£", "JPY": "¥", "USD": "$"}


def money(amount_minor: int, currency: str) -> str:
    """Return ``€1,234.50``; a currency that the pin does not know is shown as it came."""
    digits = minor_digits().get(currency)
    if digits is None:
        return f"{amount_minor} {currency} (minor units)"
    whole, part = divmod(abs(amount_minor), 10**digits)
    sign = "-" if amount_minor < 0 else ""
    amount = f"{sign}{whole:,}.{part:0{digits}}" if digits else f"{sign}{whole:,}"
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


OBJECTS = (msgspec.Struct, Mapping)
FORMATS = {"date-time": moment, "date": day}


def display(value: Any, schema: Mapping[str, Any] | None = None) -> str:
    """Return any wire value as one line of text; a text has the format that its schema names."""
    return shown(value, nullable(schema)[0] if schema else {})


def shown(value: Any, schema: Mapping[str, Any]) -> str:
    """Return the same; ``schema`` is what the value may be besides null, references resolved."""
    if isinstance(value, str):
        return _text(value, schema) if value else "–"
    if value is None or value is msgspec.UNSET:
        return "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, OBJECTS):
        return _object(value, schema)
    return _list(value, schema) if isinstance(value, list) else str(value)


def _object(value: Mapping[str, Any] | msgspec.Struct, schema: Mapping[str, Any]) -> str:
    if isinstance(value, msgspec.Struct):
        amount, currency = getattr(value, "amount_minor", None), getattr(value, "currency", None)
        if isinstance(amount, int) and isinstance(currency, str):
            return money(amount, currency)
        value = Values(value)
    elif is_amount(value):
        return money(value["amount_minor"], value["currency"])
    known = schema.get("properties", {})
    return _joined(f"{words(str(name))}: {display(value[name], known.get(name))}" for name in value)


def _list(value: list[Any], schema: Mapping[str, Any]) -> str:
    return _joined(display(each, schema.get("items")) for each in value)


def _joined(texts: Iterable[str]) -> str:
    found = list(texts)
    return ("; " if any("," in each for each in found) else ", ").join(found) or "–"


def _text(value: str, schema: Mapping[str, Any]) -> str:
    if value in schema.get("enum", ()):
        return words(value)
    shape = FORMATS.get(schema.get("format", ""))
    return shape(value) if shape else value
