"""Every error that a person can meet: its status, and what its page says. For people at a shop.

What whoever runs the site needs to know stands below, in small print, and in the log.
"""

import logging
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from contract.document import pinned
from core.failures import ApiError, NotUnderstood, Rejected, Unavailable
from core.http import whole_page
from core.refusals import told
from core.telemetry import trace_id

log = logging.getLogger("web.api")


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """One kind of error. Where the API has words of its own, they replace ``text``."""

    status: int
    title: str
    text: str
    advice: str = ""  # what to do; of what comes back by itself, when to try again
    in_form: str = ""  # said above a form, which keeps what was typed
    has_api_words: bool = False


ERROR_PAGES = {
    "NotFound": ErrorPage(
        404,
        "Not found",
        "There is nothing at this address. It may have been deleted.",
        in_form="This was deleted meanwhile, so it cannot be saved here.",
        has_api_words=True,
    ),
    "Forbidden": ErrorPage(
        403,
        "Not allowed",
        "Your account may not do this.",
        "Ask a colleague who may, or ask for the right to do it.",
    ),
    "Rejected": ErrorPage(
        422, "Not accepted", "What was asked for is not possible.", has_api_words=True
    ),
    "Stale": ErrorPage(409, "Someone else changed this", "", has_api_words=True),
    "Unavailable": ErrorPage(
        503,
        "No answer just now",
        "The API gave no answer in time. Nothing is lost. It usually comes back by itself.",
        in_form="The API did not answer.",
    ),
    "ReadOnly": ErrorPage(
        503,
        "Nothing can be changed just now",
        "The API does not answer. This page comes back by itself when it does.",
        in_form="The API does not answer, so nothing can be changed.",
    ),
    "Busy": ErrorPage(
        429,
        "One moment, please",
        "You have asked for more than is possible at once. Nothing is lost.",
        in_form="You have asked for more than is possible at once.",
    ),
    "Running": ErrorPage(
        409,
        "One moment, please",
        "This form was sent before, and is being saved just now.",
        in_form="This form was sent before, and is being saved just now.",
    ),
    "TooOld": ErrorPage(
        503,
        "Maintenance",
        "An update is under way. This page comes back by itself when it is done.",
        in_form="An update is under way.",
    ),
    "NotTrusted": ErrorPage(
        502,
        "This site cannot reach its data",
        "The API does not accept this site. Signing in again does not help.",
        "Please tell whoever runs this site.",
        in_form="The API does not accept this site.",
    ),
    "NotUnderstood": ErrorPage(
        502,
        "Unexpected answer from the API",
        "This page cannot show what the API answered. It has been logged.",
        "Please tell whoever runs this site.",
        in_form="The API gave an unexpected answer. It has been logged.",
    ),
    "Saved": ErrorPage(
        502,
        "Saved, but not as expected",
        "What you sent was saved. This page cannot show the API's answer. It has been logged.",
        "Do not send it again: look at what is there first.",
        in_form="What you sent was saved. The API's answer cannot be shown. It has been logged.",
    ),
    "FormOutOfDate": ErrorPage(
        403,
        "This form is out of date",
        "It was opened before you signed in, or in another window.",
        "Go back, reload the page, and send it again.",
    ),
    "BadRequest": ErrorPage(
        400,
        "This cannot be read",
        "What was sent is too long, or damaged. Nothing is saved.",
        "Go back: what you typed is still there. Make it shorter, and send it again.",
    ),
    "NotLikeThis": ErrorPage(
        405,
        "Not like this",
        "This address cannot be used this way.",
        "Open the page that you want from the start page.",
    ),
    "ServerError": ErrorPage(
        500,
        "Something broke here",
        "This is a defect of this site. It has been logged.",
        "Go back and try again, or tell whoever runs this site.",
    ),
}


def error_page_of(exc: Exception) -> ErrorPage | None:
    """Return the page of an exception, or of the nearest kind that it is one of."""
    names = (kind.__name__ for kind in type(exc).__mro__)
    return next((ERROR_PAGES[name] for name in names if name in ERROR_PAGES), None)


def words_in_form(exc: ApiError, *, kept: str = "") -> str:
    """Return what stands above a form that was not saved: what happened, what to do, and details.

    Raises NotUnderstood when the API's words cannot be read.
    """
    page = page_of(exc)
    said = page.in_form or (str(exc) if page.has_api_words else "") or page.text
    if isinstance(exc, Unavailable):
        return " ".join(filter(None, (said, kept, exc.advice)))
    support = f"For support: {about.rstrip('.')}." if (about := detail(exc)) else ""
    return " ".join(filter(None, (said, kept, page.advice, support)))


def log_failure(exc: ApiError) -> None:
    """Log a failure; raises NotUnderstood when the API's words cannot be read."""
    level = logging.WARNING if page_of(exc).status >= 500 else logging.INFO
    log.log(level, "%s: %s", type(exc).__name__, exc)


def api_error(request: HttpRequest, exc: ApiError) -> HttpResponse:
    """Render and log one failure of the API."""
    try:
        return failure_page(request, exc)
    except NotUnderstood as unread:  # a field of the refusal itself
        return failure_page(request, unread)


def failure_page(request: HttpRequest, exc: ApiError) -> HttpResponse:
    """Render and log one failure; raises NotUnderstood when the API's words cannot be read."""
    page, words = page_of(exc), str(exc)
    errors = [*told(exc)] if isinstance(exc, Rejected) else []
    if isinstance(exc, Rejected) and errors:
        words = exc.problem.detail  # its title is for programs
    log_failure(exc)
    wait = exc if isinstance(exc, Unavailable) else None
    context = {
        "as_of": None,  # whatever the page would have shown
        "page": page,
        "text": (words if page.has_api_words else "") or page.text,
        "advice": wait.advice if wait else page.advice,
        "wait": wait,
        "can_start_over": isinstance(exc, Rejected),
        "errors": errors,
        "detail": detail(exc),
        "trace_id": exc.trace_id or trace_id.get(),
        # A POST cannot be repeated by a link; its page is where one starts again.
        "retry": request.get_full_path() if request.method == "GET" else "",
    }
    response = whole_page(render(request, "core/error.html", context, status=page.status))
    if wait:
        response.headers["Retry-After"] = str(wait.seconds)
    return response


def page_of(exc: ApiError) -> ErrorPage:
    """Return the page of a failure."""
    return error_page_of(exc) or ERROR_PAGES["ServerError"]


def detail(exc: ApiError) -> str:
    """Return what whoever runs the site needs to know; empty where the page says all of it."""
    if isinstance(exc, NotUnderstood):
        says = f", the API says {exc.api_version}" if exc.api_version else ""
        return f"{exc}; expected release {pinned().version}{says}"
    page = error_page_of(exc)
    is_said = not page or page.has_api_words or page is ERROR_PAGES["Unavailable"]
    return "" if is_said else str(exc)


def own_error(request: HttpRequest, name: str) -> HttpResponse:
    """Render an error of this site."""
    page = ERROR_PAGES[name]
    context = {
        "page": page,
        "text": page.text,
        "advice": page.advice,
        "trace_id": trace_id.get(),
    }
    return whole_page(render(request, "core/error.html", context, status=page.status))
