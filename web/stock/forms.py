"""The form of stock movements; its fields come from the contract."""

from typing import Any, cast

from django.forms import ChoiceField

from core.create_forms import ContractCreateForm


class StockMovementForm(ContractCreateForm):
    """Record pieces that came or went."""

    schema = "StockMovementCreate"

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(in_pieces(data), *args, **kwargs)
        if pieces := self.fields.get("pieces"):
            pieces.required = True
        if direction := cast("ChoiceField | None", self.fields.get("direction")):
            labels: Any = direction.choices
            direction.choices = [("", "Choose"), *list(labels)[1:]]


def in_pieces(data: Any) -> Any:
    """Return what a page of an earlier release sent, as pieces.

    Its quantity was negative for what went, and people sold without a minus. What was received or
    returned with one stays so, and is refused.
    """
    if not data or "quantity" not in data or "pieces" in data:
        return data
    data = data.copy()
    quantity, reason = data.pop("quantity")[-1].strip(), data.get("reason")
    data["direction"] = ("out" if quantity.startswith("-") else "in") * (reason == "adjusted")
    data["pieces"] = quantity.lstrip("-") if reason in ("sold", "adjusted") else quantity
    return data
