"""Pages of categories."""

from categories.gateway import categories
from core.resource_views import ResourceViews

app_name = "categories"
views = ResourceViews(app_name, categories, ("name", "description", "created_at"))
urlpatterns = views.urls
