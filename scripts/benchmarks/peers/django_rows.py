"""Django's settings and model for the peers that are built on it."""

import os
import uuid
from typing import Any

import django
from django.conf import settings
from psycopg.conninfo import conninfo_to_dict


def set_up(urls: str, apps: tuple[str, ...] = (), **options: Any) -> None:
    """Configure Django; ``urls`` is the module that has ``urlpatterns``."""
    found = conninfo_to_dict(os.environ["PEER_DATABASE_URL"])
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": found["dbname"],
        "USER": found.get("user", ""),
        "PASSWORD": found.get("password") or "",
        "HOST": found.get("host", ""),
        "PORT": found.get("port", ""),
        "OPTIONS": {"pool": {"min_size": 10, "max_size": 10}},
    }
    settings.configure(
        SECRET_KEY=os.environ["PEER_SECRET"],
        ROOT_URLCONF=urls,
        ALLOWED_HOSTS=["*"],
        DATABASES={"default": database},
        INSTALLED_APPS=apps,
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],  # sends Content-Length
        USE_TZ=True,
        **options,
    )
    django.setup()


def make_models() -> tuple[Any, Any]:
    """Return the models of products and movements; Django must be set up first."""
    from django.db import models
    from django.utils import timezone

    class Product(models.Model):
        """An article for sale."""

        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        sku = models.CharField(max_length=64)
        name = models.CharField(max_length=200)
        description = models.TextField(blank=True, default="")
        price_minor = models.BigIntegerField()
        currency = models.CharField(max_length=3)
        status = models.CharField(max_length=16, default="draft")
        category_id = models.UUIDField(null=True)
        stock = models.IntegerField(default=0)
        version = models.IntegerField(default=1)
        created_at = models.DateTimeField(default=timezone.now)
        updated_at = models.DateTimeField(default=timezone.now)

        class Meta:
            app_label = "peers"
            db_table = "products"
            managed = False

        def __str__(self) -> str:
            return str(self.name)

    class StockMovement(models.Model):
        """Pieces that came or went."""

        id = models.UUIDField(primary_key=True, default=uuid.uuid4)
        product = models.ForeignKey(Product, models.PROTECT)
        quantity = models.IntegerField()
        reason = models.CharField(max_length=16)
        note = models.CharField(max_length=500, blank=True, default="")
        stock_after = models.IntegerField()
        recorded_by = models.CharField(max_length=255, default="peer")
        created_at = models.DateTimeField(default=timezone.now)

        class Meta:
            app_label = "peers"
            db_table = "stock_movements"
            managed = False

        def __str__(self) -> str:
            return f"{self.quantity} {self.reason}"

    return Product, StockMovement
