"""Forms that change a resource: they carry what the person saw, and notice if it has changed."""

import json
from collections import ChainMap
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
from django import forms
from django.utils.functional import cached_property

from contract.document import pinned
from contract.reader import Values
from core.contract_forms import ContractForm, beside
from core.fields import has_changed, offered
from core.text import display

Json = Mapping[str, Any]

OUT_OF_DATE = "This page is out of date. Open it again."
ATTEMPTS = 3  # of one save, while values change that the page does not show


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

    def __init__(
        self, data: Any = None, *args: Any, current: Any = None, initial: Any = None, **kwargs: Any
    ) -> None:
        self.seen_name = beside(pinned().schemas[self.schema]["properties"], "seen")
        values: Any = shown_values(current) if current is not None else self._read(data, **kwargs)
        self._present, self._proposed = values, dict(initial or {})
        super().__init__(data, *args, initial=ChainMap(self._proposed, values), **kwargs)
        self._tries, self._version = 0, 0
        shown = {n: values[n] for n in (*self.properties, "version") if self._shows(n, values)}
        self.fields[self.seen_name] = SeenField(initial=json.dumps(shown, ensure_ascii=False))

    def _read(self, data: Any, prefix: str | None = None, **_: Any) -> dict[str, Any]:
        prefix = prefix or self.prefix
        name = f"{prefix}-{self.seen_name}" if prefix else self.seen_name
        return read_seen((data or {}).get(name)) or {}

    def _is_still_shown(self, name: str) -> bool:
        """Whether there is a field: a change that an earlier page sent is not lost, either."""
        if name in self._proposed and not same(self._proposed[name], self._present.get(name)):
            return True
        return super()._is_still_shown(name)

    def _shows(self, name: str, values: Json) -> bool:
        return name in values and (name in self.fields or name == "version")

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
        """Save over the present version, if it shows what the page showed; return whether.

        A value that the page does not show may change at any time. After three tries the answer is
        no, and the person sees both versions.
        """
        self._tries += 1
        if self._tries >= ATTEMPTS or self._moved(current):
            return False
        self._version = current["version"]
        return True

    def _moved(self, current: Json) -> list[str]:
        """Return the names of the values that the page showed and that have changed since."""
        return [name for name in self._seen if not same(self.initial[name], current.get(name))]

    @property
    def _seen(self) -> list[str]:
        return [name for name in self.properties if self._shows(name, self.initial)]

    def merged(self, current: Json) -> dict[str, Any]:
        """Return the present values with the person's changes over them."""
        return {**current, **self.wire()}

    def differences(self, current: Json) -> list[dict[str, str]]:
        """Return what differs between the person's version and the present one, for people."""
        mine = self.merged(self.initial)
        return [
            {
                "label": str(self.fields[name].label),
                "mine": self._display(name, mine[name]),
                "theirs": self._display(name, current.get(name)),
            }
            for name in self._seen
            if not same(mine[name], current.get(name))
        ]

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
