"""URLs of products."""

from django.urls import path

from products import views

app_name = "products"
urlpatterns = [
    *views.products.urls,
    path("products/out-of-stock/", views.out_of_stock, name="out_of_stock"),
    path("products/<uuid:product_id>/status/", views.product_status, name="status"),
]
