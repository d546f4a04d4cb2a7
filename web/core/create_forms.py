"""Forms that create a resource: they carry a key, so that sending one twice creates one."""

from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict

from core.contract_forms import ContractForm, beside
from core.failures import Rejected

REUSED = "Already saved with other values. Saving again creates a second one."
KEY_POINTER = "#/header/idempotency-key"


class KeyField(forms.CharField):
    """A hidden Idempotency-Key, created when the form is rendered."""

    # Without this, Firefox puts the old key into a reloaded page.
    widget = forms.HiddenInput(attrs={"autocomplete": "off"})

    def clean(self, value: Any) -> str:
        """Return the key; a form without a valid one gets a new one."""
        try:
            return str(UUID(value))
        except (TypeError, ValueError):
            return new_key()


class ContractCreateForm(ContractForm):
    """Base of forms that feed a POST.

    A double click, a reload and a second try after a lost answer carry the same key, and the API
    answers as it did the first time. It does not remember failures: corrected values keep the key.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.key_name = beside(self.properties, "key")
        self.fields[self.key_name] = KeyField(initial=new_key)
        if self.is_bound and self.add_prefix(self.key_name) not in self.data:
            self._take_new_key()  # typed in another form

    @property
    def key(self) -> str:
        """Return the Idempotency-Key of a valid form."""
        return str(self.cleaned_data[self.key_name])

    def add_rejection(self, rejected: Rejected) -> None:
        """Say that the key was used for other values, and take a new one for the next try."""
        if any(error.pointer == KEY_POINTER for error in rejected.errors):
            self._take_new_key()
            self.add_error(None, REUSED)
        else:
            super().add_rejection(rejected)

    def _take_new_key(self) -> None:
        data = cast(QueryDict, self.data).copy()
        data[self.add_prefix(self.key_name)] = new_key()
        self.data = data


def new_key() -> str:
    """Return a new key."""
    return str(uuid4())
