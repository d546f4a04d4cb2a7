"""URLs of categories."""

from django.urls import path

from categories import views

app_name = "categories"
urlpatterns = [
    path("categories/", views.category_list, name="list"),
    path("categories/new/", views.category_create, name="create"),
    path("categories/<uuid:category_id>/", views.category_detail, name="detail"),
    path("categories/<uuid:category_id>/edit/", views.category_edit, name="edit"),
    path("categories/<uuid:category_id>/delete/", views.category_delete, name="delete"),
]
