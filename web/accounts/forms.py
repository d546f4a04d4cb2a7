"""Sign in."""

from math import ceil
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from accounts.throttle import Attempt
from core.failures import again


class SignInForm(AuthenticationForm):
    """Email and password. The message for an unknown person and a wrong password is the same."""

    error_messages = {  # noqa: RUF012  Django's own form
        "invalid_login": "That email and password do not belong together.",
        "inactive": "This account is switched off.",
    }
    attempt: Attempt | None = None

    @property
    def retry_after(self) -> int:
        """Return the seconds until the next try is allowed; 0 when this one was."""
        return ceil(self.attempt.seconds) if self.attempt else 0

    def clean(self) -> dict[str, Any]:
        """Check the password, unless there were too many wrong ones."""
        username, password = (self.cleaned_data.get(name) for name in ("username", "password"))
        if self.request is None or not username or not password:
            return super().clean()
        self.attempt = Attempt(self.request, username)
        if self.attempt.seconds > 0:
            words = "Too many wrong passwords for this account or from here. "
            raise ValidationError(words + again(self.retry_after), code="throttled")
        cleaned = super().clean()
        self.attempt.succeed()
        return cleaned
