"""Sign in."""

from django.contrib.auth.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    """Email and password; says the same for an unknown person and a wrong password."""

    error_messages = {  # noqa: RUF012  Django's own form
        "invalid_login": "That email and password do not belong together.",
        "inactive": "This account is switched off.",
    }
