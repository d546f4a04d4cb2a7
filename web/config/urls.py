"""URLs: each app of APPS brings its own.

What an app declares and the contract does not have stops the start, in one line that names it.
"""

import sys
from difflib import get_close_matches
from importlib import import_module

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, include, path

from accounts.views import jwks
from core.views import home


def site_urls(apps: list[str]) -> list[URLPattern | URLResolver]:
    """Return the URLs of these apps, and those of every site; the apps' own go first."""
    return [
        *map(urls_of, apps),
        path("", home, name="home"),
        path("accounts/", include("accounts.urls")),
        path(".well-known/jwks.json", jwks, name="jwks"),
    ]


def urls_of(app: str) -> URLResolver:
    """Return the URLs of one app, or raise ImproperlyConfigured."""
    name = app.rpartition(".")[2]
    try:
        urls = import_module(f"{app}.urls")
    except ModuleNotFoundError as exc:
        if exc.name != f"{app}.urls":
            raise
        raise ImproperlyConfigured(f"{app}: there is no {name}/urls.py") from exc
    except AttributeError as exc:
        if getattr(exc.obj, "__name__", "") != "client.operations":
            raise
        near = get_close_matches(exc.name or "", dir(exc.obj), 1)
        advice = f"; did you mean {near[0]!r}?" if near else ""
        text = f"{app}: the contract has no operation {exc.name!r}{advice}"
        raise ImproperlyConfigured(text) from exc
    if getattr(urls, "app_name", "") != name:
        raise ImproperlyConfigured(f"{app}/urls.py: app_name must be {name!r}")
    return path("", include(urls))


try:
    urlpatterns = site_urls(settings.APPS)
except ImproperlyConfigured as exc:
    print(f"web: {exc}", file=sys.stderr)  # noqa: T201  a traceback would hide the line
    raise SystemExit(2) from None
handler400 = "core.views.bad_request"
handler404 = "core.views.not_found"
handler500 = "core.views.server_error"
