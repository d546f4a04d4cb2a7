"""Form fields for what the contract has and HTML has not: money, moments, lists of words."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms

from contract.document import pinned

AMOUNT = re.compile(r"(-?)([0-9]+)(?:[.,]([0-9]+))?")


def minor_digits() -> Mapping[str, int]:
    """Return the decimals of each currency that the contract accepts, in its order."""
    currency = pinned().resolve(pinned().schemas["Money"]["properties"]["currency"])
    digits: dict[str, int] = currency["x-minor-digits"]
    return {code: digits[code] for code in currency["enum"]}


def to_minor(text: str, currency: str) -> int:
    """Return the minor units of what a person typed; a comma or a point is the decimal sign."""
    digits = minor_digits()[currency]
    match = AMOUNT.fullmatch(text.strip())
    if match is None:
        example = to_major(1250, currency)
        raise forms.ValidationError(
            f"“{text}” is not an amount. Write it like {example}.", code="invalid"
        )
    sign, whole, decimals = match[1], match[2], match[3] or ""
    if decimals[digits:].strip("0"):
        allowed = f"has {digits} decimals" if digits else "has no decimals"
        raise forms.ValidationError(
            f"“{text}” is no whole number of minor units: {currency} {allowed}.", code="decimals"
        )
    return int(f"{sign}{whole}{decimals[:digits].ljust(digits, '0')}")


def to_major(amount_minor: int, currency: str) -> str:
    """Return minor units as a person reads them: 1999 EUR is ``19.99``."""
    digits = minor_digits().get(currency, 0)
    return f"{Decimal(amount_minor).scaleb(-digits):.{digits}f}"


class MoneyWidget(forms.MultiWidget):
    """An amount and a currency."""

    def __init__(self) -> None:
        amount = forms.TextInput(
            {"inputmode": "decimal", "autocomplete": "off", "aria-label": "Amount"}
        )
        choices = [(code, code) for code in minor_digits()]
        super().__init__(
            {"": amount, "currency": forms.Select({"aria-label": "Currency"}, choices)}
        )

    def decompress(self, value: Mapping[str, Any] | None) -> list[Any]:
        """Turn ``{"amount_minor": 1999, "currency": "EUR"}`` into ``["19.99", "EUR"]``."""
        if not value:
            return [None, "EUR"]
        return [to_major(value["amount_minor"], value["currency"]), value["currency"]]


class MoneyField(forms.MultiValueField):
    """Yields the contract's Money: whole minor units, never a float."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [(code, code) for code in minor_digits()]
        parts = (forms.CharField(strip=True), forms.ChoiceField(choices=choices))
        super().__init__(parts, widget=MoneyWidget(), **kwargs)

    def compress(self, values: list[Any]) -> dict[str, Any] | None:
        """Return the wire form; the API's own limits are checked against the contract."""
        if not values:
            return None
        text, currency = values
        amount = to_minor(text, currency)
        limits = pinned().schemas["Money"]["properties"]["amount_minor"]
        for name, bad in (("minimum", int.__lt__), ("maximum", int.__gt__)):
            if name in limits and bad(amount, limits[name]):
                bound = f"{to_major(limits[name], currency)} {currency}"
                word = "less" if name == "minimum" else "more"
                raise forms.ValidationError(f"It cannot be {word} than {bound}.", code=name)
        return {"amount_minor": amount, "currency": currency}


class TextField(forms.CharField):
    """Text of several lines; a line ends with one character, as the contract counts them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea({"rows": 4}), **kwargs)

    def to_python(self, value: Any) -> str | None:
        """Undo what browsers do to line ends (HTML, 4.10.21.4)."""
        text: str | None = super().to_python(value)
        return text and text.replace("\r\n", "\n")


class MomentField(forms.DateTimeField):
    """Yields RFC 3339 in UTC, with Z."""

    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M:%S")

    def prepare_value(self, value: Any) -> Any:
        """Show a wire value."""
        if isinstance(value, str) and value.endswith("Z"):
            return datetime.fromisoformat(value).replace(tzinfo=None)
        return value

    def clean(self, value: Any) -> str | None:
        """Return the wire value."""
        moment: datetime | None = super().clean(value)
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


class DayField(forms.DateField):
    """Yields an RFC 3339 date."""

    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")

    def clean(self, value: Any) -> str | None:
        """Return the wire value."""
        day: date | None = super().clean(value)
        return day.isoformat() if day else None


class WordsField(forms.CharField):
    """A list of strings, typed with commas between."""

    def prepare_value(self, value: Any) -> Any:
        """Show a list as text."""
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Return the words without the blanks around them."""
        text: str = super().clean(value)
        return [word.strip() for word in text.split(",") if word.strip()]
