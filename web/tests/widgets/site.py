"""The URLs of a site whose only resource are widgets."""

from types import ModuleType

from config.urls import handler400, handler404, handler500, site_urls

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]

urlpatterns = site_urls(["tests.widgets"])


def site_of_now() -> ModuleType:
    """Return the site with the URLs that widgets have now."""
    site = ModuleType("site_of_now")
    vars(site)["urlpatterns"] = site_urls(["tests.widgets"])
    return site
