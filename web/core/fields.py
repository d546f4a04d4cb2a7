"""Form fields that HTML does not have: money, moments, lists of words.

Also what a browser posts for a field that nobody touched, so that only changes are sent.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from json import dumps
from math import isfinite
from operator import gt, lt
from typing import Any, cast

from django import forms
from django.forms.fields import InvalidJSONInput
from django.http import QueryDict

from contract.document import Document, Json, pinned

AMOUNT = re.compile(r"(-?)([0-9]+)(?:[.,]([0-9]+))?")
MOST_DIGITS = 1000  # of a decimal, before or after the point
WORD = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*(?:,|$)|([^,]*)(?:,|$))')


def minor_digits() -> Mapping[str, int]:
    """Return the decimals of each currency that the contract accepts, in its order."""
    return digits_of(pinned())


@lru_cache(maxsize=1)
def digits_of(document: Document) -> Mapping[str, int]:
    """Return the decimals by currency; none in a contract without money."""
    money = money_of(document)
    if not money:
        return {}
    currency = document.resolve(money["properties"]["currency"])
    return {code: currency["x-minor-digits"][code] for code in currency["enum"]}


@lru_cache(maxsize=1)
def money_of(document: Document) -> Json:
    """Return the contract's schema of money, which is known by its properties."""
    return next((schema for schema in document.schemas.values() if is_money(schema)), {})


def to_minor(text: str, currency: str) -> int:
    """Return the minor units of what a person typed; a comma or a point is the decimal sign."""
    digits = minor_digits().get(currency)
    if digits is None:
        raise forms.ValidationError(f"{currency} cannot be used here.", code="currency")
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
            f"“{text}” has too many decimals: {currency} {allowed}.", code="decimals"
        )
    try:
        return int(f"{sign}{whole}{decimals[:digits].ljust(digits, '0')}")
    except ValueError:  # Python reads no more than 4300
        raise forms.ValidationError("It has too many digits.", code="digits") from None


def is_money(schema: Mapping[str, Any]) -> bool:
    """Tell whether a schema is that of money: whole minor units and a currency."""
    return {"amount_minor", "currency"} <= set(schema.get("properties", ()))


def is_amount(value: Any) -> bool:
    """Tell whether a value is money, as it goes over the wire or as the client reads it."""
    if hasattr(value, "amount_minor") and hasattr(value, "currency"):
        return True
    if not isinstance(value, Mapping):
        return False
    amount, currency = value.get("amount_minor"), value.get("currency")
    return isinstance(amount, int) and isinstance(currency, str)


def to_major(amount_minor: int, currency: str) -> str:
    """Return minor units as a person reads them: 1999 EUR is ``19.99``."""
    digits = minor_digits().get(currency, 0)
    return f"{Decimal(amount_minor).scaleb(-digits):.{digits}f}"


def first_currency() -> str:
    """Return the currency that an empty form offers."""
    known = list(minor_digits())
    return "EUR" if "EUR" in known else known[0]


def amount_limits() -> Json:
    """Return the contract's schema of an amount in minor units, with its limits."""
    schema: Json = money_of(pinned())["properties"]["amount_minor"]
    return schema


def money_range() -> str:
    """Return which amounts are accepted, such as ``At most 99.99 EUR.``; empty for all."""
    limits, currency = amount_limits(), first_currency()
    least, most = (
        to_major(limits[name], currency) if name in limits else ""
        for name in ("minimum", "maximum")
    )
    if least and most:
        return f"From {least} to {most} {currency}."
    return f"At {'least' if least else 'most'} {least or most} {currency}." if least or most else ""


class MoneyWidget(forms.MultiWidget):
    """An amount and a currency."""

    def __init__(self) -> None:
        # No autocomplete="off": a browser that goes back would not restore what was typed.
        amount = forms.TextInput({"inputmode": "decimal", "aria-label": "Amount"})
        choices = [(code, code) for code in minor_digits()]
        super().__init__(
            {"": amount, "currency": forms.Select({"aria-label": "Currency"}, choices)}
        )

    def decompress(self, value: Any) -> list[Any]:
        """Turn ``{"amount_minor": 1999, "currency": "EUR"}`` into ``["19.99", "EUR"]``."""
        if isinstance(value, Mapping) and is_amount(value):
            return [to_major(value["amount_minor"], value["currency"]), value["currency"]]
        return [None, first_currency()]


class MoneyField(forms.MultiValueField):
    """Yields whole minor units and a currency, never a float."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [(code, code) for code in minor_digits()]
        parts = (forms.CharField(strip=True), forms.ChoiceField(choices=choices))
        super().__init__(parts, widget=MoneyWidget(), **kwargs)

    def compress(self, values: list[Any]) -> dict[str, Any] | None:
        """Return the wire form; the API's own limits are checked against the contract."""
        if not values or not values[0]:
            return None
        text, currency = values
        amount = to_minor(text, currency)
        limits = amount_limits()
        for name, bad in (("minimum", lt), ("maximum", gt)):
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
        """Undo the browser's change of line ends."""
        text: str | None = super().to_python(value)
        return text and one_line_end(text)


class MomentField(forms.DateTimeField):
    """Yields RFC 3339 in UTC, with Z."""

    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M:%S")

    def prepare_value(self, value: Any) -> Any:
        """Show a value in UTC; text that is no moment with an offset is shown as it is."""
        try:
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else value
        except (TypeError, ValueError, OverflowError):
            return value

    def clean(self, value: Any) -> str | None:
        """Return the wire value."""
        moment: datetime | None = super().clean(value)
        try:
            return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
        except OverflowError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


class DayField(forms.DateField):
    """Yields an RFC 3339 date."""

    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")

    def clean(self, value: Any) -> str | None:
        """Return the wire value."""
        day: date | None = super().clean(value)
        return day.isoformat() if day else None


class DecimalField(forms.DecimalField):
    """Yields the digits as text, so that none is lost; zeros after the point are dropped."""

    def clean(self, value: Any) -> str | None:
        """Return the wire value."""
        number: Decimal | None = super().clean(value)
        if number is None:
            return None
        if number and abs(number.adjusted()) > MOST_DIGITS:  # 1e999999 would be a megabyte
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        text = f"{number:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text


class FirstOfField(forms.Field):
    """A text or a number, typed alike: the first of these fields that takes it tells which it is.

    What one of them took before, it takes after the contract allows another one, too.
    """

    def __init__(self, parts: list[forms.Field], **kwargs: Any) -> None:
        self.text = next(part for part in parts if isinstance(part, forms.CharField))
        self.parts = parts
        self.text.widget.attrs.pop("pattern", None)  # A number need not match it.
        super().__init__(widget=self.text.widget, **kwargs)

    def clean(self, value: Any) -> Any:
        """Return the wire value; what none of them takes is told in the words of the text."""
        for part in self.parts if value not in self.empty_values else ():
            with suppress(forms.ValidationError):
                return part.clean(value)
        return self.text.clean(value)


class WordsField(forms.CharField):
    """A list of texts or of numbers, typed with commas between.

    A text with a comma in it stands in quotes, as in CSV (RFC 4180).
    """

    def __init__(self, *, item: type[Any] = str, may_be_empty: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.item, self.may_be_empty = item, may_be_empty

    def prepare_value(self, value: Any) -> Any:
        """Show a list as text."""
        return ", ".join(map(shown_word, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[Any] | None:
        """Return the words without the blanks around them; None for none that cannot be sent."""
        words = typed_words(one_line_end(super().clean(value)))
        try:
            values = [self.item(word) for word in words]
            if all(not isinstance(each, float) or isfinite(each) for each in values):
                return values or ([] if self.may_be_empty else None)
        except ValueError:
            pass
        raise forms.ValidationError("Write numbers with commas between.", code="invalid")


def shown_word(value: Any) -> str:
    """Return one value of a list in the form that ``typed_words`` reads."""
    word = str(value)
    is_plain = word and word == word.strip() and "," not in word and not word.startswith('"')
    return word if is_plain else '"' + word.replace('"', '""') + '"'


def typed_words(text: str) -> list[str]:
    """Return the words of ``steel, "nuts, bolts"``; a quote within quotes is doubled."""
    words = []
    for quoted, plain in (match.groups() for match in WORD.finditer(text)):
        if quoted is not None:
            words.append(quoted.replace('""', '"'))
        elif plain.strip():
            words.append(plain.strip())
    return words


class JsonField(forms.JSONField):
    """A value without a field of its own, as JSON; an empty list or object is a value.

    ``kinds`` are the types of JSON Schema that it may have, if there is a text among them: what is
    no JSON of another one is a text.
    """

    empty_values = ("", None)

    def __init__(self, *, kinds: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kinds = kinds

    def prepare_value(self, value: Any) -> Any:
        """Show nothing for null."""
        return None if value is None else super().prepare_value(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what was typed as it was typed: Django would write the value in its own way."""
        return None if data is None else InvalidJSONInput(data)

    def to_python(self, value: Any) -> Any:
        """Return the value; refuse one that JSON cannot say, is too deep or has too many digits."""
        try:
            parsed = super().to_python(value)
            dumps(parsed, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
        return parsed

    def clean(self, value: Any) -> Any:
        """Return the wire value; Django marks texts by a class of its own."""
        try:
            parsed = super().clean(value)
        except forms.ValidationError:
            if not self.kinds or not value or value.strip()[:1] in '{["':
                raise
            return value.strip()
        if self.kinds and parsed is not None and not kinds_of(parsed) & {*self.kinds}:
            return value.strip()
        return str(parsed) if isinstance(parsed, str) else parsed


def kinds_of(value: Any) -> set[str]:
    """Return the types of JSON Schema that a value has."""
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, float):
        return {"number", "integer"} if value.is_integer() else {"number"}
    kinds = {int: {"number", "integer"}, str: {"string"}, list: {"array"}, dict: {"object"}}
    return next(names for kind, names in kinds.items() if isinstance(value, kind))


class Checkbox(forms.CheckboxInput):
    """A checkbox with a hidden input, so that it is in the POST without a tick, too."""

    template_name = "core/_checkbox.html"

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Tell whether the page did not have this field."""
        return name not in data


class ChoicesWidget(forms.CheckboxSelectMultiple):
    """Checkboxes with a hidden input before them, as for one checkbox."""

    template_name = "core/_checkboxes.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return the values with a tick."""
        return [value for value in super().value_from_datadict(data, files, name) or () if value]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Tell whether the page did not have this field."""
        return name not in data


def has_changed(field: forms.Field, initial: Any, data: Any) -> bool:
    """Tell whether a person changed what a field showed; another spelling is no change."""
    shown = untouched(field, initial)
    if as_posted(field.widget, shown) == as_posted(field.widget, data):
        return False
    try:
        return bool(field.clean(shown) != field.clean(data))
    except forms.ValidationError:
        return True


def untouched(field: forms.Field, value: Any) -> Any:
    """Return what an untouched page that shows ``value`` posts."""
    value, widget = field.prepare_value(value), field.widget
    if isinstance(widget, forms.CheckboxInput):
        return widget.check_test(value)
    if isinstance(widget, forms.CheckboxSelectMultiple | forms.SelectMultiple):
        return [str(each) for each in value] if isinstance(value, list) else []
    if isinstance(widget, forms.MultiWidget):
        return [_text(each) for each in widget.decompress(value) or ()]
    if isinstance(widget, forms.Select):
        return _text(value)
    if isinstance(field, forms.DateField | forms.DateTimeField):
        try:
            field.clean(value if isinstance(value, date) else _text(value))
        except forms.ValidationError:
            return ""  # A browser shows nothing where its input cannot hold the value.
    return _text(widget.format_value(value))


def names(widget: forms.Widget, name: str) -> list[str]:
    """Return the names under which a field's widget posts."""
    parts = getattr(widget, "widgets", None)
    if parts is None:
        return [name]
    suffixes: list[str] = vars(widget)["widgets_names"]
    return [
        each for end, part in zip(suffixes, parts, strict=True) for each in names(part, name + end)
    ]


def post(data: QueryDict, widget: forms.Widget, name: str, value: Any) -> None:
    """Put into posted data what ``untouched`` returned for a field."""
    if isinstance(widget, forms.MultiWidget):
        suffixes: list[str] = vars(widget)["widgets_names"]
        for end, part, each in zip(suffixes, widget.widgets, value, strict=True):
            post(data, part, name + end, each)
    elif isinstance(value, bool):
        data.setlist(name, ["", "on"] if value else [""])
    elif isinstance(value, list):
        data.setlist(name, ["", *value])
    else:
        data[name] = value


def as_posted(widget: forms.Widget, data: Any) -> Any:
    """Return posted data without what browsers do to line ends (HTML, 4.10.5.1 and 4.10.21.4)."""
    if isinstance(data, list):
        parts = getattr(widget, "widgets", None)
        if parts is None:
            return sorted(data)
        return [as_posted(part, each) for part, each in zip(parts, data, strict=True)]
    if isinstance(widget, forms.Textarea):
        return one_line_end(_text(data))
    return data if isinstance(data, bool) else re.sub(r"[\r\n]", "", _text(data))


def one_line_end(text: str) -> str:
    """Return text without the browser's change of line ends (HTML, 4.10.21.4)."""
    return re.sub(r"\r\n?", "\n", text)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def offer(field: forms.Field | None, value: Any) -> None:
    """Let a field show a present value that the contract does not list: the API is newer."""
    if value is None:
        return
    if isinstance(field, forms.MultiValueField):
        _offer_parts(field, value)
    elif isinstance(field, forms.ChoiceField):
        known = offered(field)
        for text in map(str, value if isinstance(value, list) else [value]):
            if text not in known:
                known[text] = words(text)
        field.choices = list(known.items())
    elif isinstance(field, WordsField) and "\n" in str(field.prepare_value(value)):
        field.widget = forms.Textarea({"rows": 2})  # an input has one line


def _offer_parts(field: forms.MultiValueField, value: Any) -> None:
    widget = cast(forms.MultiWidget, field.widget)
    present = widget.decompress(value) or ()
    for part, shown, each in zip(field.fields, widget.widgets, present, strict=True):
        offer(part, each)
        if isinstance(part, forms.ChoiceField):
            cast(forms.Select, shown).choices = list(offered(part).items())


def offered(field: forms.ChoiceField) -> dict[str, str]:
    """Return the values of a select and their words."""
    return dict(cast(Iterable[tuple[str, str]], field.choices))


def words(name: str) -> str:
    """Return a name or a value of the contract as words for people."""
    return name.removesuffix("_id").removesuffix("_at").replace("_", " ").capitalize()
