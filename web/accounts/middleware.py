"""Gives each request its client of the API, with the token of the person who is signed in."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from accounts.models import User
from accounts.tokens import TokenSource
from core.api import Api


class ApiMiddleware:
    """Sets ``request.api``; a page for someone who is not signed in has none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Attach the client. If a session ends under htmx, the whole page goes to the sign-in."""
        user, api = request.user, None
        if isinstance(user, User):
            api = Api(TokenSource(user), only_reads=request.method in ("GET", "HEAD"))
            request.api = api  # type: ignore[attr-defined]
        response = self.get_response(request)
        if isinstance(user, User) and api and api.has_written and settings.FRESH_SECONDS:
            user.count_write()
        if response.status_code == 302 and getattr(request, "htmx", False):
            login = resolve_url(settings.LOGIN_URL)
            target = response.headers["Location"]
            if target.startswith(login):
                is_read = request.method in ("GET", "HEAD")
                return (
                    HttpResponseClientRefresh() if is_read else HttpResponseClientRedirect(target)
                )
        return response
