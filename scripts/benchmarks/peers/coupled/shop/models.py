"""The API's tables as Django's models."""

import uuid

from django.db import models
from django.utils import timezone


class Category(models.Model):
    """What a product belongs to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "categories"
        managed = False

    def __str__(self) -> str:
        return str(self.name)


class Product(models.Model):
    """An article for sale."""

    class Status(models.TextChoices):
        """Where it is in its life."""

        DRAFT = "draft"
        ACTIVE = "active"
        ARCHIVED = "archived"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    sku = models.CharField("SKU", max_length=64, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    price_minor = models.BigIntegerField("price in cents")
    currency = models.CharField(max_length=3, default="EUR")
    status = models.CharField(max_length=16, choices=Status, default=Status.DRAFT)
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True)
    tags = models.TextField(blank=True, default="")
    stock = models.IntegerField(default=0)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "products"
        managed = False

    def __str__(self) -> str:
        return str(self.name)

    @property
    def price(self) -> str:
        """Return the price for people."""
        return f"€{self.price_minor / 100:,.2f}"


class StockMovement(models.Model):
    """Pieces that came or went."""

    class Reason(models.TextChoices):
        """Why they did."""

        RECEIVED = "received"
        SOLD = "sold"
        RETURNED = "returned"
        ADJUSTED = "adjusted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    product = models.ForeignKey(Product, models.PROTECT)
    quantity = models.IntegerField()
    reason = models.CharField(max_length=16, choices=Reason)
    note = models.CharField(max_length=500, blank=True, default="")
    stock_after = models.IntegerField()
    recorded_by = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "stock_movements"
        managed = False

    def __str__(self) -> str:
        return f"{self.quantity} {self.reason}"
