"""Forms of the models."""

from django import forms

from peers.coupled.shop.models import Product, StockMovement


class ProductForm(forms.ModelForm):
    """A new product."""

    class Meta:
        model = Product
        fields = (
            "sku", "name", "description", "price_minor", "currency", "category", "status", "tags",
        )  # fmt: skip


class StockMovementForm(forms.ModelForm):
    """A new movement."""

    class Meta:
        model = StockMovement
        fields = ("quantity", "reason", "note")
