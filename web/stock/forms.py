"""The form of stock movements; its fields come from the contract."""

from core.create_forms import ContractCreateForm


class StockMovementForm(ContractCreateForm):
    """Record pieces that came or went."""

    schema = "StockMovementCreate"
