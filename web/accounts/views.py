"""Sign in, sign out, and the public keys of our tokens."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.forms import SignInForm
from accounts.keys import public_keys
from core.submissions import typed


class SignInView(LoginView):
    """Django's own view, which handles session fixation and open redirects."""

    authentication_form = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def get_initial(self) -> dict[str, Any]:
        """Show the address again that was typed; a password never is."""
        found = typed(self.request)
        return {"username": found.get("username", "")} if found else super().get_initial()

    def form_valid(self, form: SignInForm) -> HttpResponse:  # type: ignore[override]
        """Sign in, and remember this device."""
        response = super().form_valid(form)
        if form.attempt:
            form.attempt.remember_device(response)
        return response

    def form_invalid(self, form: SignInForm) -> HttpResponse:  # type: ignore[override]
        """Show the form again, with status 422 or 429."""
        context = self.get_context_data(form=form)
        if not form.retry_after:
            return self.render_to_response(context, status=422)
        headers = {"Retry-After": str(form.retry_after)}
        return self.render_to_response(context, status=429, headers=headers)


sign_in = login_not_required(SignInView.as_view())


class SignOutView(LogoutView):
    """Django's own view; its address, opened as a page, leads to the start page.

    It ends a session of nobody, too: another release's replica may know whose it is.
    """

    def http_method_not_allowed(self, *_: Any, **__: Any) -> HttpResponse:
        """Lead on."""
        return redirect("/")


sign_out = login_not_required(SignOutView.as_view())


@login_not_required
@require_safe
@cache_control(public=True, max_age=600)
def jwks(request: HttpRequest) -> HttpResponse:
    """Publish the public keys (RFC 7517)."""
    return JsonResponse(public_keys(), content_type="application/jwk-set+json")
