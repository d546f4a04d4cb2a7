"""The form of stock movements; its fields come from the contract."""

from core.contract_forms import ContractForm


class StockMovementForm(ContractForm):
    """Record pieces that came or went."""

    schema = "StockMovementCreate"
