"""Forms of categories; everything about their fields comes from the contract."""

from core.contract_forms import ContractForm
from core.edit_forms import ContractEditForm


class CategoryForm(ContractForm):
    """Create a category."""

    schema = "CategoryCreate"


class CategoryEditForm(ContractEditForm):
    """Change a category."""

    schema = "CategoryUpdate"
