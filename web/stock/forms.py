"""The form of stock movements; its fields come from the contract."""

from typing import Any, cast

from django.forms import ChoiceField

from core.create_forms import ContractCreateForm


class StockMovementForm(ContractCreateForm):
    """Record pieces that came or went."""

    schema = "StockMovementCreate"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A page of an earlier release has the quantity in their place.
        if pieces := self.fields.get("pieces"):
            pieces.required = True
        if direction := cast("ChoiceField | None", self.fields.get("direction")):
            labels: Any = direction.choices
            direction.choices = [("", "Choose"), *list(labels)[1:]]
