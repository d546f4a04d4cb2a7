"""What people write by hand in the rehearsal: texts of the sample's files, and what takes their place."""

from typing import Any

Changes = tuple[tuple[str, str], ...]
PRODUCTS, CATEGORIES, STOCK = (f"app/resources/{name}" for name in ("products", "categories", "stock"))

MOBILE: dict[str, Any] = {
    "usage": 1,
    "consumer": "mobile",
    "api": "Blue Sky API",
    "contract": "1.0.0",
    "operations": {
        "list_products": {
            "query": ["cursor?", "q?"],
            "reads": {"200": ["items[].id", "items[].name", "items[].price", "items[].sku", "next_cursor"]},
        },
        "create_stock_movement": {
            "path": ["product_id"],
            "header": ["idempotency-key"],
            "body": ["quantity", "reason"],
            "reads": {"201": ["stock_after"]},
        },
    },
}

BARCODE: dict[str, Changes] = {
    f"{PRODUCTS}/schemas.py": (
        (
            "CategoryId = Annotated[",
            "Barcode = Annotated[\n"
            '    str, Field(pattern="^[0-9]{8,14}$", max_length=14, examples=["4006381333931"])\n]\n'
            "OptionalBarcode = Annotated[\n"
            '    Barcode | None, Field(description="EAN or UPC: digits only.", examples=["4006381333931"])\n]\n'
            "CategoryId = Annotated[",
        ),
        (
            '    description: Description = ""\n    price: Money\n',
            '    description: Description = ""\n    barcode: OptionalBarcode = None\n    price: Money\n',
        ),
        (
            "    description: Description | MISSING = MISSING\n    price: Money | MISSING",
            "    description: Description | MISSING = MISSING\n"
            "    barcode: OptionalBarcode | MISSING = MISSING\n    price: Money | MISSING",
        ),
        (
            "    description: Description\n    price: Money\n",
            "    description: Description\n    barcode: OptionalBarcode\n    price: Money\n",
        ),
        (
            "    description: Description | MISSING = MISSING\n    price: Money\n",
            "    description: Description | MISSING = MISSING\n"
            "    barcode: OptionalBarcode | MISSING = MISSING\n    price: Money\n",
        ),
        (
            '        "description": row.description,\n',
            '        "description": row.description,\n        "barcode": row.barcode,\n',
        ),
    ),
    f"{PRODUCTS}/models.py": (
        (
            '    description: Mapped[str] = mapped_column(Text, default="")\n',
            '    description: Mapped[str] = mapped_column(Text, default="")\n'
            "    barcode: Mapped[str | None] = mapped_column(String(14))\n",
        ),
    ),
    f"{PRODUCTS}/queries.py": (('"category_id", "status", "tags")', '"category_id", "status", "tags", "barcode")'),),
    f"{PRODUCTS}/tests/test_router.py": (
        (
            "",
            "\n\nasync def test_a_barcode_is_stored(client: AsyncClient):\n"
            '    made = await make_product(client, barcode="4006381333931")\n\n'
            "    read = await client.get(f\"products/{made['id']}\")\n\n"
            '    assert read.json()["barcode"] == "4006381333931"\n',
        ),
    ),
}

_ICON = {
    "type": "string",
    "maxLength": 40,
    "pattern": "^[a-z0-9-]*$",
    "description": "Name of a pictogram.",
    "examples": ["pot"],
}


def draft_icon(document: Any) -> None:
    """Give categories an icon."""
    schemas = document["components"]["schemas"]
    for name in ("CategoryCreate", "CategoryUpdate", "Category"):
        default = {"x-default": ""} if name == "CategoryCreate" else {}
        schemas[name]["properties"]["icon"] = _ICON | default
    schemas["Category"]["required"].insert(3, "icon")


ICON: dict[str, Changes] = {
    f"{CATEGORIES}/schemas.py": (
        (
            "\n\nclass CategoryCreate",
            "Icon = Annotated[\n    str,\n"
            '    Field(pattern="^[a-z0-9-]*$", max_length=40, description="Name of a pictogram.", '
            'examples=["pot"]),\n]\n\n\nclass CategoryCreate',
        ),
        ('    description: Description = ""\n', '    description: Description = ""\n    icon: Icon = ""\n'),
        (
            "    description: Description | MISSING = MISSING\n",
            "    description: Description | MISSING = MISSING\n    icon: Icon | MISSING = MISSING\n",
        ),
        ("    description: Description\n    version", "    description: Description\n    icon: Icon\n    version"),
        (
            '        "description": row.description,\n',
            '        "description": row.description,\n        "icon": row.icon,\n',
        ),
    ),
    f"{CATEGORIES}/models.py": (
        (
            '    description: Mapped[str] = mapped_column(Text, default="")\n',
            '    description: Mapped[str] = mapped_column(Text, default="")\n'
            '    icon: Mapped[str] = mapped_column(String(40), default="", server_default="")\n',
        ),
    ),
}

DAMAGED = '    ADJUSTED = "adjusted"\n    DAMAGED = "damaged"'


def draft_reason(document: Any) -> None:
    """Let a stock movement have no reason."""
    schema = document["components"]["schemas"]["StockMovementCreate"]
    schema["required"].remove("reason")
    if not schema["required"]:
        del schema["required"]
    schema["properties"]["reason"]["x-default"] = "adjusted"


REASON = (("    reason: Reason\n    direction: ", "    reason: Reason = StockReason.ADJUSTED\n    direction: "),)

FILTER: dict[str, Changes] = {
    f"{PRODUCTS}/schemas.py": (
        (
            '    tag: Tag | None = Field(None, description="Only with this tag.")\n',
            '    tag: Tag | None = Field(None, description="Only with this tag.")\n'
            "    min_price: int | None = Field(\n"
            '        None, ge=0, le=10**12, description="Only what costs more, in minor units."\n    )\n',
        ),
    ),
    f"{PRODUCTS}/queries.py": (
        (
            '        "category_id": Filter(\n',
            '        "min_price": Filter(Product.price_minor > bindparam("min_price")),\n'
            '        "category_id": Filter(\n',
        ),
    ),
}
FILTER_CONTROL = (
    '        yield query.filter("status")\n',
    '        yield query.filter("status")\n        yield query.filter("min_price")\n',
)
HOTFIX: dict[str, Changes] = {
    f"{PRODUCTS}/schemas.py": (("Only what costs more, in minor", "Only what costs this or more, in minor"),),
    f"{PRODUCTS}/queries.py": (
        ('Product.price_minor > bindparam("min_price")', 'Product.price_minor >= bindparam("min_price")'),
    ),
    f"{PRODUCTS}/tests/test_list.py": (
        ("tests.factory import PRODUCT\n", "tests.factory import PRODUCT, make_product\n"),
        (
            "",
            "\n\nasync def test_min_price_gives_what_costs_exactly_that(client: AsyncClient):\n"
            '    for sku, amount in (("A", 999), ("B", 1000)):\n'
            '        await make_product(client, sku=sku, price={"amount_minor": amount, "currency": "EUR"})\n\n'
            '    page = (await client.get("products", params={"min_price": 1000})).json()\n\n'
            '    assert [item["sku"] for item in page["items"]] == ["B"]\n',
        ),
    ),
}

COPY_RESOURCE = r"""cp -r app/resources/categories app/resources/suppliers
find app/resources/suppliers -name "*.py" -exec perl -pi -e '
  s/\/v1\/categories/\/v1\/suppliers/g; s/"categories(?=\/)/"suppliers/g; s/\("categories(?=")/("suppliers/g;
  s/(?<=[A-Za-z] )categories(?=[ .;:])/suppliers/g; s/(?<=[A-Za-z] )category(?=[ .;:])/supplier/g;
  s/categories/suppliers/g; s/category/supplier/g; s/Categories/Suppliers/g; s/Category/Supplier/g' {} +"""
NAMES = (("\nfor name in NAMES:", '\nNAMES += ["suppliers"]\n\nfor name in NAMES:'),)
SUPPLIER_WORDS = (
    ("What belongs here.", "What they deliver."),
    ('examples=["Pots, pans and knives."]', 'examples=["Mugs and plates."]'),
    ('examples=["Kitchen"]', 'examples=["Acme"]'),
    ("A shelf for products.", "A company that delivers."),
)

ANNOUNCED = (
    (
        '    created_at: Moment = Field(description="UTC.", examples=["2026-11-23T08:30:00Z"])\n',
        "    created_at: Moment = Field(\n"
        '        description="UTC.",\n        examples=["2026-11-23T08:30:00Z"],\n'
        '        json_schema_extra={"deprecated": True, "x-sunset": "2027-05-31"},\n    )\n',
    ),
)
REMOVED = ((ANNOUNCED[0][1], ""), ('        "created_at": row.created_at,\n', ""))

APPS = (('"stock", "categories"]  # the sample\n', '"stock", "categories"]  # the sample\nAPPS += ["suppliers"]\n'),)
SUPPLIER_PAGES = {
    "suppliers/gateway.py": '''"""API calls of the pages of suppliers."""

from client import operations
from core.resource_gateway import ResourceGateway

suppliers = ResourceGateway(
    list=operations.list_suppliers,
    read=operations.read_supplier,
    create=operations.create_supplier,
    update=operations.update_supplier,
    delete=operations.delete_supplier,
)
''',
    "suppliers/urls.py": '''"""Pages of suppliers."""

from core.resource_views import ResourceViews
from suppliers.gateway import suppliers

app_name = "suppliers"
views = ResourceViews(app_name, suppliers, ("name", "description"))
urlpatterns = views.urls
''',
    "suppliers/tests/test_urls.py": """from contract.tests.examples import body
from core.tests.page import filled
from core.tests.resource import check_resource
from suppliers.urls import views


def test_plain_resource(editor, api):
    example = body(views.create_form.schema)
    check_resource(editor, api, views, filled(views.create_form(initial=example)))
""",
}

NOTE = (('    note: Note = ""\n', "    note: Annotated[Note, Field(min_length=1)]\n"),)
_ITEMS = "items: list[ProductUpsert] = Field(min_length=1, max_length={})"
SMALLER_BATCH: dict[str, Changes] = {
    f"{PRODUCTS}/schemas.py": ((_ITEMS.format(500), _ITEMS.format(400)),),
    f"{PRODUCTS}/tests/test_router.py": (
        ("[0, 501])", "[0, 401])"),
        ("test_takes_1_to_500", "test_takes_1_to_400"),
        ("test_500_fit", "test_400_fit"),
        ("range(500)", "range(400)"),
    ),
    "app/resources/statistics/tests/test_router.py": (
        ("in range(500)", "in range(400)"),
        ("str(500 * 10**12", "str(400 * 10**12"),
    ),
}
NOTES_IN_TESTS: dict[str, Changes] = {
    f"{STOCK}/tests/test_router.py": (
        (
            'body = {"quantity": quantity, "reason": reason}',
            'body = {"quantity": quantity, "reason": reason, "note": "Counted."}',
        ),
        (
            'body = {"quantity": 5, "reason": "received"}',
            'body = {"quantity": 5, "reason": "received", "note": "Counted."}',
        ),
        ('sent = {"reason": reason,', 'sent = {"note": "Counted.", "reason": reason,'),
        ('body = {"pieces": 1, "reason": reason,', 'body = {"note": "Counted.", "pieces": 1, "reason": reason,'),
        ('body = {"pieces": pieces, "reason"', 'body = {"note": "Counted.", "pieces": pieces, "reason"'),
    ),
    f"{PRODUCTS}/tests/test_batches.py": (
        ('{"quantity": 1, "reason": "received"}', '{"quantity": 1, "reason": "received", "note": "Counted."}'),
    ),
    f"{STOCK}/tests/test_keys.py": (
        ('"reason": "adjusted"} | fields', '"reason": "adjusted", "note": "Counted."} | fields'),
    ),
    f"{STOCK}/tests/test_subject.py": (('"reason": "received"})', '"reason": "received", "note": "Counted."})'),),
    "app/resources/statistics/tests/test_router.py": (
        (
            '{"quantity": quantity, "reason": "adjusted"}',
            '{"quantity": quantity, "reason": "adjusted", "note": "Counted."}',
        ),
        ('{"quantity": 1, "reason": "received"}', '{"quantity": 1, "reason": "received", "note": "Counted."}'),
        ('{"quantity": 1, "reason": "received"}', '{"quantity": 1, "reason": "received", "note": "Counted."}'),
    ),
}
MOBILE_2 = MOBILE | {
    "contract": "2.0.0",
    "operations": MOBILE["operations"]
    | {
        "create_stock_movement": MOBILE["operations"]["create_stock_movement"]
        | {"body": ["note", "quantity", "reason"]}
    },
}
