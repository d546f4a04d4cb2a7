"""Reading a file at an address: within a time and a size, and no other host gets the token.

HTTP is that of RFC 9110. Proxies are those of HTTPS_PROXY, HTTP_PROXY and NO_PROXY, certificates
those of SSL_CERT_FILE. Standard library only.
"""

import base64
import http.client
import threading
import urllib.error
import urllib.request
from typing import IO, Any
from urllib.parse import urlsplit, urlunsplit

from contract.refused import Refused

MAX_BYTES = 16 * 1024 * 1024
# A wait for the next bytes, and for all of them.
IDLE_SECONDS, SECONDS = 10.0, 30.0
_HEADER = "Authorization"


class NotThere(Refused):
    """The server has no such file, or shows it to nobody (a status of 400 to 499)."""


def fetch(url: str, token: str = "") -> bytes:
    """Return the body of a successful answer; raises NotThere and Refused."""
    named(url)
    answers: list[bytes | Refused] = []
    reading = threading.Thread(target=lambda: answers.append(_read(url, token)), daemon=True)
    reading.start()
    reading.join(SECONDS)
    if not answers:
        raise Refused(f"{shown(url)} took longer than {SECONDS:.0f} seconds")
    if isinstance(answers[0], Refused):
        raise answers[0]
    return answers[0]


def named(url: str) -> str:
    """Return an address that may be read; raises Refused."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if (
        parts.scheme not in ("http", "https")
        or not host
        or not url.isascii()
        or not url.isprintable()
    ):
        raise Refused("that is not an address such as https://example.com/releases/1.3.0.json")
    if "@" in parts.netloc:
        raise Refused("an address holds no user and no password: set CONTRACTS_TOKEN")
    return url


def shown(url: str) -> str:
    """Return an address as messages name it: a query may hold a signature."""
    return urlunsplit((*urlsplit(url)[:3], "", ""))


def authorization(token: str, user: str = "") -> str:
    """Return the Authorization of a token: Bearer, or Basic for `user:token` or a given user."""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise Refused(
            "CONTRACTS_TOKEN is not a token: it has a blank, a line end or another letter"
        )
    pair = token if ":" in token else f"{user}:{token}"
    if pair.startswith(":"):
        return f"Bearer {token}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def origin(url: str) -> tuple[str, str | None, int]:
    """Return scheme, host and port."""
    parts = urlsplit(url)
    return (
        parts.scheme,
        parts.hostname,
        parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0),
    )


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Stays within a scheme; the token goes to no other host, and to no other port."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Return the next request; raises Refused."""
        if urlsplit(newurl).scheme != urlsplit(req.full_url).scheme:
            fp.close()
            raise Refused(f"{shown(req.full_url)} redirects to another scheme: name that address")
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        token = req.unredirected_hdrs.get(_HEADER)
        if following and token and origin(newurl) == origin(req.full_url):
            following.add_unredirected_header(_HEADER, token)
        return following


def _read(url: str, token: str) -> bytes | Refused:
    try:
        request = urllib.request.Request(url, headers={"Accept": "*/*"})  # noqa: S310 - named() has looked
        if token:
            request.add_unredirected_header(_HEADER, authorization(token))
        with urllib.request.build_opener(_Redirects).open(request, timeout=IDLE_SECONDS) as answer:
            return _body(answer, shown(url))
    except Refused as refused:
        return refused
    except urllib.error.HTTPError as error:
        error.close()
        return _refusal(error, url, token)
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        return Refused(f"{shown(url)} cannot be read: {reason or type(reason).__name__}")


def _refusal(error: urllib.error.HTTPError, url: str, token: str) -> Refused:
    advice = ""
    if error.code in (401, 403, 404):
        advice = (
            "; may CONTRACTS_TOKEN read it?" if token else "; if it is private, set CONTRACTS_TOKEN"
        )
    kind = NotThere if 400 <= error.code < 500 else Refused
    return kind(f"{shown(url)} answers {error.code}{advice}")


def _body(answer: Any, name: str) -> bytes:
    content: bytes = answer.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Refused(f"{name} is larger than {MAX_BYTES // 1024 // 1024} MiB")
    if len(content) < int(answer.headers.get("Content-Length") or 0):
        raise Refused(f"{name} was cut off")
    return content
