"""Table ``products``."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Dialect, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from app.database.column_types import UtcDateTime, text_enum
from app.database.constraints import Violation
from app.database.functions import lower
from app.database.model import Model, new_id, next_version, now
from app.types import Currency, OpenEnum

MAX_STOCK = 10**9


class ProductStatus(OpenEnum):
    """Life of a product."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"

    @property
    def next(self) -> list["ProductStatus"]:
        """Return the steps that are allowed from here."""
        return STEPS[self]


STEPS = {
    ProductStatus.DRAFT: [ProductStatus.ACTIVE, ProductStatus.ARCHIVED],
    ProductStatus.ACTIVE: [ProductStatus.ARCHIVED],
    ProductStatus.ARCHIVED: [ProductStatus.ACTIVE],
}


class TagList(TypeDecorator[list[str]]):
    """Tags stored as one text, ``|blue|gift|``; a search for one is a search in the text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str:
        """Return the text, with each tag once, sorted."""
        return "".join(f"|{tag}" for tag in sorted(set(value))) + "|" if value else ""

    def process_result_value(self, value: str | None, dialect: Dialect) -> list[str]:
        """Return the tags."""
        return [tag for tag in (value or "").split("|") if tag]


class Product(Model):
    """An article for sale."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("price_minor >= 0", name="price"),
        CheckConstraint(f"stock BETWEEN 0 AND {MAX_STOCK}", name="stock"),
        CheckConstraint("status IN ('draft', 'active', 'archived')", name="status"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    sku: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text, default="")
    price_minor: Mapped[int] = mapped_column(BigInteger)  # minor units of `currency`
    currency: Mapped[Currency] = mapped_column(text_enum(Currency, 3))
    status: Mapped[ProductStatus] = mapped_column(
        text_enum(ProductStatus, 16), default=ProductStatus.DRAFT
    )
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("categories.id"))
    tags: Mapped[list[str]] = mapped_column(TagList, default=list, server_default="")
    stock: Mapped[int] = mapped_column(default=0)  # pieces; changed by stock movements alone
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    __mapper_args__ = {"version_id_col": version, "version_id_generator": next_version}


class ProductTag(Model):
    """A tag of a product beside the key that the list sorts by. Triggers write it (0009)."""

    __tablename__ = "product_tags"

    tag: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)  # in lower case
    product_id: Mapped[UUID] = mapped_column(primary_key=True)


# One for each sort order, so that a page at any depth is read from an index.
Index("ix_products_name_sort", lower(Product.name), Product.id)
Index("ix_products_price_sort", Product.price_minor, Product.id)
Index("ix_products_stock_sort", Product.stock, Product.id)
Index("ix_products_created_at_sort", Product.created_at, Product.id)
# The same for a filter in the default order.
Index("ix_products_category_id_name", Product.category_id, lower(Product.name), Product.id)
Index("ix_products_status_name", Product.status, lower(Product.name), Product.id)

CONSTRAINTS = {
    "uq_products_sku": Violation("#/sku", "taken", "A product with this SKU exists."),
    "fk_products_category_id": Violation(
        "#/category_id", "unknown", "No such category.", in_use="Products are in this category."
    ),
    "ck_products_stock": Violation("#/quantity", "stock", f"Stock stays within 0 and {MAX_STOCK}."),
}
