"""URLs: each app of SCREENS brings its own."""

from django.conf import settings
from django.urls import include, path

from accounts.views import jwks

urlpatterns = [
    *(path("", include(f"{app}.urls")) for app in settings.SCREENS),
    path("accounts/", include("accounts.urls")),
    path(".well-known/jwks.json", jwks, name="jwks"),
]
handler404 = "core.views.not_found"
handler500 = "core.views.server_error"
