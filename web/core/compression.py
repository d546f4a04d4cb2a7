"""Compresses pages, but none that another site has the browser ask for.

BREACH guesses what is secret in a page by the lengths of many answers to requests of the attacker's
choice, sent with the person's cookie. A browser says so of such a request (``Sec-Fetch-Site``), and
it is answered as it is. Behind that stand Django's random bytes, cookies that are ``SameSite``, and
tokens that are masked anew in each page. Why: docs/decisions/0009.
"""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

OTHERS = frozenset({"cross-site", "same-site"})


class CompressionMiddleware(GZipMiddleware):
    """Django's own, for pages that people ask for themselves."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Compress, unless the request comes from another site."""
        if request.headers.get("Sec-Fetch-Site") in OTHERS:
            return response
        return super().process_response(request, response)
