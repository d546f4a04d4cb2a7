"""Pages of categories: read the request, ask the gateway, choose a page."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from categories import gateway
from categories.forms import CategoryEditForm, CategoryForm
from core import pages
from core.http import Request
from core.lists import ListQuery
from core.screens import Screens

SCREENS = Screens("categories", "Category", ("name", "description", "created_at"), name="category")


@require_GET
@vary_on_headers("HX-Target")
def category_list(request: Request) -> HttpResponse:
    """Search, sort, page."""
    query = ListQuery(request, "list_categories")
    return pages.list_page(request, SCREENS, query, gateway.list_categories(request.api, query))


@require_GET
def category_detail(request: Request, category_id: UUID) -> HttpResponse:
    """Show one."""
    return pages.detail_page(request, SCREENS, gateway.read_category(request.api, category_id))


@require_http_methods(["GET", "POST"])
def category_create(request: Request) -> HttpResponse:
    """Create one."""
    make = partial(gateway.create_category, request.api)
    return pages.create(request, SCREENS, CategoryForm(request.POST or None), make)


@require_http_methods(["GET", "POST"])
def category_edit(request: Request, category_id: UUID) -> HttpResponse:
    """Change one."""
    read = partial(gateway.read_category, request.api, category_id)
    save = partial(gateway.update_category, request.api, category_id)
    return pages.edit(request, SCREENS, CategoryEditForm, read, save)


@require_http_methods(["GET", "POST"])
def category_delete(request: Request, category_id: UUID) -> HttpResponse:
    """Ask, then delete."""
    read = partial(gateway.read_category, request.api, category_id)
    remove = partial(gateway.delete_category, request.api, category_id)
    return pages.delete(request, SCREENS, read, remove)
