"""Forms made from the contract, so that no rule is written twice.

``ContractForm`` is to a schema what ``ModelForm`` is to a model: it names a schema and derives a
field for each property. A field declared in the class replaces the derived one.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, TypeVar, cast

from django import forms
from django.core.validators import MinLengthValidator, RegexValidator
from django.forms.renderers import DjangoTemplates

from contract.document import pinned
from core import fields
from core.failures import Rejected, Unavailable

T = TypeVar("T")
Json = Mapping[str, Any]

KEPT = "Nothing you typed is lost, and nothing is saved twice."
ONE_LINE = 255  # a text that may be longer gets a larger box

NUMBERS: dict[str, Callable[..., forms.Field]] = {
    "integer": forms.IntegerField,
    "number": forms.FloatField,
}
PLAIN: dict[tuple[str, str], Callable[..., forms.Field]] = {
    ("boolean", ""): forms.BooleanField,
    ("array", ""): fields.WordsField,
    ("string", "date-time"): fields.MomentField,
    ("string", "date"): fields.DayField,
}


class Renderer(DjangoTemplates):
    """Gives every field our label, help and errors."""

    field_template_name = "core/_field.html"


def label(name: str, schema: Json | None = None) -> str:
    """Return the words for a property: its title in the contract, or its name."""
    words = name.removesuffix("_id").removesuffix("_at").replace("_", " ").capitalize()
    return str((schema or {}).get("title") or words)


def nullable(schema: Json) -> tuple[Json, bool]:
    """Split ``anyOf: [X, null]`` into X and whether null is allowed."""
    options = [pinned().resolve(dict(option)) for option in schema.get("anyOf", ())]
    if not options:
        return pinned().resolve(dict(schema)), False
    kept = [option for option in options if option.get("type") != "null"]
    return {**kept[0], **{k: v for k, v in schema.items() if k != "anyOf"}}, len(kept) < len(
        options
    )


def accepts_blank(schema: Json, *, is_null: bool) -> bool:
    """Tell whether leaving a field empty is a value of this schema."""
    is_text = schema.get("type") == "string" and "enum" not in schema and "format" not in schema
    is_empty_text = is_text and not schema.get("minLength")
    is_empty_list = schema.get("type") == "array" and not schema.get("minItems")
    return is_null or is_empty_text or is_empty_list or schema.get("type") == "boolean"


def derive_field(name: str, prop: Json, *, required: bool) -> forms.Field:
    """Return the form field of one property."""
    schema, is_null = nullable(prop)
    common: dict[str, Any] = {
        "label": label(name, schema),
        "help_text": schema.get("description", ""),
        "required": required,
        "initial": schema.get("default"),
    }
    if prop.get("$ref", "").endswith("/Money"):
        return fields.MoneyField(**common | {"help_text": prop.get("description", "")})
    if "enum" in schema:
        return choice_field([(value, label(str(value))) for value in schema["enum"]], **common)
    kind, form = schema.get("type", ""), schema.get("format", "")
    if kind in NUMBERS:
        return NUMBERS[kind](**common, **limits(schema))
    if (kind, form) in PLAIN:
        return PLAIN[kind, form](**common)
    if kind == "string":
        return text_field(schema, common | ({"empty_value": None} if is_null else {}))
    raise TypeError(f"no form field for property {name!r}: {prop}")


def limits(schema: Json) -> dict[str, Any]:
    """Return a number's bounds."""
    return {"min_value": schema.get("minimum"), "max_value": schema.get("maximum")}


def text_field(schema: Json, common: dict[str, Any]) -> forms.Field:
    """Return a line or a box of text with the contract's lengths and pattern."""
    long = is_long(schema)
    kind = fields.TextField if long else forms.CharField
    field = kind(max_length=schema.get("maxLength"), **common)
    if shortest := schema.get("minLength"):
        field.validators.append(MinLengthValidator(shortest))
    if pattern := schema.get("pattern"):
        example = next(iter(schema.get("examples", ())), "")
        advice = f"Write it like {example}." if example else "This is not in the expected form."
        field.validators.append(RegexValidator(pattern, advice))
        if not long:
            field.widget.attrs["pattern"] = pattern
    return field


def is_long(schema: Json) -> bool:
    """Tell whether a text may take more than a line."""
    is_text = schema.get("type") == "string" and not schema.keys() & {"format", "enum"}
    return is_text and schema.get("maxLength", ONE_LINE + 1) > ONE_LINE


def choice_field(choices: list[tuple[Any, str]], **common: Any) -> forms.Field:
    """Return a select; nothing chosen is null, unless there is a default to begin with."""
    common["required"] = common["required"] or common["initial"] is not None
    if not common["required"]:
        choices = [("", "None"), *choices]
    return forms.TypedChoiceField(choices=choices, coerce=str, empty_value=None, **common)


class ContractForm(forms.Form):
    """Base of forms that feed a request body; ``choices`` makes a select of a derived field."""

    schema: ClassVar[str] = ""
    labels: ClassVar[dict[str, str]] = {}
    partial: ClassVar[bool] = False

    def __init__(
        self, *args: Any, choices: Mapping[str, list[tuple[str, str]]] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.unavailable: Unavailable | None = None
        self.properties: Json = pinned().schemas[self.schema]["properties"]
        derived = {name: self._derive(name, (choices or {}).get(name)) for name in self.properties}
        self.fields = derived | self.fields
        for name, words in self.labels.items():
            self.fields[name].label = words
        for name, value in self.initial.items():
            keep_choice(self.fields.get(name), value)

    def _derive(self, name: str, choices: list[tuple[str, str]] | None) -> forms.Field:
        prop = self.properties[name]
        schema, is_null = nullable(prop)
        required = name in pinned().schemas[self.schema].get("required", ()) or self.partial
        required = required and not accepts_blank(schema, is_null=is_null)
        field = derive_field(name, prop, required=required)
        if choices is None:
            return field
        common = {key: getattr(field, key) for key in ("label", "help_text", "required", "initial")}
        return choice_field(choices, **common)

    @property
    def status(self) -> int:
        """Return the HTTP status of the page that shows this form."""
        if self.unavailable:
            return self.unavailable.status
        return 422 if self.errors else 200

    def wire(self) -> dict[str, Any]:
        """Return the valid values as the body has them; what was left empty is left out."""
        values = {name: self.cleaned_data[name] for name in self.properties}
        return {
            name: value
            for name, value in values.items()
            if value is not None or nullable(self.properties[name])[1]
        }

    def send(self, save: Callable[[dict[str, Any]], T]) -> T | None:
        """Save the values; None when they are not valid, were refused, or nobody answered."""
        if not self.is_valid():
            return None
        try:
            return save(self.wire())
        except Rejected as rejected:
            self.add_rejection(rejected)
        except Unavailable as exc:
            self.unavailable = exc
            self.add_error(None, f"{exc.said} {KEPT} {exc.advice}")
        return None

    def add_rejection(self, rejected: Rejected) -> None:
        """Put the API's words beside their fields (``#/price/amount_minor`` → ``price``)."""
        for error in rejected.errors:
            name = error.pointer.removeprefix("#/").split("/")[0]
            self.add_error(name if name in self.fields else None, error.detail)
        if not rejected.errors:
            self.add_error(None, str(rejected))


def keep_choice(field: forms.Field | None, value: Any) -> None:
    """Offer a present value that the contract does not list: a newer API knows more of them."""
    if isinstance(field, forms.ChoiceField) and value is not None:
        known = offered(field)
        if value not in known:
            field.choices = [*known.items(), (value, label(str(value)))]


def offered(field: forms.ChoiceField) -> dict[str, str]:
    """Return the values of a select and their words."""
    return dict(cast(Iterable[tuple[str, str]], field.choices))
