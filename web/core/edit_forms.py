"""Forms that change something: they carry what the person saw, and notice when it moved."""

import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

import msgspec
from django import forms

from core.contract_forms import ContractForm, offered
from core.failures import Stale
from core.text import display

T = TypeVar("T")

OUT_OF_DATE = "This page is out of date. Open it again."
ATTEMPTS = 3  # how often something else may move (the stock, say) while we save


def version_tag(version: object) -> str:
    """Return the ETag of a version: the contract says that it is this number in quotes."""
    return f'"{version}"'


class SeenField(forms.CharField):
    """A hidden JSON of the version and the values that the page showed."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> dict[str, Any]:
        """Return it parsed; refuse what is not ours."""
        try:
            seen = json.loads(super().clean(value))
        except (ValueError, RecursionError):
            seen = None
        if not isinstance(seen, dict) or not isinstance(seen.get("version"), int):
            raise forms.ValidationError(OUT_OF_DATE)
        return seen


class ContractEditForm(ContractForm):
    """Base of forms that feed a PATCH; sends only what the person changed, with If-Match."""

    partial: ClassVar[bool] = True

    def __init__(self, *args: Any, current: Any = None, **kwargs: Any) -> None:
        values: dict[str, Any] = msgspec.to_builtins(current) if current is not None else {}
        super().__init__(*args, initial=values | (kwargs.pop("initial", None) or {}), **kwargs)
        shown = {name: values[name] for name in (*self.properties, "version") if name in values}
        self.fields["seen"] = SeenField(initial=json.dumps(shown, ensure_ascii=False))

    def save(self, update: Callable[[str, dict[str, Any]], T]) -> T | None:
        """Update the version that was seen, or a later one that shows the same.

        None as for ``send``. Raises Stale when someone changed what this form shows.
        """
        return self.send(lambda wire: self._update(update, self.changes(wire)))

    def changes(self, wire: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the person changed, compared with what they saw."""
        seen = self.cleaned_data["seen"]
        return {k: v for k, v in wire.items() if k not in seen or seen[k] != v}

    def _update(self, update: Callable[[str, dict[str, Any]], T], changes: dict[str, Any]) -> T:
        seen = self.cleaned_data["seen"]
        version = seen["version"]
        for _ in range(ATTEMPTS - 1):
            try:
                return update(version_tag(version), changes)
            except Stale as stale:
                if any(stale.current.get(k) != seen.get(k) for k in self.properties):
                    raise
                version = stale.current["version"]
        return update(version_tag(version), changes)

    def merged(self, current: Mapping[str, Any]) -> dict[str, Any]:
        """Return the present values with the person's changes over them."""
        return {**current, **self.changes(self.wire())}

    def differences(self, current: Mapping[str, Any]) -> list[dict[str, str]]:
        """Return what differs between the person's version and the present one, for people."""
        mine = self.merged(self.cleaned_data["seen"])
        return [
            {
                "label": str(self.fields[name].label),
                "mine": self._display(name, mine.get(name)),
                "theirs": self._display(name, current.get(name)),
            }
            for name in self.properties
            if mine.get(name) != current.get(name)
        ]

    def _display(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            return str(offered(field).get(value or "", value))
        return display(value)
