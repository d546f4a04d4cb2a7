"""Forms that change a resource: they carry what the person saw, and merge what has changed since.

Three versions meet: what the page showed, what the person made of it, and what is stored now. What
only one side changed is taken. What both changed is a clash, and the person chooses.
"""

import json
from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast

import msgspec
from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property

from contract.document import pinned
from contract.reader import Values
from core.contract_forms import ContractForm, beside
from core.fields import has_changed, names, offered, post, untouched
from core.text import display

Json = Mapping[str, Any]

OUT_OF_DATE = "This page is out of date. Open it again."
ATTEMPTS = 3  # of one save, while others keep changing the resource
MINE, THEIRS = "mine", "theirs"
CHOICE = "take-"  # before a property's name: which value is taken


@dataclass(frozen=True, slots=True)
class Clash:
    """A property that both changed, in words: what it was, and both values."""

    name: str
    label: str
    was: str
    mine: str
    theirs: str
    chosen: str  # MINE, or nothing yet: one for which theirs is chosen clashes no more


def etag_of(version: object) -> str:
    """Return the ETag of a version: the contract says that it is this number in quotes."""
    return f'"{version}"'


def read_seen(text: Any) -> dict[str, Any] | None:
    """Return the version and the values that a page showed; None when it is not ours."""
    try:
        seen = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return None
    is_ours = isinstance(seen, dict) and isinstance(seen.get("version"), int)
    return seen if is_ours else None


class SeenField(forms.CharField):
    """A hidden JSON of the version and the values that the page showed."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> dict[str, Any]:
        """Return it parsed; refuse what is not ours."""
        seen = read_seen(super().clean(value))
        if seen is None:
            raise forms.ValidationError(OUT_OF_DATE)
        return seen


class ContractEditForm(ContractForm):
    """Base of forms that feed a PATCH; sends only what the person changed, with If-Match.

    What was left alone is neither checked nor sent: an API that is newer may hold values that the
    pin does not allow. A property that the schema requires is always sent.
    """

    partial: ClassVar[bool] = True

    def __init__(self, data: Any = None, *args: Any, current: Any = None, **kwargs: Any) -> None:
        properties = pinned().schemas[self.schema]["properties"]
        self.seen_name, self.was_name = beside(properties, "seen"), beside(properties, "was")
        values: Any = shown_values(current) if current is not None else self._read(data, **kwargs)
        # A chain asks whether a name is there before it reads it.
        super().__init__(data, *args, initial=ChainMap(values), **kwargs)
        self._tries, self._version = 0, 0
        self.others: list[str] = []  # the labels of what others changed while this was saved
        self.fields[self.seen_name] = SeenField(initial=self._seen_json(values))

    def _read(self, data: Any, prefix: str | None = None, **_: Any) -> dict[str, Any]:
        prefix = prefix or self.prefix
        name = f"{prefix}-{self.seen_name}" if prefix else self.seen_name
        return read_seen((data or {}).get(name)) or {}

    def _shows(self, name: str, values: Json) -> bool:
        return name in values and (name in self.fields or name == "version")

    def _seen_json(self, values: Json) -> str:
        shown = {n: values[n] for n in (*self.properties, "version") if self._shows(n, values)}
        return json.dumps(shown, ensure_ascii=False)

    def _remove_fields_the_page_had_not(self) -> None:
        if self.was_name in self.data:  # it comes from a page of clashes
            self._take_theirs()
        super()._remove_fields_the_page_had_not()

    def _take_theirs(self) -> None:
        """Fill in what a page of clashes leaves out, and what was chosen to be as it is stored."""
        data = cast(QueryDict, self.data).copy()
        for name in [n for n in self.properties if n in self.fields and n in self.initial]:
            field, key = self.fields[name], self.add_prefix(name)
            is_omitted = field.widget.value_omitted_from_data(data, self.files, key)
            if is_omitted or data.get(f"{CHOICE}{name}") == THEIRS:
                post(data, field.widget, key, untouched(field, self.initial[name]))
        self.data = data

    @cached_property
    def changed_data(self) -> list[str]:
        """Return the names of the fields whose values are others than the page showed."""
        return [b.name for b in self if has_changed(b.field, b.initial, b.data)]

    def clean(self) -> dict[str, Any]:
        """Keep the values that were left alone, without their errors."""
        for name in (self.properties.keys() & self.fields.keys()) - set(self.changed_data):
            if name in self.initial or name not in self.required:
                self.errors.pop(name, None)
                self.cleaned_data[name] = self.initial.get(name)
        return self.cleaned_data

    def wire(self) -> dict[str, Any]:
        """Return what the person changed."""
        sent = {*self.changed_data, *self.required}
        return {name: value for name, value in super().wire().items() if name in sent}

    @property
    def etag(self) -> str:
        """Return the ETag of the version to save over: the one that was seen, or a later one."""
        return etag_of(self._version or self.initial["version"])

    def take_version(self, current: Json) -> bool:
        """Save over the present version, if nothing in it clashes; return whether.

        After three tries the answer is no: the person sees that it keeps changing.
        """
        self._tries += 1
        if self._tries >= ATTEMPTS or [*self.clashes(current)]:
            return False
        self._version = current["version"]
        self.others = self.taken(current)
        for name in (self.required & self.fields.keys()) - self._mine().keys():
            self.cleaned_data[name] = current[name]
        return True

    def is_saved_in(self, current: Json) -> bool:
        """Tell whether the present version has all that the person wants."""
        return all(same(value, current.get(name)) for name, value in self._mine().items())

    def _mine(self) -> dict[str, Any]:
        return {name: value for name, value in self.wire().items() if name in self.changed_data}

    def clashes(self, current: Json) -> Iterator[Clash]:
        """Yield what both changed, each to something else."""
        was = self._was or self.initial
        for name, mine in self._mine().items():
            theirs = current.get(name)
            moved = name in was and name in self._seen and not same(was[name], theirs)
            if moved and not same(mine, theirs):
                yield Clash(
                    name=name,
                    label=str(self.fields[name].label),
                    was=self._display(name, was[name]),
                    mine=self._display(name, mine),
                    theirs=self._display(name, theirs),
                    chosen=self.data.get(f"{CHOICE}{name}", ""),
                )

    def taken(self, current: Json) -> list[str]:
        """Return the labels of what only others changed."""
        mine = self._mine()
        return [
            str(self.fields[name].label)
            for name in self._seen
            if name not in mine and not same(self.initial[name], current.get(name))
        ]

    def undecided(self) -> list[Clash]:
        """Return the clashes of the page that was sent for which nothing was chosen."""
        return (
            [clash for clash in self.clashes(self.initial) if not clash.chosen] if self._was else []
        )

    @cached_property
    def _was(self) -> dict[str, Any]:
        return read_seen(self.data.get(self.was_name)) or {}

    def hidden(self, current: Json) -> list[tuple[str, str]]:
        """Return the inputs of a page of clashes: what was typed, what was seen, what is stored."""
        found = [
            (key, value)
            for name in self.changed_data
            for key in names(self.fields[name].widget, self.add_prefix(name))
            for value in cast(QueryDict, self.data).getlist(key)
        ]
        was = self._seen_json(self._was or self.initial)
        return [
            *found,
            (self.was_name, was),
            (self.add_prefix(self.seen_name), self._seen_json(current)),
        ]

    @property
    def _seen(self) -> list[str]:
        return [name for name in self.properties if self._shows(name, self.initial)]

    def _display(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField) and not isinstance(value, list):
            text = "" if value is None else str(value)
            return offered(field).get(text, text)
        return display(value, self.properties[name])


def shown_values(current: Any) -> Any:
    """Return a resource as JSON has it; of a struct, only what a form shows is read."""
    return Values(current) if isinstance(current, msgspec.Struct) else current


def same(seen: Any, current: Any) -> bool:
    """Tell whether a value is the one that was seen; a newer API may add fields to an object."""
    if isinstance(seen, dict) and isinstance(current, dict):
        return all(same(value, current.get(name)) for name, value in seen.items())
    if isinstance(seen, list) and isinstance(current, list):
        return len(seen) == len(current) and all(map(same, seen, current))
    return bool(seen == current)
