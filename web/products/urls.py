"""URLs of products."""

from django.urls import path

from products import views

app_name = "products"
urlpatterns = [
    path("products/", views.product_list, name="list"),
    path("products/new/", views.product_create, name="create"),
    path("products/<uuid:product_id>/", views.product_detail, name="detail"),
    path("products/<uuid:product_id>/edit/", views.product_edit, name="edit"),
    path("products/<uuid:product_id>/status/", views.product_status, name="status"),
    path("products/<uuid:product_id>/delete/", views.product_delete, name="delete"),
]
