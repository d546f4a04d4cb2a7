"""Forms made from the contract, so that no rule is written twice.

``ContractForm`` is to a schema what ``ModelForm`` is to a model: it names a schema and derives a
field for each property. A field declared in the class replaces the derived one. A form that is
posted has the fields that its page had: the page may be of an earlier or a later release.
A deprecated property that need not be sent has no field, so that the API may remove it on its day.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.validators import MinLengthValidator, RegexValidator
from django.forms.renderers import DjangoTemplates

from contract.annotations import ending
from contract.document import pinned
from core import fields, sentences
from core.error_pages import log_failure, page_of, words_in_form
from core.failures import ApiError, NotFound, NotUnderstood, Rejected, Saved
from core.fields import words
from core.markup import WRITTEN
from core.refusals import messages, told

Json = Mapping[str, Any]
Choices = list[tuple[Any, str]]

ONE_LINE = 255  # a text that may be longer gets a larger box

NUMBERS: dict[str, Callable[..., forms.Field]] = {
    "integer": forms.IntegerField,
    "number": forms.FloatField,
}
PLAIN: dict[tuple[str, str], Callable[..., forms.Field]] = {
    ("string", "date-time"): fields.MomentField,
    ("string", "date"): fields.DayField,
}


F = TypeVar("F", bound="ContractForm")


class Renderer(DjangoTemplates):
    """Gives every field our label, help and errors; its input is written in Python."""

    field_template_name = "core/_field.html"

    def render(self, template_name: str, context: Any, request: Any = None) -> str:
        """Return what a template says; of the usual widgets without it."""
        if write := WRITTEN.get(template_name):
            return write(context["widget"])
        if template_name == "django/forms/widgets/multiwidget.html":
            parts = context["widget"]["subwidgets"]
            return "".join([self.render(part["template_name"], {"widget": part}) for part in parts])
        return str(super().render(template_name, context, request))


def label(name: str, schema: Json | None = None) -> str:
    """Return the words for a property: its title in the contract, or its name."""
    return str((schema or {}).get("title") or words(name))


def nullable(prop: Json) -> tuple[Json, bool]:
    """Return what a property is besides null, references resolved, and whether it may be null.

    What has several shapes has them in ``anyOf``.
    """
    schema = dict(pinned().resolve(dict(prop)))
    if len(schema.get("allOf", ())) == 1:
        schema = dict(pinned().resolve(schema.pop("allOf")[0])) | schema
    kinds = schema.get("type")
    if isinstance(kinds, list):
        schema.pop("type")
        schema["anyOf"] = [{**schema, "type": kind} for kind in kinds]
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return _without_null(schema.pop(union), schema)
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if values is None:
        return schema, schema.get("type") == "null"
    return schema | {"enum": [v for v in values if v is not None]}, None in values


def _without_null(options: list[Json], beside: Json) -> tuple[Json, bool]:
    found = [nullable(option) for option in options]
    kept = [schema for schema, _ in found if schema.get("type") != "null"]
    shape = kept[0] if len(kept) == 1 else {"anyOf": kept}
    return {**shape, **beside}, any(is_null for _, is_null in found)


def as_typed(schema: Json) -> Json:
    """Return the text of what may be a text or a number, and any other schema as it is."""
    options = schema.get("anyOf", ())
    texts = [option for option in options if option.get("type") == "string"]
    others = {option.get("type") for option in options} - {"string"}
    if len(texts) != 1 or not others or not others <= NUMBERS.keys() or is_decimal(schema):
        return schema
    if texts[0].keys() & {"enum", "format"}:
        return schema
    return {**texts[0], **{name: value for name, value in schema.items() if name != "anyOf"}}


def is_decimal(schema: Json) -> bool:
    """Tell whether this is a number, or its digits as text."""
    kinds = {option.get("type"): option for option in schema.get("anyOf", ())}
    if kinds.keys() != {"number", "string"}:
        return False
    text = kinds["string"]
    if "pattern" not in text:
        return "maxLength" not in text
    return bool(re.search(text["pattern"], "1")) and not re.search(text["pattern"], "a")


def accepts_blank(schema: Json, *, is_null: bool) -> bool:
    """Tell whether leaving a field empty is a value of this schema."""
    is_empty_list = schema.get("type") == "array" and not schema.get("minItems")
    return is_null or is_blank_text(schema) or is_empty_list or schema.get("type") == "boolean"


def is_blank_text(schema: Json) -> bool:
    """Tell whether the empty text is a value of this schema."""
    if schema.get("type") != "string" or schema.get("minLength"):
        return False
    if "enum" in schema:
        return "" in schema["enum"]
    return "format" not in schema and bool(re.search(schema.get("pattern", ""), ""))


def derive_field(
    name: str, prop: Json, *, required: bool, choices: Choices | None = None
) -> forms.Field | None:
    """Return the form field of one property, a select of ``choices``; None when none fits."""
    schema, is_null = nullable(prop)
    common: dict[str, Any] = {
        "label": label(name, schema),
        "help_text": schema.get("description", ""),
        "required": required,
        "initial": schema.get("default", schema.get("x-default")),
        "error_messages": messages(schema),
    }
    if choices is not None:
        return choice_field(choices, is_null=is_null, **common)
    if fields.is_money(schema):
        return fields.MoneyField(**common | {"help_text": money_help(prop)})
    return (
        _plain_field(schema, is_null, common)
        or _either_field(schema, is_null, common)
        or _list_field(schema, common)
    )


def money_help(prop: Json) -> str:
    """Return the words for an amount: those of the property, and the limits of all amounts."""
    return f"{prop.get('description', '')} {fields.money_range()}".strip()


def _plain_field(schema: Json, is_null: bool, common: dict[str, Any]) -> forms.Field | None:
    if values := schema.get("enum"):
        return choice_field([(v, label(str(v))) for v in values], is_null=is_null, **common)
    kind, form = schema.get("type", ""), schema.get("format", "")
    if kind == "boolean":
        if is_null:
            return choice_field([(True, "Yes"), (False, "No")], is_null=True, **common)
        return forms.BooleanField(widget=fields.Checkbox, **common)
    if kind in NUMBERS:
        return NUMBERS[kind](widget=number_input(kind, schema), **common, **limits(schema))
    if (kind, form) in PLAIN:
        return PLAIN[kind, form](**common)
    if kind == "string":
        is_text = is_blank_text(schema) and not is_null
        return text_field(schema, common | {"empty_value": "" if is_text else None})
    return None


def _either_field(schema: Json, is_null: bool, common: dict[str, Any]) -> forms.Field | None:
    if is_decimal(schema):
        number = next(option for option in schema["anyOf"] if option["type"] == "number")
        widget = number_input("number", number)
        return fields.DecimalField(widget=widget, **common, **limits(number))
    if (text := as_typed(schema)) is not schema:
        options = [text if o.get("type") == "string" else o for o in schema["anyOf"]]
        parts = [_plain_field(option, is_null, common) for option in options]
        return fields.FirstOfField([part for part in parts if part], **common)
    return None


def _list_field(schema: Json, common: dict[str, Any]) -> forms.Field | None:
    if schema.get("type") != "array":
        return None
    items, is_null = nullable(schema.get("items", {}))
    if is_null:
        return None
    may_be_empty = not schema.get("minItems")
    if values := items.get("enum"):
        choices = [(str(value), label(str(value))) for value in values]
        return forms.TypedMultipleChoiceField(
            choices=choices,
            coerce=coercion(values),
            widget=fields.ChoicesWidget,
            empty_value=[] if may_be_empty else None,
            **common,
        )
    kind = {"string": str, "integer": int, "number": float}.get(items.get("type", ""))
    return fields.WordsField(item=kind, may_be_empty=may_be_empty, **common) if kind else None


def json_field(name: str, schema: Json, *, required: bool) -> forms.Field:
    """Return a box of JSON for a property that no other field fits."""
    example, shape = json_example(schema), "Write it as JSON"
    if example is not None:
        shape += f", like {json.dumps(example, ensure_ascii=False)}"
    field = fields.JsonField(
        label=label(name, schema),
        help_text=f"{schema.get('description', '')} {shape}.".strip(),
        required=required,
        kinds=kinds_with_text(schema),
        error_messages={"invalid": f"This cannot be read. {shape}."},
    )
    field.widget.attrs["rows"] = 2
    return field


def kinds_with_text(schema: Json) -> Collection[str]:
    """Return the types of what may be any text, or of another type; none of anything else."""
    options = schema.get("anyOf", ())
    texts = [o for o in options if o.get("type") == "string" and not o.keys() & {"enum", "format"}]
    return {str(option.get("type", "object")) for option in options} if texts else ()


def json_example(schema: Json, depth: int = 2) -> Any:
    """Return a value made of the contract's examples; None where they do not suffice.

    It has no deprecated property that need not be sent: the API may remove it on its day.
    """
    schema, _ = nullable(schema)
    left = ending(pinned(), dict(schema))
    known = (*schema.get("examples", ()), *schema.get("enum", ()))
    found = [value for value in known if value not in (None, [], {})]
    if found and isinstance(found[0], dict):
        return {name: value for name, value in found[0].items() if name not in left} or None
    if found or not depth:
        return found[0] if found else None
    if "anyOf" in schema:
        return json_example(schema["anyOf"][0], depth - 1)
    if "items" in schema:
        item = json_example(schema["items"], depth - 1)
        return None if item is None else [item]
    inner = {n: p for n, p in schema.get("properties", {}).items() if n not in left}
    parts = {name: json_example(prop, depth - 1) for name, prop in inner.items()}
    return {name: part for name, part in parts.items() if part is not None} or None


def number_input(kind: str, schema: Json) -> forms.TextInput:
    """Return a line for a number; a phone shows its digits where none is below zero.

    Not ``type="number"``: of what is no number, such as ``1-2``, a browser sends nothing.
    """
    mode = "numeric" if kind == "integer" else "decimal"
    return forms.TextInput({"inputmode": mode} if schema.get("minimum", -1) >= 0 else {})


def limits(schema: Json) -> dict[str, Any]:
    """Return a number's bounds."""
    return {"min_value": schema.get("minimum"), "max_value": schema.get("maximum")}


def text_field(schema: Json, common: dict[str, Any]) -> forms.Field:
    """Return a line or a box of text with the contract's lengths and pattern."""
    long = is_long(schema)
    kind = fields.TextField if long else forms.CharField
    field = kind(max_length=schema.get("maxLength"), **common)
    field.widget.attrs.pop("maxlength", None)  # by it a browser cuts off what is pasted, silently
    if shortest := schema.get("minLength"):
        field.validators.append(MinLengthValidator(shortest))
    if pattern := schema.get("pattern"):
        field.validators.append(RegexValidator(pattern))
        if not long:
            field.widget.attrs["pattern"] = pattern
    return field


def is_long(schema: Json) -> bool:
    """Tell whether a text may take more than a line."""
    is_text = schema.get("type") == "string" and not schema.keys() & {"format", "enum"}
    return is_text and schema.get("maxLength", ONE_LINE + 1) > ONE_LINE


def choice_field(choices: Choices, *, is_null: bool, **common: Any) -> forms.Field:
    """Return a select. Nothing chosen is null, unless there is a default."""
    blank = common["required"] or common["initial"] is not None
    common["required"] = blank and not is_null
    listed = [(str(value), text) for value, text in choices]
    nothing = ("", str(sentences.NOTHING_CHOSEN))
    if not common["required"] and "" not in dict(listed):
        listed = [nothing, *listed]
    empty = None if is_null or nothing in listed else ""
    coerce = coercion([value for value, _ in choices])
    return forms.TypedChoiceField(choices=listed, coerce=coerce, empty_value=empty, **common)


def coercion(values: list[Any]) -> Callable[[str], Any]:
    """Return the function that turns a chosen text into one of these, or into their type."""
    known = {str(value): value for value in values}
    kind = type(values[0]) if values else str
    return lambda text: known[text] if text in known else kind(text)


class ContractForm(forms.Form):
    """Base of forms that feed a request body; ``choices`` makes a select of a derived field.

    ``still_shown`` names deprecated properties that have a field nevertheless.
    """

    schema: ClassVar[str] = ""
    labels: ClassVar[Mapping[str, str]] = {}
    still_shown: ClassVar[Collection[str]] = ()
    partial: ClassVar[bool] = False
    _derived: ClassVar[dict[Any, forms.Field]]  # what fields are copied from

    def __init_subclass__(cls) -> None:
        """Give each form its own."""
        super().__init_subclass__()
        cls._derived = {}

    def __init__(
        self, *args: Any, choices: Mapping[str, Choices] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.failure: ApiError | None = None
        schema = pinned().schemas[self.schema]
        self.properties: Json = schema["properties"]
        self.required: frozenset[str] = frozenset(schema.get("required", ()))
        derived = {name: self._derive(name, (choices or {}).get(name)) for name in self.properties}
        self.fields = {n: f for n, f in (derived | self.fields).items() if f is not None}
        if self.is_bound:
            self._remove_fields_the_page_had_not()
        else:
            self._remove_ending_fields()
        for name in self.labels.keys() & self.fields.keys():
            self.fields[name].label = self.labels[name]
        for name in self.fields.keys() & self.initial.keys():
            fields.offer(self.fields[name], self.initial[name])

    def _derive(self, name: str, choices: Choices | None) -> forms.Field | None:
        if name in self.base_fields:
            return None
        schema, is_null = nullable(self.properties[name])
        # If the API does not tell the present value, the field may be left empty.
        required = name in self.required or (self.partial and name in self.initial)
        required = required and not accepts_blank(as_typed(schema), is_null=is_null)
        if choices is not None:
            prop = self.properties[name]
            return derive_field(name, prop, required=required, choices=choices)
        must = name in self.required and not is_null
        key = (pinned(), name, required, must)
        if key not in self._derived:
            found = derive_field(name, self.properties[name], required=required)
            self._derived[key] = found or json_field(name, schema, required=must)
        return deepcopy(self._derived[key])

    def _remove_fields_the_page_had_not(self) -> None:
        for name in [name for name in self.properties if name in self.fields]:
            widget = self.fields[name].widget
            omitted = widget.value_omitted_from_data(self.data, self.files, self.add_prefix(name))
            if omitted and name not in self.required:
                del self.fields[name]

    def _remove_ending_fields(self) -> None:
        for name in ending(pinned(), pinned().schemas[self.schema]) & self.fields.keys():
            if not self._is_still_shown(name):
                del self.fields[name]

    def _is_still_shown(self, name: str) -> bool:
        return name in self.base_fields or name in self.still_shown

    @property
    def status(self) -> int:
        """Return the HTTP status of the page that shows this form."""
        if self.failure:
            return page_of(self.failure).status
        return 422 if self.errors else 200

    @property
    def is_saved(self) -> bool:
        """Whether it was saved, although something is wrong: it must not be sent again."""
        return isinstance(self.failure, Saved)

    @property
    def trouble(self) -> str:
        """Return the heading above the errors."""
        if self.failure and self.is_saved:
            return page_of(self.failure).title
        return str(sentences.NOT_SAVED_YET if self.failure else sentences.THERE_IS_A_PROBLEM)

    def wire(self) -> dict[str, Any]:
        """Return the valid values as they are sent; empty ones are left out."""
        return {
            name: self.cleaned_data[name]
            for name, prop in self.properties.items()
            if name in self.fields and (self.cleaned_data[name] is not None or nullable(prop)[1])
        }

    def add_failure(self, failure: ApiError) -> None:
        """Show why the values were not saved, or how; they stay in the form."""
        try:
            if isinstance(failure, Rejected):
                self.add_rejection(failure)
            else:
                self._add_words(failure)
        except NotUnderstood as unread:  # a field of the refusal itself
            self._add_words(unread)

    def _add_words(self, failure: ApiError) -> None:
        self.add_error(None, words_in_form(failure, kept=self._words_of_what_stays(failure)))
        self.failure = failure
        log_failure(failure)

    def _words_of_what_stays(self, failure: ApiError) -> str:
        if not self.visible_fields():  # a question: nothing is typed
            return ""
        copy = f" {sentences.COPY}" if isinstance(failure, NotFound) else ""
        return f"{sentences.NOTHING_LOST}{copy}"

    def add_rejection(self, rejected: Rejected) -> None:
        """Put the API's words beside their fields (``#/price/amount_minor`` → ``price``)."""
        self.is_valid()  # cleans a form that is not yet
        found = [*told(rejected, self.cleaned_data)]
        for name, _, sentence in found:
            self.add_error(name if name in self.fields else None, sentence)
        if not found:
            self.add_error(None, str(rejected))


def beside(properties: Json, name: str) -> str:
    """Return a name for a hidden field that no property has."""
    while name in properties:
        name += "_"
    return name


def with_schema(form: type[F], schema: str, labels: Mapping[str, str]) -> type[F]:
    """Return the form of a schema with these labels; a form that names its own schema stays."""
    names = {"schema": schema, "labels": labels, "__module__": form.__module__}
    return form if form.schema else type(form.__name__, (form,), names)
