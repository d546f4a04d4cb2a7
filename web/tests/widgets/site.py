"""The URLs of a site whose only resource are widgets."""

from config.urls import handler404, handler500, site_urls

__all__ = ["handler404", "handler500", "urlpatterns"]

urlpatterns = site_urls(["tests.widgets"])
