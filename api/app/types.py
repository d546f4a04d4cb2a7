"""Types that schemas and tables share: texts, moments, money, enums."""

import re
import unicodedata
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

AS_THEY_ARE = frozenset((int, bool, type(None)))


def composed(value: Any) -> Any:
    """Return a value of JSON with its texts in NFC (Unicode, UAX 15), and 1.0 as the integer 1.

    Both are the same number (JSON Schema, 4.2.3), and the contract takes both for an integer.
    """
    kind = type(value)
    if kind is str:
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if kind is dict:  # most texts are ASCII: a call for each of them costs more than to look
        return {
            name if name.isascii() else composed(name): each
            if (of := type(each)) in AS_THEY_ARE or (of is str and each.isascii())
            else composed(each)
            for name, each in value.items()
        }
    if kind is list:
        return [composed(each) for each in value]
    return int(value) if kind is float and value.is_integer() else value


# Letters, marks and unassigned points that show nothing (Default_Ignorable_Code_Point of Unicode's
# DerivedCoreProperties.txt, but for Cf), the blank of Braille, the null notehead.
IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U0001d159\U000e0000-\U000e0fff]"
)


def _is_visible(character: str) -> bool:
    shown = unicodedata.category(character) not in ("Cf", "Zs", "Zl", "Zp")
    return shown and not IGNORABLE.match(character)


def _visible(value: str) -> str:
    """Refuse a text of nothing but characters that nobody can see.

    Of ASCII only blanks are such, and the pattern has refused them.
    """
    if not value.isascii() and not any(map(_is_visible, value)):
        raise PydanticCustomError("invisible", "Text should have a character that can be seen")
    return value


# PostgreSQL cannot store NUL in a text (manual, 8.3).
Text = Annotated[str, StringConstraints(pattern=r"^[^\u0000]*$")]
# A text with at least one visible character.
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^[^\u0000]*[^\s\u0000][^\u0000]*$"),
    AfterValidator(_visible),
]


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        message = "Input should be within the years 1 to 9999 in UTC"
        raise PydanticCustomError("datetime_range", message) from error


# RFC 3339 with a zone (5.6); converted to UTC.
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class Schema(BaseModel):
    """What goes over the wire. Answers stay open: a new field breaks no client."""

    # Answers always have the fields with defaults, so the contract requires them there.
    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class Body(Schema):
    """A request's body: an unknown field is an error, not a silent typing mistake.

    Its texts are read in NFC, so that two ways to write a letter are one.
    """

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _compose(cls, fields: Any) -> Any:
        return composed(fields)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Write a default as `x-default`: generated clients require a field with `default`."""
        schema = handler(core_schema)
        for field in handler.resolve_ref_schema(schema).get("properties", {}).values():
            if "default" in field:
                field["x-default"] = field.pop("default")
        return schema


class OpenEnum(StrEnum):
    """An enum that may grow: clients show a value that they do not know as it is."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Add the extensions to the contract's schema."""
        schema = handler(core_schema)
        handler.resolve_ref_schema(schema).update(cls.extensions())
        return schema

    @classmethod
    def extensions(cls) -> dict[str, Any]:
        """Return what the contract says beyond the values."""
        return {"x-extensible-enum": True}


class Currency(OpenEnum):
    """ISO 4217 code of a currency in which prices are accepted."""

    # The code, and the decimal places of the minor unit (ISO 4217, table A.1).
    CHF = "CHF", 2
    EUR = "EUR", 2
    GBP = "GBP", 2
    JPY = "JPY", 0
    USD = "USD", 2

    minor_digits: int

    def __new__(cls, code: str, minor_digits: int) -> Self:
        """Make a member of its code."""
        member = str.__new__(cls, code)
        member._value_, member.minor_digits = code, minor_digits
        return member

    @classmethod
    def extensions(cls) -> dict[str, Any]:
        """Add the digits, so that a client writes 1999 as 19.99 without a table of its own."""
        digits = {currency.value: currency.minor_digits for currency in cls}
        return super().extensions() | {"x-minor-digits": digits}


class Money(Schema):
    """An amount of money, exact: 1999 EUR is 19.99 euro."""

    model_config = ConfigDict(extra="forbid")

    amount_minor: int = Field(
        strict=True,
        ge=0,
        le=10**12,
        description="Amount in minor units of the currency, e.g. cents.",
        examples=[1999],
    )
    currency: Currency = Field(description="ISO 4217 code of the currency.", examples=["EUR"])


MAX_VERSION = 2**31 - 1
Version = Annotated[
    int,
    Field(
        ge=1,
        le=MAX_VERSION,
        description="Counts the changes; the `ETag` is this number in quotes.",
        examples=[1],
    ),
]
