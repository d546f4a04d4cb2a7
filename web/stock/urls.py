"""URLs of stock: beneath its product."""

from django.urls import path

from stock import views

app_name = "stock"
urlpatterns = [
    path("products/<uuid:product_id>/stock/", views.stock_history, name="history"),
]
