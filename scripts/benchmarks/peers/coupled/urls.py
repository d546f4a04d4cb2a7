"""URLs of the coupled site: each way to write the list has its own."""

from django.urls import include, path

from peers.coupled.shop import views

products = [
    path("products/", views.product_list, name="list"),
    path("products/values/", views.product_list_of_values, name="values"),
    path("products/strongest/", views.product_list_in_jinja, name="strongest"),
    path("products/new/", views.product_create, name="create"),
    path("products/<uuid:pk>/", views.product_detail, name="detail"),
]
urlpatterns = [
    path("", include((products, "products"))),
    path("", views.product_list, name="home"),
    path("accounts/", include("accounts.urls")),
]
