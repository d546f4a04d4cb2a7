"""Lets a page of another origin call the mock, whichever it is (Fetch, section 3.2: CORS)."""

from __future__ import annotations

from email.message import Message

from contract.mock.answers import Answer
from contract.mock.requests import Request
from contract.mock.routes import Routes


def cors_headers(headers: Message) -> dict[str, str]:
    """What allows the origin of a request to read an answer; nothing for a request of no page."""
    origin = headers.get("Origin", "")
    if not origin or not origin.isprintable():
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        # `*` does not stand for all headers when credentials are sent.
        "Access-Control-Expose-Headers": "Contract-Version, Content-Length, Content-Type, ETag, Link, Location, "
        "Preference-Applied, Retry-After, WWW-Authenticate",
        "Vary": "Origin",
    }


def preflight(routes: Routes, request: Request) -> Answer | None:
    """The answer to a preflight request; None when it is none."""
    wanted = request.headers.get("Access-Control-Request-Method")
    if request.method != "OPTIONS" or not wanted or not request.headers.get("Origin"):
        return None
    _, methods = routes.find(wanted.lower(), request.path)
    found = {
        "Access-Control-Allow-Methods": ", ".join(methods) or wanted,
        "Access-Control-Max-Age": "600",
    }
    asked = request.headers.get("Access-Control-Request-Headers", "")
    if asked.isprintable() and asked:
        found["Access-Control-Allow-Headers"] = asked
    return Answer(204, None, found)
