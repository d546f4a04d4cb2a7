"""Forms of products; what is not said here comes from the contract."""

from typing import ClassVar

from core.create_forms import ContractCreateForm
from core.edit_forms import ContractEditForm

LABELS = {"sku": "SKU"}


class ProductForm(ContractCreateForm):
    """Create a product."""

    schema = "ProductCreate"
    labels: ClassVar[dict[str, str]] = LABELS


class ProductEditForm(ContractEditForm):
    """Change a product."""

    schema = "ProductUpdate"
    labels: ClassVar[dict[str, str]] = LABELS


class ProductStatusForm(ContractEditForm):
    """Take a product to its next status."""

    schema = "ProductStatusUpdate"
