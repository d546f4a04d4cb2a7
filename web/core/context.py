"""Variables of every template: ``may``, ``navigation``, ``is_typed``, and what is last known."""

from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from contract.document import pinned
from core.api import SAFE, Api
from core.fields import words
from core.submissions import typed


class May:
    """``{% if may.create_widget %}``: does the person's token hold what the contract demands?"""

    def __init__(self, scopes: frozenset[str], *, only_read: bool = False) -> None:
        self._scopes = scopes
        self._only_read = only_read

    def __getitem__(self, operation_id: str) -> bool:
        """Answer for one operation; a misspelt one is an error, not a hidden button."""
        operation = pinned().operations.get(operation_id)
        if operation is None:
            raise RuntimeError(f"the contract has no operation {operation_id!r}")
        if self._only_read and operation.method not in SAFE:
            return False
        return operation.scopes <= self._scopes


def permissions(request: HttpRequest) -> dict[str, Any]:
    """Add them; nobody may anything before signing in, and change anything while the API is away.

    ``as_of`` is when the last known answers of this page were true; None when they are of now. A
    page that shows what was typed (``is_typed``) never asks for itself again: it would be lost.
    """
    api: Api | None = getattr(request, "api", None)
    items = [
        {"url": url, "title": title, "current": request.path.startswith(url)}
        for url, title in apps_with_a_list()
    ]
    as_of = datetime.fromtimestamp(api.as_of, UTC) if api and api.as_of else None
    return {
        "may": May(api.scopes if api else frozenset(), only_read=bool(as_of)),
        "navigation": items,
        "as_of": as_of,
        "is_typed": typed(request) is not None,
        "seconds_away": api.seconds_away if api else 0,
    }


def app_names() -> list[str]:
    """Return the names of APPS, which are the namespaces of their URLs."""
    return [app.rpartition(".")[2] for app in settings.APPS]


@lru_cache(maxsize=1)
def apps_with_a_list() -> list[tuple[str, str]]:
    """Return the address and title of each app that has a list, in the order of APPS."""
    found = []
    for app in app_names():
        with suppress(NoReverseMatch):
            found.append((reverse(f"{app}:list"), words(app)))
    return found
