"""What a person typed and could not be taken: stored, shown again, never sent without a look.

A POST without a session waits in the session that the sign-in begins. A POST without its CSRF token
is answered by its own form. Both become a GET with ``request.typed``: the view shows the form as it
was typed, and the person sends it. A page names who opened it, so nobody else is shown its words.
"""

import secrets
import time
from typing import Any, Protocol, runtime_checkable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import resolve_url
from django.utils.deprecation import MiddlewareMixin
from django.utils.html import format_html

from core import sentences
from core.error_pages import api_error
from core.failures import ApiError

FIELD = "typed-by"  # of each form: who opened the page
LOOK = "look"  # of a button: show the form that its address has, filled in
STORED = "typed-before"  # of a form that shows what was stored: its id
START_OVER = "start-over"  # of a query: the id of what is to be dropped
NAMES = frozenset((FIELD, LOOK, STORED, "csrfmiddlewaretoken"))
KEY = "submissions"  # in the session: a list, the newest last
MOST_CHARACTERS = 1024 * 1024  # of all in a session; one may be as long as a POST may be
MOST_FORMS = 4
OF_ANOTHER_SITE = ("Origin checking failed", "Referer checking failed")  # Django's reasons
PAGE_SECONDS = 7 * 24 * 3600  # for so long a page that was opened may be sent


@runtime_checkable
class Waiting(Protocol):
    """A session that can wait for a person to sign in: accounts.sessions."""

    has_lost: bool  # whether it waited, and had to make room

    def wait_for(self, person: str) -> int:
        """Become one of theirs, of which there are few; return how many older ones ended."""


def typed(request: HttpRequest) -> QueryDict | None:
    """Return what a form is to show: what is sent, or what was stored; None for an empty form."""
    found: QueryDict | None = getattr(request, "typed", None)
    return request.POST if request.method == "POST" else found


def owner(request: HttpRequest) -> str:
    """Return the value of a page's field that names the person who opened it."""
    return signer().sign(person(request))


def person(request: HttpRequest) -> str:
    """Return a name for whoever is signed in; for nobody, an empty one."""
    user = getattr(request, "user", None)
    return str(user.pk or "") if user else ""


def signer() -> signing.TimestampSigner:
    """Return the signer of the names of those who opened a page."""
    return signing.TimestampSigner(salt="core.submissions")


def opened_by(request: HttpRequest) -> str | None:
    """Return who opened the page that was sent; None when it is not ours, or too old."""
    try:
        return signer().unsign(request.POST.get(FIELD, ""), max_age=PAGE_SECONDS)
    except signing.BadSignature:
        return None


def as_look(request: HttpRequest) -> None:
    """Turn a POST into a GET that shows what was typed, so that no view carries it out."""
    request.typed = request.POST  # type: ignore[attr-defined]
    request.POST = QueryDict()
    request.method = "GET"


class SubmissionMiddleware(MiddlewareMixin):
    """Stores a POST for which one must sign in, and gives it to the form that is shown then."""

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> None:
        """Store, find, or drop a submission of this address; let the view go on."""
        if not request.user.is_authenticated:
            tell_what_was_lost(request)
        if request.method == "POST":
            if request.user.is_authenticated:
                forget(request)
            elif needs_sign_in(view):
                store(request)
            if LOOK in request.POST:
                as_look(request)
        elif needs_sign_in(view) and request.user.is_authenticated and KEY in request.session:
            find(request)


def tell_what_was_lost(request: HttpRequest) -> None:
    """Say on the sign-in page, or after it, that what waited for it had to make room.

    Elsewhere a message would begin a session, of which anybody could begin any number.
    """
    session: object = request.session
    if not isinstance(session, Waiting) or request.path != resolve_url(settings.LOGIN_URL):
        return
    if session.has_lost and request.method in ("GET", "POST"):
        messages.warning(request, str(sentences.LOST))
        session.has_lost = False


def needs_sign_in(view: Any) -> bool:
    """Tell whether a view is for those who are signed in (LoginRequiredMiddleware)."""
    return bool(getattr(view, "login_required", True))


def store(request: HttpRequest) -> bool:
    """Store a submission in the session that the sign-in will take over; return whether it is."""
    who = opened_by(request)
    data = {name: values for name, values in request.POST.lists() if name not in NAMES}
    if not who:
        return False
    entry = {"by": who, "path": request.path, "data": data}
    # Two windows may show the same form; a form that is sent twice is one.
    others = [each for each in stored(request) if not entry.items() <= each.items()]
    new = entry | {"id": secrets.token_hex(8), "at": int(time.time())}
    session: object = request.session
    ended = session.wait_for(who) if isinstance(session, Waiting) else 0  # or another engine
    kept = request.session[KEY] = newest([*others, new])
    messages.warning(request, str(sentences.SIGN_IN_TO_GO_ON))
    if ended or len(kept) <= len(others):
        messages.warning(request, str(sentences.OLDER_DROPPED))
    return True


def newest(submissions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the newest within the bounds; the last one always."""
    kept, left = submissions[-1:], MOST_CHARACTERS - size_of(submissions[-1])
    for each in reversed(submissions[-MOST_FORMS:-1]):
        left -= size_of(each)
        if left < 0:
            break
        kept.insert(0, each)
    return kept


def size_of(submission: dict[str, Any]) -> int:
    """Return its characters."""
    data = submission["data"]
    return sum(len(each) for name, values in data.items() for each in [name, *values])


def stored(request: HttpRequest) -> list[dict[str, Any]]:
    """Return what the session stores: who typed it, where, when, and what."""
    found: list[dict[str, Any]] = request.session.get(KEY, [])
    return found


def find(request: HttpRequest) -> None:
    """Give the view what this person typed last at this address; what others typed is dropped."""
    oldest = time.time() - settings.SESSION_COOKIE_AGE
    valid = [
        each
        for each in stored(request)
        if each["by"] == person(request)
        and each["at"] > oldest
        and each["id"] != request.GET.get(START_OVER)
    ]
    replace(request, valid)
    if here := [each for each in valid if each["path"] == request.path]:
        data = QueryDict(mutable=True)
        for name, values in here[-1]["data"].items():
            data.setlist(name, values)
        data[STORED] = here[-1]["id"]
        request.typed = data  # type: ignore[attr-defined]
        again = f"?{START_OVER}={here[-1]['id']}"
        link = format_html('<a href="{}">{}</a>', again, sentences.START_OVER)
        messages.warning(request, format_html("{} {}", sentences.TYPED_BEFORE, link))


def forget(request: HttpRequest) -> None:
    """Drop what was stored and is being sent."""
    sent = request.POST.get(STORED)
    if sent and KEY in request.session:
        replace(request, [each for each in stored(request) if each["id"] != sent])


def replace(request: HttpRequest, submissions: list[dict[str, Any]]) -> None:
    """Replace what the session stores."""
    if not submissions:
        del request.session[KEY]
    elif submissions != request.session[KEY]:
        request.session[KEY] = submissions


def show_again(request: HttpRequest, reason: str) -> HttpResponse | None:
    """Answer a POST without its CSRF token by its form, as typed; None if it is not this person's.

    Whoever is not signed in is asked to, and goes on with the form afterwards. A page of another
    site is refused: it could fill in a form, and a new session would end the person's own.
    """
    match = request.resolver_match
    who = opened_by(request)
    if match is None or who is None or reason.startswith(OF_ANOTHER_SITE):
        return None
    needed = needs_sign_in(match.func)
    if needed and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path()) if store(request) else None
    is_own = who == person(request)
    if not is_own and (needed or who):
        return None
    as_look(request)
    if is_own:
        words = sentences.SHOWN_AGAIN if needed else sentences.SIGN_IN_AGAIN
        messages.warning(request, str(words))
    try:
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    except ApiError as exc:
        return api_error(request, exc)
    if response.status_code == 200:
        response.status_code = 403
    return response
