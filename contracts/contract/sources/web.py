"""Reads a document from an address, within limits of time and size (RFC 9110; http and https only)."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from contract.openapi.document import Document, DocumentError
from contract.sources.source import MOST_BYTES, Source

# Seconds for one answer, and for a document with all its files.
ANSWER_SECONDS = 10.0
DOCUMENT_SECONDS = 60.0
_CHUNK = 64 * 1024


def document(address: str, most_bytes: int = MOST_BYTES, seconds: float = DOCUMENT_SECONDS) -> Document:
    """The document at an address, with the files of the same server that it refers to; raises DocumentError."""
    parts = urlsplit(address)
    if parts.username is not None or parts.password is not None:
        raise DocumentError(f"{parts.scheme}://{parts.hostname}: an address with a password is not fetched: use `-`")
    if not parts.hostname:
        raise DocumentError(f"{address}: names no server")
    origin, whole = f"{parts.scheme}://{parts.netloc}", address.partition("#")[0]
    first, ends = PurePosixPath(unquote(parts.path).lstrip("/")).as_posix(), time.monotonic() + seconds

    def read(path: str) -> bytes:
        # The query belongs to the document itself, and not to the files that it refers to.
        return _fetch(whole if path == first else f"{origin}/{quote(path)}", most_bytes, ends)

    root = Path("/", f"{parts.scheme}:", parts.netloc)
    return Source(root, f"{origin}/", read).document(first)


def _fetch(address: str, most_bytes: int, ends: float) -> bytes:
    request = urllib.request.Request(address, headers={"User-Agent": "contract", "Accept": "*/*"})  # noqa: S310
    try:
        with _OPENER.open(request, timeout=max(0.1, min(ANSWER_SECONDS, ends - time.monotonic()))) as answer:
            return _within(answer, address, most_bytes, ends)
    except urllib.error.HTTPError as error:
        raise DocumentError(f"{address}: answered {error.code} {error.reason}") from None
    except TimeoutError:
        raise DocumentError(f"{address}: no answer within {ANSWER_SECONDS:.0f} seconds") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        if isinstance(reason, TimeoutError):
            raise DocumentError(f"{address}: no answer within {ANSWER_SECONDS:.0f} seconds") from None
        raise DocumentError(f"{address}: {getattr(reason, 'strerror', None) or reason}") from None


def _within(answer: http.client.HTTPResponse, address: str, most_bytes: int, ends: float) -> bytes:
    found = bytearray()
    while chunk := answer.read1(_CHUNK):
        found += chunk
        if len(found) > most_bytes:
            raise DocumentError(f"{address}: is larger than {most_bytes:,} bytes")
        if time.monotonic() > ends:
            raise DocumentError(f"{address}: did not arrive in time")
    return bytes(found)


def _opener() -> urllib.request.OpenerDirector:
    """One that follows redirects and the proxy variables, and opens neither files nor FTP."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


_OPENER = _opener()
