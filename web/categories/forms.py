"""Forms of categories; everything about their fields comes from the contract."""

from core.create_forms import ContractCreateForm
from core.edit_forms import ContractEditForm


class CategoryForm(ContractCreateForm):
    """Create a category."""

    schema = "CategoryCreate"


class CategoryEditForm(ContractEditForm):
    """Change a category."""

    schema = "CategoryUpdate"
