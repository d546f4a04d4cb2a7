"""The backend that sessions of an earlier release name; they last twelve hours."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest


class Backend(ModelBackend):
    """Reads who is signed in as Django's own does; nobody signs in by it any more."""

    def authenticate(self, request: HttpRequest | None, *args: Any, **kwargs: Any) -> None:
        """Return None: Django's own has been asked before, and a password is hashed once."""
