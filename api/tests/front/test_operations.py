"""Before the body the front checks what FastAPI would check: the token and the caller's limit."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, Security
from fastapi.responses import PlainTextResponse, StreamingResponse
from httpx2 import ASGITransport, AsyncClient

from app import contract
from app.front.addresses import Addresses
from app.front.bodies import BYTES_PER_SECOND, Body, BodyBounds, BodyMemory
from app.front.requests import FrontMiddleware, HeadMiddleware
from app.http.auth import PrincipalDep, bearer, requires
from app.http.caller_limit import LIMITED, CallerLimit
from app.http.problems import MEDIA_TYPE
from app.http.rate_limit import RateLimit
from app.http.scope import Principal
from app.main import create_app
from conftest import make_token
from tests.front.abuses import LENGTHS

pytestmark = pytest.mark.any_engine

WRITE = requires("notes:write")
CONTRACT_OPERATIONS = [
    (method, path)
    for path, operations in contract.pinned()["paths"].items()
    for method, operation in operations.items()
    if operation.get("security")
]
GOOD, NARROW = make_token(scope="notes:write"), make_token(scope="notes:read")


async def whoever() -> None: ...


async def caller(principal: PrincipalDep) -> Principal:
    return principal


def own_router(*dependencies):
    router = APIRouter(dependencies=dependencies)

    @router.post("/notes", status_code=201)
    async def create_note(note: dict[str, str]) -> dict[str, str]:
        return note

    return router


def parameter(app: FastAPI):
    @app.post("/notes", status_code=201)
    async def create_note(note: dict[str, str], principal: PrincipalDep) -> dict[str, str]:
        return note


def nested(app: FastAPI):
    outer = APIRouter(prefix="/a")
    outer.include_router(own_router(), prefix="/b", dependencies=[WRITE])
    app.include_router(outer, prefix="/c")


def mounted(app: FastAPI):
    inner = FastAPI()
    inner.state = app.state
    inner.include_router(own_router(WRITE))
    app.mount("/inner", inner)


def raw(app: FastAPI):
    @app.post("/notes", status_code=201, dependencies=[WRITE])
    async def create_note(request: Request) -> int:
        return len(await request.body())


# How an operation can come to want a token, and the path it then has.
DECLARED = {
    "at the operation": (lambda app: app.post("/notes", dependencies=[WRITE])(whoever_with_body),
                         "/notes"),
    "as a parameter": (parameter, "/notes"),
    "at the router": (lambda app: app.include_router(own_router(WRITE)), "/notes"),
    "at the inclusion": (lambda app: app.include_router(own_router(), dependencies=[WRITE]),
                         "/notes"),
    "at an inclusion within another": (nested, "/c/a/b/notes"),
    "with a prefix": (lambda app: app.include_router(own_router(WRITE), prefix="/v9"), "/v9/notes"),
    "in a dependency of a dependency": (lambda app: app.include_router(own_router(Depends(caller))),
                                        "/notes"),
    "with the scope of a dependency above it": (
        lambda app: app.include_router(own_router(Security(caller, scopes=["notes:write"]))),
        "/notes"),
    "in a sub-application": (mounted, "/inner/notes"),
    "where the handler reads the body": (raw, "/notes"),
}  # fmt: skip


async def whoever_with_body(note: dict[str, str]) -> dict[str, str]:
    return note


class Sent:
    """A body that tells whether it was read."""

    def __init__(self) -> None:
        self.read = False

    async def __aiter__(self):
        self.read = True
        yield b'{"text":"x"}'


async def send(app, path, token="", content=b'{"text":"x"}', method="POST", **headers):
    headers = {"Content-Type": "application/json", **headers}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://api.test") as client:
        return await client.request(method, path, content=content, headers=headers)


@pytest.fixture
def own(settings):
    """An application of the test's own."""
    return create_app(settings)


WITHOUT_SCOPE = ("as a parameter", "in a dependency of a dependency")
REFUSED = [
    (where, token, status)
    for where in DECLARED
    for token, status in (("", 401), ("a.b.c", 401), (NARROW, 403))
    if status != 403 or where not in WITHOUT_SCOPE
]


@pytest.mark.parametrize(("where", "token", "status"), REFUSED)
async def test_the_token_comes_before_the_body_wherever_it_is_declared(
    own, where, token, status, record_property
):
    declare, path = DECLARED[where]
    declare(own)
    body = Sent()

    response = await send(own, path, token, body)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert not body.read
    record_property("ways to declare a token, and tokens", 1)


@pytest.mark.parametrize("where", DECLARED)
async def test_with_the_token_the_operation_answers(own, where):
    declare, path = DECLARED[where]
    declare(own)

    assert (await send(own, path, GOOD)).is_success


@pytest.mark.parametrize("where", ["at the operation", "at the inclusion", "as a parameter"])
async def test_an_overridden_token_is_not_asked_for(own, where):
    declare, path = DECLARED[where]
    declare(own)
    own.dependency_overrides[bearer] = lambda: Principal("ann", "tests", frozenset(), 0)

    assert (await send(own, path)).is_success


async def test_an_override_above_the_token_counts_as_well(own):
    DECLARED["in a dependency of a dependency"][0](own)
    own.dependency_overrides[caller] = whoever

    assert (await send(own, "/notes")).is_success


async def test_an_override_of_anything_else_does_not(own):
    DECLARED["at the operation"][0](own)
    own.dependency_overrides[whoever] = whoever

    assert (await send(own, "/notes")).status_code == 401


async def test_an_operation_without_a_token_is_left_alone(own):
    own.include_router(own_router())

    assert (await send(own, "/notes")).status_code == 201
    assert (await send(own, "/notes", content=b"{")).status_code == 422


async def test_no_json_is_parsed_for_who_has_no_token(own):
    DECLARED["at the operation"][0](own)

    assert (await send(own, "/notes", content=b"{")).status_code == 401
    assert (await send(own, "/notes", GOOD, content=b"{")).status_code == 422


async def within(_: Annotated[None, LIMITED]) -> None: ...


def limited_parameter(app: FastAPI):
    @app.post("/notes", status_code=201, dependencies=[WRITE])
    async def create_note(note: dict[str, str], _: Annotated[None, LIMITED]) -> dict[str, str]:
        return note


def limited_mounted(app: FastAPI):
    inner = FastAPI()
    inner.state = app.state
    inner.include_router(own_router(WRITE, LIMITED))
    app.mount("/inner", inner)


def limited_app(app: FastAPI):
    inner = FastAPI(dependencies=[LIMITED])
    inner.state = app.state
    inner.include_router(own_router(WRITE))
    app.mount("/inner", inner)


# How an operation can come to have a limit for each caller, and the path it then has.
LIMITS = {
    "at the operation": (
        lambda app: app.post("/notes", dependencies=[WRITE, LIMITED])(whoever_with_body), "/notes"),
    "before the token": (
        lambda app: app.post("/notes", dependencies=[LIMITED, WRITE])(whoever_with_body), "/notes"),
    "alone": (lambda app: app.include_router(own_router(LIMITED)), "/notes"),
    "at the router": (lambda app: app.include_router(own_router(WRITE, LIMITED)), "/notes"),
    "at the inclusion": (
        lambda app: app.include_router(own_router(WRITE), dependencies=[LIMITED]), "/notes"),
    "at every level": (
        lambda app: app.include_router(own_router(WRITE, LIMITED), dependencies=[LIMITED]),
        "/notes"),
    "with another limit in its place": (
        lambda app: app.include_router(own_router(WRITE, Depends(CallerLimit()))), "/notes"),
    "as a parameter": (limited_parameter, "/notes"),
    "in a dependency of a dependency": (
        lambda app: app.include_router(own_router(WRITE, Depends(within))), "/notes"),
    "with scopes": (
        lambda app: app.include_router(
            own_router(Security(LIMITED.dependency, scopes=["notes:write"]))), "/notes"),
    "with no cache": (
        lambda app: app.include_router(
            own_router(WRITE, LIMITED, Depends(LIMITED.dependency, use_cache=False))), "/notes"),
    "in a sub-application": (limited_mounted, "/inner/notes"),
    "at the application": (limited_app, "/inner/notes"),
}  # fmt: skip


@pytest.mark.parametrize("where", LIMITS)
async def test_a_request_takes_one_from_the_quota_and_a_spent_one_comes_before_the_body(
    own, where, record_property
):
    declare, path = LIMITS[where]
    declare(own)
    own.state.rate_limit = RateLimit(2)
    body = Sent()

    answers = [await send(own, path, GOOD) for _ in range(2)]
    refused = await send(own, path, GOOD, body)

    assert [answer.is_success for answer in answers] == [True, True]
    assert refused.status_code == 429
    assert not body.read
    record_property("ways to declare a limit for each caller", 1)


@pytest.mark.parametrize("where", LIMITS)
async def test_a_wrong_token_takes_nothing_from_the_quota(own, where):
    declare, path = LIMITS[where]
    declare(own)
    own.state.rate_limit = RateLimit(1)

    assert (await send(own, path, "a.b.c")).status_code == 401
    assert (await send(own, path, GOOD)).is_success


async def test_an_operation_without_a_limit_takes_nothing(own):
    DECLARED["at the operation"][0](own)
    own.state.rate_limit = RateLimit(1)

    assert all([(await send(own, "/notes", GOOD)).is_success for _ in range(3)])


async def test_where_the_token_is_overridden_no_quota_is_asked(own):
    LIMITS["at the inclusion"][0](own)
    own.state.rate_limit = RateLimit(1)
    own.dependency_overrides[bearer] = lambda: Principal("ann", "tests", frozenset(), 0)

    assert all([(await send(own, "/notes")).is_success for _ in range(3)])


async def test_an_overridden_limit_takes_nothing_and_the_token_is_still_wanted(own):
    LIMITS["at the inclusion"][0](own)
    own.state.rate_limit = RateLimit(1)
    own.dependency_overrides[LIMITED.dependency] = whoever

    assert all([(await send(own, "/notes", GOOD)).is_success for _ in range(3)])
    assert (await send(own, "/notes")).status_code == 401


@pytest.fixture
def taken(app):
    """The callers from whose quota one was taken, in order."""
    callers: list[str] = []

    class Counting(RateLimit):
        async def take(self, caller: str) -> None:
            callers.append(caller)

    before, app.state.rate_limit = app.state.rate_limit, Counting(0)
    yield callers
    app.state.rate_limit = before


async def test_no_operation_of_the_contract_takes_more_than_one(app, empty, taken, record_property):
    """Also where several of its dependencies ask who calls."""
    for method, template in CONTRACT_OPERATIONS:
        taken.clear()
        path = template.replace("{", "0").replace("}", "0")
        content = b"{}" if method in ("post", "put", "patch") else b""

        await send(app, path, make_token(), content, method.upper())

        assert len(taken) == 1, (method, template)
    record_property("operations that take one from the quota", len(CONTRACT_OPERATIONS))


def reading(app: FastAPI) -> None:
    """Add a middleware that reads every body before an operation is chosen."""

    @app.middleware("http")
    async def read(request: Request, call_next: Any) -> Any:
        await request.body()
        return await call_next(request)


@pytest.mark.parametrize("where", DECLARED)
async def test_the_token_comes_before_the_json_of_a_body_that_a_middleware_has_read(own, where):
    declare, path = DECLARED[where]
    declare(own)
    reading(own)

    assert (await send(own, path, content=b"{")).status_code == 401
    assert (await send(own, path, GOOD)).is_success


async def test_a_middleware_reads_no_more_than_the_front_allows(settings):
    own = create_app(settings.model_copy(update={"max_body_bytes": 1024}))
    DECLARED["at the operation"][0](own)
    reading(own)

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b" " * 512
        raise AssertionError("read beyond the limit")

    assert (await send(own, "/notes", GOOD, parts())).status_code == 413


async def test_the_room_of_a_body_is_given_back_to_who_took_it(own, monkeypatch):
    room = BodyMemory(1000)
    monkeypatch.setattr("app.front.bodies.SMALL_BYTES", 0)
    monkeypatch.setattr("app.main.BodyMemory", lambda total: room)
    DECLARED["at the operation"][0](own)
    reading(own)

    assert (await send(own, "/notes", GOOD)).is_success
    assert not room.held


class Copying:
    """A middleware that hands on a scope of its own, as plain ASGI allows."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app({**scope, "mine": 1}, receive, send)


@pytest.mark.parametrize("content", [b"", b'{"text":"x"}'], ids=["no body", "body"])
async def test_who_has_a_token_is_not_limited_by_address_behind_a_copied_scope(
    settings, content, caplog
):
    own = create_app(settings.model_copy(update={"unauthenticated_rate_limit_per_minute": 1}))
    own.include_router(own_router(WRITE))
    own.add_middleware(Copying)
    method, path = ("POST", "/notes") if content else ("GET", "/v1/identity")

    with caplog.at_level("INFO", "app.access"):
        answers = [await send(own, path, GOOD, content, method) for _ in range(3)]
        refused = [await send(own, path, "", content, method) for _ in range(2)]

    assert all(answer.is_success for answer in answers)
    assert [answer.status_code for answer in refused] == [401, 429]
    assert [record.fields["caller"] for record in caplog.records][:3] == ["tester"] * 3
    assert caplog.records[0].fields["route"] == path


def short(app: FastAPI, where: str):
    """Add an operation whose body is limited to 20 bytes somewhere."""
    limits: dict[str, Any] = {where: {"max_body_size": 20}}
    routes = APIRouter(**limits.get("the router", {}))

    @routes.post("/notes", **limits.get("the operation", {}))
    async def create_note(note: dict[str, str]):
        return note

    app.max_body_size = 20 if where == "the application" else None
    app.include_router(routes, **limits.get("the inclusion", {}))


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
@pytest.mark.parametrize(
    "where", ["the application", "the router", "the inclusion", "the operation"]
)
async def test_fastapi_s_own_limit_of_a_body_is_answered_as_a_problem(own, where, announced):
    short(own, where)
    content = b'{"text":"' + b"x" * 20 + b'"}'

    async def parts() -> AsyncIterator[bytes]:
        yield content

    answer = await send(own, "/notes", content=content if announced else parts())

    assert (answer.status_code, answer.headers["content-type"]) == (413, MEDIA_TYPE)
    assert answer.json()["type"] == "/problems/too-large"
    assert (await send(own, "/notes")).is_success


async def test_an_operation_s_own_words_about_a_body_are_left_alone(own):
    @own.post("/notes")
    async def refuse():
        return PlainTextResponse("Too long for me", 413)

    assert (await send(own, "/notes")).text == "Too long for me"


END: dict[str, object] = {"type": "http.request", "body": b"", "more_body": False}
PART: dict[str, object] = {"type": "http.request", "body": b" " * 60, "more_body": True}
BROKEN: dict[str, tuple[list[dict[str, object]], int]] = {
    "too large": ([PART, PART], 413),
    "cut off": ([PART, {"type": "http.disconnect"}], 499),
    "not begun": ([{"type": "http.disconnect"}], 499),
    "late": ([PART], 408),
}


@pytest.mark.parametrize("how", BROKEN)
async def test_a_body_that_is_not_whole_reaches_no_handler(how):
    """Also when the handler would have taken any failure for an empty body."""
    messages, status = BROKEN[how]
    seen, said = [], []
    app = FastAPI()
    bounds = BodyBounds(max_bytes=100, seconds=0.05, room=BodyMemory(10**6))
    app.add_middleware(FrontMiddleware, bodies=bounds, addresses=Addresses(0, 0), unlimited=[])

    @app.post("/notes")
    async def create_note(request: Request) -> None:
        try:
            seen.append(await request.body())
        except Exception:
            return

    left: Iterator[dict[str, object]] = iter(messages)

    async def receive():
        if message := next(left, None):
            return message
        await asyncio.Event().wait()
        raise AssertionError("nothing more comes")

    async def say(message):
        said.append(message)

    headers = [(b"host", b"api.test"), (b"transfer-encoding", b"chunked")]
    scope = {"type": "http", "http_version": "1.1", "method": "POST", "path": "/notes"}
    await app(scope | {"headers": headers, "query_string": b"", "client": ("a", 1)}, receive, say)

    assert [m["status"] for m in said if m["type"] == "http.response.start"] == [status]
    assert seen == []


async def say_nothing(_: object) -> None: ...


async def test_who_sends_fast_enough_is_not_late():
    """Each part of a body gives the time that it may take."""
    parts = [{"type": "http.request", "body": b" " * BYTES_PER_SECOND * 60, "more_body": True}, END]

    async def receive():
        if len(parts) == 1:
            await asyncio.sleep(0.2)  # longer than a body without a part has
        return parts.pop(0)

    bounds = BodyBounds(max_bytes=10**8, seconds=0.05, room=BodyMemory(10**8))
    body = Body(bounds, {"type": "http", "headers": []}, receive, say_nothing, "192.0.2.1")

    assert len((await body.receive())["body"]) == BYTES_PER_SECOND * 60


@pytest.mark.parametrize("length", LENGTHS)
async def test_a_length_that_is_no_number_is_400_whatever_the_server_lets_through(own, length):
    DECLARED["at the operation"][0](own)

    response = await send(own, "/notes", GOOD, **{"Content-Length": length.decode()})

    assert response.status_code == 400


def test_half_of_the_room_is_one_caller_s():
    room = BodyMemory(100)
    room.take("ann", 50)
    with pytest.raises(Exception, match="large requests"):
        room.take("ann", 1)
    room.take("bob", 50)
    with pytest.raises(Exception, match="large requests"):
        room.take("eve", 1)

    room.give_back("ann", 50)
    room.give_back("bob", 50)

    assert not room.held


def gets(app):
    """Return the paths of every GET operation of the document, and those beside it."""
    paths = app.openapi()["paths"]
    found = [path for path, operations in paths.items() if "get" in operations]
    return [*found, "/docs", "/docs/start.js", "/docs/assets/swagger-ui.css", "/openapi.json"]


async def test_head_is_get_without_a_body_for_every_operation(app, empty, record_property):
    token = make_token()
    for template in gets(app):
        path = template.replace("{", "0").replace("}", "0")
        got = await send(app, path, token, b"", "GET")
        headed = await send(app, path, token, b"", "HEAD")

        assert headed.status_code == got.status_code, path
        assert headed.content == b""
        varying = {"traceparent", "content-length"} if got.is_error else {"traceparent"}
        assert {k: v for k, v in headed.headers.items() if k not in varying} == {
            k: v for k, v in got.headers.items() if k not in varying
        }
        if etag := got.headers.get("etag"):
            headers = {"If-None-Match": etag}
            assert (await send(app, path, token, b"", "HEAD", **headers)).status_code == 304
    record_property("GET operations that HEAD is held to", len(gets(app)))


async def test_an_operation_that_takes_head_itself_gets_it(own):
    seen = []

    async def remember(request: Request) -> None:
        seen.append(request.method)

    own.get("/own")(remember)
    own.head("/own")(remember)

    assert (await send(own, "/own", method="HEAD", content=b"")).status_code == 200
    assert seen == ["HEAD"]


async def test_head_of_a_stream_has_no_body():
    app = FastAPI()
    app.add_middleware(HeadMiddleware)

    @app.get("/few")
    async def read_few() -> StreamingResponse:
        async def count() -> AsyncIterator[str]:
            for _ in range(3):
                yield "x"

        return StreamingResponse(count())

    response = await send(app, "/few", method="HEAD", content=b"")

    assert response.status_code == 200
    assert response.content == b""


@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS", "TRACE"])
async def test_allow_names_head_beside_get(app, method):
    response = await send(app, "/v1/identity", make_token(), b"", method)

    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_no_slash_is_added_or_taken_away(app, empty, record_property):
    """A redirect would name whatever host the caller sent."""
    paths = [path for path in gets(app) if "/assets/" not in path]  # files have their own rules
    for template in paths:
        path = template.replace("{", "0").replace("}", "0")
        response = await send(app, f"{path}/", make_token(), b"", "GET", Host="evil.test")

        assert response.status_code == 404, path
        assert "location" not in response.headers
    record_property("paths with a slash too many", len(paths))
