"""Fixtures of every app: an API that cannot drift from the contract, people, checked pages."""

import re
from collections import Counter, defaultdict
from typing import Any

import httpx2
import jsonschema_rs
import msgspec
import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts import keys, tokens
from accounts.models import User
from contract.document import Document, Operation, is_json, pinned
from contract.tests.examples import complete
from core import api as client
from core.breaker import Breaker, RetryBudget
from core.connection import ConnectionFailed
from core.last_known import LastKnown
from core.response import Reply
from core.tests.page import check_page
from core.transport import Outgoing

pytest_plugins = ["tests.recording"]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def pytest_addoption(parser) -> None:
    """Add --long: counts in the thousands, and each change of the contract alone; an hour."""
    parser.addoption("--long", action="store_true", help="try every case, not a sample")


def pytest_terminal_summary(terminalreporter) -> None:
    """Print what the tests counted: ``record_property(what, number)``."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        for what, number in report.user_properties if report.when == "call" else ():
            counts[what] += number
    for what, number in counts.items():
        terminalreporter.write_line(f"{number:,} {what}")


class StubApi:
    """Answers what a test planned; refuses a plan or a request that the contract forbids."""

    def __init__(self, contract: Document) -> None:
        self.contract = contract
        self.planned: dict[str, list[tuple[int, Any, int] | Exception]] = defaultdict(list)
        self.requests: list[httpx2.Request] = []

    def plan(self, operation_id: str, status: int, body: Any = None, retry_after: int = 0) -> None:
        """Set an operation's next answer; the last one planned is given again and again."""
        responses = self.contract.operations[operation_id].spec["responses"]
        assert str(status) in responses, f"{operation_id} never answers {status}"
        for media, described in responses[str(status)].get("content", {}).items():
            if is_json(media):  # What else there is goes out as it was planned: text or bytes.
                body = complete(self.contract, described["schema"], body)
                self._validate(body, described["schema"])
        self.planned[operation_id].append((status, body, retry_after))

    def plan_failure(self, operation_id: str, error: Exception | None = None) -> None:
        """Let an operation end without an answer."""
        assert operation_id in self.contract.operations
        self.planned[operation_id].append(error or ConnectionFailed("refused"))

    def plan_problem(
        self, operation_id: str, status: int, detail: str = "", retry_after: int = 0, **fields: Any
    ) -> None:
        """Let an operation answer a problem (RFC 9457)."""
        body = {
            "type": "/problems/some",
            "title": "Some problem",
            "status": status,
            "detail": detail,
            "instance": "/v1/some",
            "trace_id": TRACE,
        }
        self.plan(operation_id, status, body | fields, retry_after)

    def example(self, schema: str, /, **changes: Any) -> Any:
        """Return an object made of the contract's own examples."""
        return complete(self.contract, self.contract.schemas[schema], changes)

    def may_answer(self, schema: str, /, **values: Any) -> bool:
        """Tell whether the pinned release allows these values in an answer."""
        whole = self._whole(self.contract.schemas[schema])
        return jsonschema_rs.is_valid(whole, self.example(schema, **values))

    def page(self, *items: Any, following: str | None = None, before: str | None = None) -> Any:
        """Return a page of a list."""
        return {"items": list(items), "next_cursor": following, "prev_cursor": before}

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        """Find the operation by method and path, check what was sent, answer."""
        self.requests.append(request)
        operation = self._match(request)
        self._check(operation, request)
        answers = self.planned[operation.id]
        assert answers, f"no answer was planned for {operation.id}"
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        status, body, retry_after = answer
        headers = {"Contract-Version": self.contract.version}
        if retry_after:
            headers["Retry-After"] = str(retry_after)
        media = next(iter(operation.spec["responses"][str(status)].get("content", {})), "")
        if media and not is_json(media):
            headers["Content-Type"] = media
            content = body if isinstance(body, bytes) else body.encode()
        else:
            content = b"" if body is None else msgspec.json.encode(body)
        return httpx2.Response(status, headers=headers, content=content)

    def exchange(self, request: Outgoing, *, until: float) -> Reply:
        """Answer as the transport does."""
        url = f"http://api.test{request.target}"
        sent = httpx2.Request(
            request.method, url, headers=dict(request.headers), content=request.content
        )
        answer = self.handle(sent)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status_code, headers, answer.content)

    @property
    def sent(self) -> list[Any]:
        """Return the bodies that were sent."""
        return [
            msgspec.json.decode(r.content)
            for r in self.requests
            if r.content and is_json(r.headers["Content-Type"])
        ]

    def _match(self, request: httpx2.Request) -> Operation:
        for operation in self.contract.operations.values():
            pattern = re.sub(r"\{[^}]+\}", "[^/]+", operation.path)
            if operation.method == request.method and re.fullmatch(pattern, request.url.path):
                return operation
        raise AssertionError(f"the contract has no {request.method} {request.url.path}")

    def _check(self, operation: Operation, request: httpx2.Request) -> None:
        for name in request.url.params:
            parameter = operation.parameter(name)
            assert parameter, f"{operation.id} has no query parameter {name}"
            schema = self.contract.resolve(parameter["schema"])
            texts = request.url.params.get_list(name)
            if schema.get("type") == "array":
                items = self.contract.resolve(schema["items"])
                self._validate([from_text(text, items) for text in texts], schema)
            else:
                (text,) = texts
                self._validate(from_text(text, schema), schema)
        for parameter in operation.parameters:
            if parameter["in"] == "header" and parameter.get("required"):
                assert parameter["name"] in request.headers
        media = request.headers.get("Content-Type", "").partition(";")[0]
        described = operation.spec.get("requestBody", {}).get("content", {}).get(media, {})
        if is_json(media):
            self._validate(msgspec.json.decode(request.content), described["schema"])
        if operation.spec.get("requestBody", {}).get("required"):
            assert media in operation.spec["requestBody"]["content"]
        if operation.scopes:
            assert request.headers["Authorization"].startswith("Bearer ")

    def _validate(self, body: Any, schema: dict[str, Any]) -> None:
        jsonschema_rs.validate(self._whole(schema), body)

    def _whole(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {**schema, "components": self.contract.raw["components"]}


def from_text(text: str, schema: dict[str, Any]) -> Any:
    """Return a parameter's text as a value of its schema."""
    is_text = schema.get("type", "string") == "string"
    return text if is_text else msgspec.json.decode(text.encode())


class PageClient(Client):
    """Django's client; every page it receives is checked for what holds on all of them."""

    def request(self, **request: Any) -> Any:
        """Pass through, and check."""
        response = super().request(**request)
        if response.get("Content-Type", "").startswith("text/html") and response.content:
            check_page(response.content.decode())
        return response


@pytest.fixture(autouse=True)
def _settings(settings, tmp_path_factory):
    """Keep a developer's own variables and files out of the tests."""
    settings.API_URL = "http://api.test"
    settings.PUBLIC_URL = "http://web.test"
    settings.TOKEN_AUDIENCE = "corner-shop-api"
    settings.DEVELOPMENT = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast
    settings.SIGNING_KEY_FILE = tmp_path_factory.getbasetemp() / "signing-key.pem"
    settings.STATIC_ROOT = tmp_path_factory.getbasetemp()
    settings.STORAGES = {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    keys.signing_key.cache_clear()
    tokens.store.clear()
    client.breaker = Breaker(on_change=client.log_change)
    client.retry_budget = RetryBudget()
    client.last_known = LastKnown()


@pytest.fixture
def api(monkeypatch) -> StubApi:
    stub = StubApi(pinned())
    monkeypatch.setattr(client, "pool", lambda: stub)
    return stub


@pytest.fixture
def make_user(db):
    def make(role: str) -> User:
        user = User.objects.create_user(f"{role}@example.com")
        user.groups.add(Group.objects.get(name=role))
        return user

    return make


@pytest.fixture
def editor(make_user) -> PageClient:
    client = PageClient()
    client.force_login(make_user("editors"))
    return client


@pytest.fixture
def viewer(make_user) -> PageClient:
    client = PageClient()
    client.force_login(make_user("viewers"))
    return client
