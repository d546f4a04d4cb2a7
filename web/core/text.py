"""Values of the contract as people read them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from contract.reader import Values
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


def display(value: Any) -> str:
    """Return any wire value as one line of text."""
    if value is None or value == "" or value is msgspec.UNSET:
        return "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, msgspec.Struct):
        value = Values(value)
    if isinstance(value, Mapping):
        if is_amount(value):
            return money(value["amount_minor"], value["currency"])
        value = [f"{words(str(name))}: {display(each)}" for name, each in value.items()]
    if isinstance(value, list):
        return ", ".join(map(display, value)) or "–"
    return f"{value:,}" if isinstance(value, int) else str(value)
