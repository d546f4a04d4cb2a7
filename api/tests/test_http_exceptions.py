"""An HTTPException is answered as FastAPI would, as a problem; any other exception is a bug's 500.

What FastAPI says without our handlers is the measure: status, words and headers.
"""

import asyncio
import builtins
import itertools
import json
import logging
import smtplib
import socket
import sqlite3
import ssl
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import APIRouter as PlainRouter
from fastapi import Depends, FastAPI, HTTPException, Request, security
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException as StarletteHTTPException

from app.http import exception_handlers
from app.http.problems import MEDIA_TYPE, Conflict, has_body
from app.http.routing import APIRouter
from app.main import create_app
from app.operations.logging import JsonFormatter
from app.settings import Settings

STATUSES = [
    204, 205, 300, 301, 304, 307, 308, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 412, 413,
    415, 418, 422, 423, 424, 425, 426, 428, 429, 451, 499, 500, 501, 502, 503, 504, 507, 511, 599,
]  # fmt: skip
DETAILS: list[Any] = [
    "my own words", "", "Größe 😀", None, {"code": "x", "why": [1]}, {}, [{"a": 1}, "b"], [], 7,
]  # fmt: skip
HEADERS: list[Any] = [
    None,
    {},
    {"WWW-Authenticate": 'Basic realm="x"', "X-Mine": "1"},
    {"Retry-After": "7", "cache-control": "max-age=1"},
    {"Location": "/elsewhere", "Allow": "GET"},
    {"Content-Type": "text/plain", "X-Mine": "ä"},
    Headers(raw=[(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]),
]
NOT_COMPARED = ("content-type", "content-length")
SOME = (
    4  # without --long, each fourth pair; so each status, each detail and each exception is there
)


async def ask(app: Any, path: str, **options: Any) -> httpx2.Response:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://api.test") as client:
        return await client.request(options.pop("method", "GET"), path, **options)


def both(router: PlainRouter, prefix: str = "") -> tuple[FastAPI, FastAPI]:
    """Return FastAPI as it is, and our application, with the same routes."""
    own, ours = FastAPI(), create_app(Settings(_env_file=None))
    for app in (own, ours):
        app.include_router(router, prefix=prefix)
    return own, ours


def assert_same(own: httpx2.Response, ours: httpx2.Response) -> None:
    """The status, headers and words are FastAPI's; the form is a problem's."""
    assert ours.status_code == own.status_code
    theirs = [item for item in own.headers.multi_items() if item[0] not in NOT_COMPARED]
    assert [item for item in theirs if item not in ours.headers.multi_items()] == []
    if not has_body(own.status_code):
        assert ours.content == b""
        return
    assert ours.headers.get_list("content-type") == [MEDIA_TYPE]
    problem, detail = ours.json(), own.json()["detail"]
    assert problem["status"] == own.status_code
    assert isinstance(problem["detail"], str)
    assert (
        problem["detail"] if isinstance(detail, str) else json.loads(problem["detail"])
    ) == detail
    assert problem.keys() >= {"type", "title", "instance", "trace_id"}


@pytest.mark.parametrize("kind", [HTTPException, StarletteHTTPException], ids=["own", "Starlette"])
@pytest.mark.parametrize("router", [PlainRouter, APIRouter], ids=["plain", "fast path"])
async def test_every_status_word_and_header_is_kept(kind, router, long, record_property):
    cells = [
        (status, detail, HEADERS[(row + column) % len(HEADERS)])
        for row, status in enumerate(STATUSES)
        for column, detail in enumerate(DETAILS)
        if long or (row + column) % SOME == 0
    ]

    async def fail(cell: int) -> None:
        raise kind(*cells[cell])

    routes = router()
    routes.add_api_route("/raise/{cell}", fail)

    own, ours = both(routes, "/x")
    for number in range(len(cells)):
        path = f"/x/raise/{number}"
        assert_same(await ask(own, path), await ask(ours, path))
    record_property("HTTPExceptions kept as FastAPI has them", len(cells))


def at_many_places(raising: Callable[[], Any]) -> tuple[PlainRouter, list[str]]:
    """Return a router that calls it at each place of a request where the framework looks."""
    router = APIRouter()

    async def fail() -> None:
        raising()

    def fail_in_a_thread() -> None:
        raising()

    async def above(_: Annotated[None, Depends(fail)]) -> None: ...

    class Class:
        def __init__(self) -> None:
            raising()

    async def nothing() -> None: ...

    router.add_api_route("/handler", fail)
    router.add_api_route("/handler-thread", fail_in_a_thread)
    before, after, around = yielding(raising)
    places: list[Any] = [fail, fail_in_a_thread, above, Class, before, after]
    for place in places:
        depends = Depends(place, scope="function" if place.__name__ == "after" else None)
        router.add_api_route(f"/{place.__name__}", nothing, dependencies=[depends])
    router.add_api_route("/around", fail, dependencies=[Depends(around)])
    return router, [getattr(route, "path") for route in router.routes]  # noqa: B009


def yielding(raising: Callable[[], Any]) -> list[Callable[[], AsyncIterator[None]]]:
    async def before() -> AsyncIterator[None]:
        raising()
        yield

    async def after() -> AsyncIterator[None]:
        yield
        raising()

    async def around() -> AsyncIterator[None]:
        try:
            yield
        except Exception:
            raising()

    return [before, after, around]


@pytest.mark.parametrize("status", [304, 307, 401, 404, 409, 500, 503])
async def test_it_does_not_matter_where_it_is_raised(status, record_property):
    def fail() -> None:
        raise HTTPException(status, "my own words", {"X-Mine": "1"})

    router, paths = at_many_places(fail)
    own, ours = both(router, "/x")
    for path in paths:
        assert_same(await ask(own, f"/x{path}"), await ask(ours, f"/x{path}"))
    record_property("HTTPExceptions kept as FastAPI has them", len(paths))


@pytest.mark.parametrize("outside", [True, False], ids=["outside", "inside"])
@pytest.mark.parametrize(
    ("error", "status"),
    [(HTTPException(418, "my own words", {"X-Mine": "1"}), 418), (Conflict("my own words"), 409)],
    ids=["HTTPException", "Problem"],
)
async def test_a_middleware_may_raise_it_too(error, status, outside):
    async def dispatch(request: Request, call_next: Any) -> Any:
        raise error

    app = create_app(Settings(_env_file=None))
    app.middleware("http")(dispatch)  # FastAPI puts it outside of all others
    if not outside:
        app.user_middleware.append(app.user_middleware.pop(0))

    answer = await ask(app, "/health/live")

    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)
    assert answer.json()["detail"] == "my own words"


async def test_a_mounted_application_answers_in_the_same_way():
    def fail() -> None:
        raise HTTPException(401, "my own words", {"WWW-Authenticate": "Basic"})

    router, paths = at_many_places(fail)
    app, below = create_app(Settings(_env_file=None)), FastAPI()
    exception_handlers.install(below)
    below.include_router(router)
    app.mount("/below", below)

    for path in paths:
        answer = await ask(app, f"/below{path}")
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Basic")
        assert answer.headers["content-type"] == MEDIA_TYPE
        assert answer.json()["detail"] == "my own words"
        assert answer.json()["instance"] == f"/below{path}"


SCHEMES: dict[str, Any] = {
    "basic": security.HTTPBasic(), "basic realm": security.HTTPBasic(realm="shop"),
    "bearer": security.HTTPBearer(), "digest": security.HTTPDigest(),
    "header": security.APIKeyHeader(name="x-key"), "query": security.APIKeyQuery(name="key"),
    "cookie": security.APIKeyCookie(name="key"),
    "password": security.OAuth2PasswordBearer(tokenUrl="token"),
    "code": security.OAuth2AuthorizationCodeBearer(authorizationUrl="a", tokenUrl="token"),
    "openid": security.OpenIdConnect(openIdConnectUrl="/openid"),
}  # fmt: skip
CREDENTIALS = [
    "",
    "Basic",
    "Basic !",
    "Basic YQ==",
    "Bearer",
    "Bearer t",
    "Digest x",
    "x",
    "Other y",
]


@pytest.mark.parametrize("name", SCHEMES)
async def test_a_failure_of_a_security_scheme_is_kept(name, record_property):
    router = APIRouter()

    @router.get("/who")
    async def who(it: Annotated[Any, Depends(SCHEMES[name])]) -> Any:
        return repr(it)

    own, ours = both(router)
    for value in CREDENTIALS:
        headers = {"authorization": value} if value else {}
        answers = [await ask(app, "/who", headers=headers) for app in (own, ours)]
        if answers[0].is_success:
            assert answers[0].content == answers[1].content
        else:
            assert_same(*answers)
            assert "www-authenticate" in answers[1].headers
    record_property("answers of security schemes kept as FastAPI has them", len(CREDENTIALS))


def made(kind: type[Exception]) -> Exception | None:
    """Return an exception of this class; None if it cannot be made of a few words."""
    arguments = [("secret words",), (), (2, "secret words"), ("a", [ValueError("secret words")])]
    arguments += [("utf-8", b"a", 0, 1, "secret words"), ("utf-8", "a", 0, 1, "secret words")]  # type: ignore[list-item]
    for each in arguments:
        try:
            return kind(*each)
        except TypeError:
            continue
    return None


def below(kind: type[Exception]) -> set[type[Exception]]:
    return {kind}.union(*(below(each) for each in kind.__subclasses__()))


UNEXPECTED = {
    f"{kind.__module__}.{kind.__name__}": kind
    for kind in [
        *(each for each in vars(builtins).values() if isinstance(each, type)),
        *below(smtplib.SMTPException), *below(sqlite3.Error), socket.gaierror, socket.herror,
        ssl.SSLError, ssl.SSLZeroReturnError, httpx2.ConnectError, asyncio.InvalidStateError,
        asyncio.IncompleteReadError, asyncio.QueueFull, json.JSONDecodeError,
    ]
    if issubclass(kind, Exception) and made(kind)
}  # fmt: skip


async def test_anything_else_is_500_and_a_traceback_in_the_log(caplog, long, record_property):
    kind: type[Exception] = Exception

    def fail_on_purpose() -> None:
        error = made(kind)
        assert error is not None
        raise error

    router, paths = at_many_places(fail_on_purpose)
    _, ours = both(router, "/x")
    pairs = itertools.product(enumerate(UNEXPECTED.values()), enumerate(paths))
    cells = [(each, path) for (i, each), (j, path) in pairs if long or (i + j) % SOME == 0]
    for kind, path in cells:
        caplog.clear()
        answer = await ask(ours, f"/x{path}")

        assert (answer.status_code, answer.headers["content-type"]) == (500, MEDIA_TYPE), kind
        assert answer.json()["type"] == "/problems/internal"
        assert "secret words" not in answer.text
        (logged,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
        exception = json.loads(JsonFormatter().format(logged))["exception"]
        assert "in fail_on_purpose" in exception, kind
    record_property("unexpected exceptions, 500 and logged", len(cells))


async def test_a_stack_that_overflows_is_500():
    def deeper(depth: int) -> int:
        return deeper(depth + 1) + 1

    router, paths = at_many_places(lambda: deeper(0))
    _, ours = both(router)

    assert {(await ask(ours, path)).status_code for path in paths} == {500}


async def test_the_log_shows_every_exception_of_a_group(caplog):
    def inner() -> None:
        raise ValueError("one of them")

    async def fail() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.to_thread(inner))

    router = APIRouter()
    router.add_api_route("/group", fail)
    _, ours = both(router)
    answer = await ask(ours, "/group")

    assert answer.status_code == 500
    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert any("in inner" in line and "one of them" in line for line in lines)


async def test_a_message_that_no_utf_8_can_send_is_still_logged(caplog):
    async def fail() -> None:
        raise ValueError("half a pair: \ud800")

    router = APIRouter()
    router.add_api_route("/half", fail)
    _, ours = both(router)

    assert (await ask(ours, "/half")).status_code == 500
    assert any("half a pair" in JsonFormatter().format(record) for record in caplog.records)


async def test_words_that_no_utf_8_can_send_are_escaped():
    async def fail() -> None:
        raise HTTPException(400, "half a pair: \ud800")

    router = APIRouter()
    router.add_api_route("/half", fail)
    _, ours = both(router)
    answer = await ask(ours, "/half")

    assert answer.status_code == 400
    assert answer.json()["detail"] == "half a pair: \ud800"


BROKEN = {
    "not JSON": b"{", "no UTF-8": b'"\xff"', "too deep": b"[" * 100_000,
    "a number too long": b"9" * 5_000,
}  # fmt: skip


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("router", [PlainRouter, APIRouter], ids=["plain", "fast path"])
async def test_a_body_that_cannot_be_read_is_422_with_a_pointer(body, router):
    async def take(body: dict[str, Any]) -> Any:
        return body

    routes = router()
    routes.add_api_route("/body", take, methods=["POST"])

    _, ours = both(routes)
    headers = {"content-type": "application/json"}
    answer = await ask(ours, "/body", method="POST", content=body, headers=headers)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#"


async def test_the_same_words_of_a_handler_are_no_body_that_cannot_be_read():
    router = APIRouter()

    @router.post("/body")
    async def take(body: dict[str, Any]) -> Any:
        try:
            int("x")
        except ValueError as error:
            raise HTTPException(400, "There was an error parsing the body") from error

    own, ours = both(router)
    answers = [await ask(app, "/body", method="POST", json={}) for app in (own, ours)]

    assert_same(*answers)


async def test_a_name_that_no_utf_8_can_send_is_422():
    router = APIRouter()

    @router.post("/body")
    async def take(body: dict[str, int]) -> Any:
        return body

    _, ours = both(router)
    headers = {"content-type": "application/json"}
    body = b'{"\\ud800": "x"}'
    answer = await ask(ours, "/body", method="POST", content=body, headers=headers)

    assert answer.status_code == 422
