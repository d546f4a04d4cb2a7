"""What the API says about products."""

import pytest


@pytest.fixture
def product(api):
    return api.example("Product", name="Blue mug", next_statuses=["active", "archived"])


@pytest.fixture
def url(product):
    return f"/products/{product['id']}/"


@pytest.fixture
def categories(api):
    category = api.example("Category", name="Kitchen")
    api.plan("list_categories", 200, api.page(category))
    return category


@pytest.fixture
def detail(api, product):
    """Plan everything that a product's own page asks."""
    api.plan("read_product", 200, product)
    api.plan("read_category", 200, api.example("Category", name="Kitchen"))
    api.plan("list_stock_movements", 200, api.page())
