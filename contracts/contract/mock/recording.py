"""Records what was asked and answered, and answers it again: HAR 1.2, as browsers save it too."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from contract.mock.answers import Answer
from contract.mock.requests import Request
from contract.openapi.document import DocumentError
from contract.schema.examples import now

# Headers that are about the connection or the caller of that day, not about the answer.
_DROPPED = frozenset({
    "connection", "content-encoding", "content-length", "content-type", "date", "keep-alive", "server",
    "strict-transport-security", "transfer-encoding", "vary",
})  # fmt: skip


@dataclass(frozen=True)
class Exchange:
    """A request and its answer."""

    request: Request
    answer: Answer


@dataclass
class Recording:
    """A file to which every exchange is written at once. Credentials are not."""

    path: Path
    entries: list[dict[str, Any]] = field(default_factory=list)

    def add(self, exchange: Exchange) -> None:
        """Append an exchange, and write the file."""
        self.entries.append(_entry(exchange))
        log = {"version": "1.2", "creator": {"name": "contract mock", "version": "1"}, "entries": self.entries}
        self.path.write_text(json.dumps({"log": log}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _entry(exchange: Exchange) -> dict[str, Any]:
    request, answer = exchange.request, exchange.answer
    url = f"http://mock{request.path}" + (f"?{request.query}" if request.query else "")
    asked: dict[str, Any] = {"method": request.method, "url": url, "httpVersion": "HTTP/1.1", "headers": []}
    asked |= {"cookies": [], "queryString": [], "headersSize": -1, "bodySize": len(request.body)}
    if request.body:
        kind = request.headers.get("Content-Type", "application/octet-stream")
        asked["postData"] = {"mimeType": kind, "text": request.body.decode("utf-8", "replace")}
    content: dict[str, Any] = {"size": len(answer.content), "mimeType": answer.media_type}
    try:
        content["text"] = answer.content.decode()
    except UnicodeDecodeError:
        content |= {"text": base64.b64encode(answer.content).decode(), "encoding": "base64"}
    headers = [{"name": name, "value": value} for name, value in answer.headers.items()]
    told = {"status": answer.status, "statusText": "", "httpVersion": "HTTP/1.1", "headers": headers, "cookies": []}
    told |= {"content": content, "redirectURL": "", "headersSize": -1, "bodySize": len(answer.content)}
    timings = {"send": 0, "wait": 0, "receive": 0}
    return {"startedDateTime": now(), "time": 0, "request": asked, "response": told, "cache": {}, "timings": timings}


@dataclass
class Scenario:
    """Recorded answers. The same request gets them in their order, and the last one from then on."""

    answers: dict[Any, list[Answer]]

    def answer(self, request: Request) -> Answer | None:
        """The next answer to a request; None when nothing is recorded for it."""
        body = request.body.decode("utf-8", "replace")
        found = self.answers.get(_key(request.method, request.path, request.query, body))
        if not found:
            return None
        return found.pop(0) if len(found) > 1 else found[0]


def load_scenario(path: Path) -> Scenario:
    """Read a HAR file; raises DocumentError."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8-sig"))["log"]["entries"]
        answers: dict[Any, list[Answer]] = {}
        for entry in entries:
            request = entry["request"]
            url = urlsplit(request["url"])
            body = (request.get("postData") or {}).get("text") or ""
            key = _key(request["method"], url.path, url.query, body)
            answers.setdefault(key, []).append(_answer(entry["response"]))
    except OSError as error:
        raise DocumentError(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise DocumentError(
            f"{path}: not a HAR file with log.entries (HAR 1.2): {type(error).__name__} {error}"
        ) from error
    if not answers:
        raise DocumentError(f"{path}: no exchange is recorded in it")
    return Scenario(answers)


def _answer(response: dict[str, Any]) -> Answer:
    content = response.get("content") or {}
    text = content.get("text") or ""
    raw = base64.b64decode(text) if content.get("encoding") == "base64" else text.encode("utf-8", "replace")
    headers = {
        one["name"]: one["value"] for one in response.get("headers") or () if one["name"].lower() not in _DROPPED
    }
    headers = {name: value for name, value in headers.items() if not name.lower().startswith(("access-control-", ":"))}
    return Answer(int(response["status"]), raw or None, headers, content.get("mimeType") or "application/octet-stream")


def _key(method: str, path: str, query: str, body: str) -> Any:
    """What makes two requests the same: the order of a query and the spaces of JSON do not count."""
    with contextlib.suppress(ValueError, RecursionError):
        body = json.dumps(json.loads(body), sort_keys=True)
    return method.upper(), path, tuple(sorted(parse_qsl(query, keep_blank_values=True))), body
