"""Products have all that a plain resource has."""

from contract.tests.examples import body
from core.tests.page import filled
from core.tests.resource import check_resource
from products.views import products


def test_plain_resource(editor, api, categories, detail):
    form = products.create_form(initial=body("ProductCreate"), choices={})
    typed = filled(form, name="Blue mug", category_id=categories["id"])

    check_resource(editor, api, products, typed)
