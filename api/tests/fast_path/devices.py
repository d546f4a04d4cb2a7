"""FastAPI's devices, each a function that declares routes, and the requests that try it.

After a request come its details and whether the fast path is meant to take it (True unless it says
otherwise), so that no comparison is an empty one. ``on.note`` writes down what ran, in its order.
"""

import functools
import gzip
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

from fastapi import (
    APIRouter,
    BackgroundTasks,
    Body,
    Cookie,
    Depends,
    FastAPI,
    File,
    Form,
    Header,
    HTTPException,
    Path,
    Query,
    Request,
    Response,
    Security,
    UploadFile,
)
from fastapi.exceptions import RequestValidationError
from fastapi.requests import HTTPConnection
from fastapi.responses import PlainTextResponse, RedirectResponse, StreamingResponse
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBasic, OAuth2PasswordBearer, SecurityScopes
from pydantic import AfterValidator, AliasChoices, BaseModel, Field, Json, model_validator
from starlette.middleware.base import BaseHTTPMiddleware

from app.fast import FastRoute
from tests.fast_path.comparison import Make, plain

JSON = {"content-type": "application/json"}
SILENT: Any = {"tracing": False, "metrics": False, "logs": False}


class Trial(NamedTuple):
    """A request, and whether the fast path is meant to take it."""

    target: str
    details: dict[str, Any]
    fast: bool


class On(NamedTuple):
    """What a device is declared on."""

    app: FastAPI
    make: Make
    router: APIRouter
    note: Callable[[Any], None]


DEVICES: dict[str, tuple[Callable[[On], None], list[Trial]]] = {}


def device(*requests: Any) -> Callable[[Callable[[On], None]], Callable[[On], None]]:
    """Register a device; a request is ``"GET /path"``, or that, its details and ``fast``."""

    def register(function: Callable[[On], None]) -> Callable[[On], None]:
        trials = []
        for each in requests:
            target, *rest = each if isinstance(each, tuple) else (each,)
            details = next((x for x in rest if isinstance(x, dict)), {})
            trials.append(
                Trial(target, details, next((x for x in rest if isinstance(x, bool)), True))
            )
        DEVICES[function.__name__] = function, trials
        return function

    return register


class Item(BaseModel):
    """A body."""

    name: Annotated[str, Field(min_length=1)]
    count: int = 1


class Colour(Enum):
    """A choice."""

    RED = "red"


# --- Parameters ---------------------------------------------------------------------------------


@device(
    "GET /q?a=1",
    "GET /q?a=1&b=x&c=red&d=two&e=true&f=2026-01-02T03:04:05Z&g=5",
    "GET /q?a=1&a=2",
    "GET /q?a=1&b=",
    "GET /q?a=%31&b=%C3%A9",
    "GET /q?a=1&unknown=1",
    ("GET /q", False),
    ("GET /q?a=", False),
    ("GET /q?a=x", False),
    ("GET /q?a=1&c=blue", False),
    ("GET /q?a=1&g=11", False),
    ("GET /q?a=1&d=three&c=blue", False),
    ("GET /q?A=1", False),
)
def query(on: On) -> None:
    @on.router.get("/q")
    async def q(
        a: int,
        b: str | None = None,
        c: Colour = Colour.RED,
        d: Literal["one", "two"] = "one",
        e: bool = False,
        f: datetime | None = None,
        g: Annotated[int, Query(ge=1, le=10)] = 3,
    ) -> Any:
        return {"all": repr((a, b, c, d, e, f, g))}

    on.app.include_router(on.router)


@device(
    "GET /other?bee=1",
    ("GET /other?b=1", False),
    ("GET /list?a=1&a=2", False),
    "GET /model?a=1&b=2",
    "GET /model?a=1&a=2",
    ("GET /model?a=1&c=2", False),
    ("GET /model?b=1", False),
    ("GET /model?a=x", False),
    ("GET /strict-model?a=1&c=2", False),
    "GET /strict-model?a=1",
    ("GET /optional-model?a=1", False),
    ("GET /list-model?a=1&a=2", False),
    ("GET /renamed-model?ay=1", False),
    "GET /beside-model?a=1",
    ("GET /beside-model?a=1&other=2", False),
    "GET /seen-by-model?a=1",
    ("GET /seen-by-model?a=1&c=2", False),
    ("GET /json?a=1", False),
    ("GET /choices?two=1", False),
    ("GET /made", False),
    ("GET /mutable", False),
    ("GET /checked", False),
    "GET /own?a=2",
    ("GET /own?a=3", False),
)
def query_of_other_kinds(on: On) -> None:
    class Model(BaseModel):
        a: int
        b: int = 0

    class Even(int):
        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
            return handler(int)

    def even(value: int) -> int:
        if value % 2:
            raise ValueError("odd")
        return value * 10

    router = on.router

    @router.get("/other")
    async def other(b: Annotated[int, Query(alias="bee")]) -> Any:
        return b

    @router.get("/list")
    async def several(a: Annotated[list[int], Query()]) -> Any:
        return a

    @router.get("/model")
    async def model(a: Annotated[Model, Query()]) -> Any:
        return a

    class StrictModel(Model):
        model_config = {"extra": "forbid"}

    class ListModel(BaseModel):
        a: list[int]

    class RenamedModel(BaseModel):
        a: int = Field(alias="ay")

    class SeenByModel(Model):
        seen: int = 0

        @model_validator(mode="before")
        @classmethod
        def count(cls, values: Any) -> Any:
            return {**values, "seen": len(values)}

    @router.get("/strict-model")
    async def strict_model(a: Annotated[StrictModel, Query()]) -> Any:
        return a

    @router.get("/optional-model")
    async def optional_model(a: Annotated[Model | None, Query()] = None) -> Any:
        return a

    @router.get("/list-model")
    async def list_model(a: Annotated[ListModel, Query()]) -> Any:
        return a

    @router.get("/renamed-model")
    async def renamed_model(a: Annotated[RenamedModel, Query()]) -> Any:
        return a

    @router.get("/beside-model")
    async def beside_model(a: Annotated[Model, Query()], other: int = 1) -> Any:
        return [a, other]

    @router.get("/seen-by-model")
    async def seen_by_model(a: Annotated[SeenByModel, Query()]) -> Any:
        return [a, sorted(a.model_fields_set)]

    @router.get("/json")
    async def as_json(a: Annotated[Json[int], Query()]) -> Any:
        return a

    @router.get("/choices")
    async def choices(a: Annotated[int, Query(validation_alias=AliasChoices("one", "two"))]) -> Any:
        return a

    @router.get("/made")
    async def made(a: Annotated[int, Query(default_factory=lambda: 4)]) -> Any:
        return a

    @router.get("/mutable")
    async def mutable(a: Annotated[list[int], Query()] = [1]) -> Any:  # noqa: B006
        a.append(2)
        return a

    @router.get("/checked")
    async def checked(a: Annotated[int, Query(validate_default=True)] = "7") -> Any:  # type: ignore[assignment]
        return a + 1

    @router.get("/own")
    async def own(a: Annotated[int, AfterValidator(even)]) -> Any:
        return a

    on.app.include_router(router)


@device(
    ("GET /h", {"headers": {"x-one": "1"}}),
    ("GET /h", {"headers": [("x-one", "1"), ("x-one", "2")]}),
    ("GET /h", {"headers": {"x-one": "1", "two": "b"}}),
    ("GET /h", {"headers": {"x_one": "1"}}, False),
    ("GET /h", False),
    ("GET /hs", {"headers": [("x-many", "1"), ("x-many", "2")]}, False),
    ("GET /c", {"headers": {"cookie": "a=1; b=2"}}),
    ("GET /c", {"headers": {"cookie": "b=2"}}, False),
    ("GET /key", {"headers": {"x-key": "k"}}),
    "GET /key",
)
def headers_and_cookies(on: On) -> None:
    @on.router.get("/h")
    async def header(x_one: Annotated[int, Header()], two: Annotated[str, Header()] = "") -> Any:
        return [x_one, two]

    @on.router.get("/hs")
    async def headers(x_many: Annotated[list[str], Header()]) -> Any:
        return x_many

    @on.router.get("/c")
    async def cookie(a: Annotated[int, Cookie()]) -> Any:
        return a

    @on.router.get("/key", dependencies=[Depends(APIKeyHeader(name="x-key"))])
    async def key() -> Any:
        return None

    on.app.include_router(on.router)


@device(
    "GET /int/5",
    ("GET /int/x", False),
    "GET /rest/a/b/c",
    "GET /id/01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10",
    ("GET /id/abc", False),
    "GET /id/01936D5E7C1A7B3F9C550F6A1F3C2D10",
    ("POST /int/5", False),
    "GET /int/5\n",
    "GET /end/5/end\n",
    ("GET /end/5/end\n\n", False),
    ("GET /int/5/", False),
    ("GET /nothing", False),
    ("HEAD /int/5", False),
    ("OPTIONS /int/5", False),
    "POST /id/new",
    ("GET /id/new", False),
    ("PUT /id/new", False),
)
def paths(on: On) -> None:
    @on.router.get("/int/{a:int}")
    async def number(a: int) -> Any:
        return a

    @on.router.get("/rest/{a:path}")
    async def rest(a: str) -> Any:
        return a

    @on.router.get("/end/{a}/end")
    async def end(a: str) -> Any:
        return a

    @on.router.get("/id/{a}")
    async def identity(a: Annotated[UUID, Path()], request: Request) -> Any:
        return [str(a), request.scope["route"].path, str(request.url_for("identity", a=a))]

    @on.router.post("/id/new")
    async def create(request: Request) -> Any:
        return request.scope["path_params"]

    on.app.include_router(on.router)


GOOD = {"name": "A"}


@device(
    ("POST /item", {"body": GOOD, "headers": JSON}),
    ("POST /item", {"body": b'{"name": "A", "name": "B"}', "headers": JSON}),
    ("POST /item", {"body": GOOD}, False),
    (
        "POST /item",
        {"body": GOOD, "headers": {"content-type": "application/json; charset=utf-8"}},
        False,
    ),
    ("POST /item", {"body": GOOD, "headers": {"content-type": "application/x+json"}}, False),
    ("POST /item", {"body": GOOD, "headers": {"content-type": "text/plain"}}, False),
    ("POST /item", {"body": {"name": ""}, "headers": JSON}, False),
    ("POST /item", {"body": b"", "headers": JSON}, False),
    ("POST /item", {"body": b"null", "headers": JSON}, False),
    ("POST /item", {"body": b"{", "headers": JSON}, False),
    ("POST /item", {"body": b"\xff", "headers": JSON}, False),
    ("POST /item", {"body": b"[" * 100_000, "headers": JSON}, False),
    ("POST /item", {"body": b'{"name": "A", "count": NaN}', "headers": JSON}, False),
    ("POST /item", {"body": GOOD, "headers": JSON, "cut": True}, False),
    ("POST /lax", {"body": GOOD}, False),
    ("POST /lax", {"body": GOOD, "headers": JSON}),
    ("POST /any", {"body": b"null", "headers": JSON}),
    ("POST /any", {"body": b"[1]", "headers": JSON}),
    ("POST /two", {"body": {"a": GOOD, "b": GOOD}, "headers": JSON}, False),
    ("POST /embed", {"body": {"a": GOOD}, "headers": JSON}, False),
    ("POST /maybe", {"body": GOOD, "headers": JSON}, False),
    ("POST /maybe", False),
    ("POST /raw", {"body": b"abc"}),
    ("POST /deep", {"body": GOOD, "headers": JSON}),
)
def bodies(on: On) -> None:
    router = on.router

    @router.post("/item")
    async def item(item: Item) -> Any:
        return item

    on.app.include_router(router)
    lax = on.make(strict_content_type=False)

    @lax.post("/lax")
    async def lenient(item: Item) -> Any:
        return item

    on.app.include_router(lax)

    @router.post("/any")
    async def anything(item: Annotated[Any, Body()]) -> Any:
        return [item]

    @router.post("/two")
    async def two(a: Item, b: Item) -> Any:
        return [a, b]

    @router.post("/embed")
    async def embed(a: Annotated[Item, Body(embed=True)]) -> Any:
        return a

    @router.post("/maybe")
    async def maybe(a: Item | None = None) -> Any:
        return a

    @router.post("/raw")
    async def raw(request: Request) -> Any:
        return (await request.body()).decode()

    async def inner(item: Item) -> Item:
        return item

    @router.post("/deep")
    async def deep(item: Annotated[Item, Depends(inner)], request: Request) -> Any:
        return [item, (await request.body()).decode()]


# --- Dependencies -------------------------------------------------------------------------------


@device("GET /a", "GET /b?x=1", ("GET /b?x=y", False), "GET /c", ("GET /d", False))
def nested(on: On) -> None:
    async def leaf(request: Request) -> str:
        on.note("leaf")
        return request.url.path

    async def left(leaf: Annotated[str, Depends(leaf)], x: int = 0) -> Any:
        on.note("left")
        return leaf, x

    async def right(leaf: Annotated[str, Depends(leaf, use_cache=False)]) -> Any:
        on.note("right")
        return leaf

    async def again(
        a: Annotated[Any, Depends(left, use_cache=False)], b: Annotated[Any, Depends(left)]
    ) -> Any:
        return a, b

    @on.router.get("/a", dependencies=[Depends(right)])
    async def a(b: Annotated[Any, Depends(left)], c: Annotated[Any, Depends(right)]) -> Any:
        return b, c

    @on.router.get("/b")
    async def b(x: int, a: Annotated[Any, Depends(left)]) -> Any:
        return a, x

    @on.router.get("/c")
    async def c(a: Annotated[Any, Depends(again)], b: Annotated[Any, Depends(right)]) -> Any:
        return a, b

    class Pair:
        def __init__(self, leaf: Annotated[str, Depends(leaf)], y: int = 2) -> None:
            self.value = leaf, y

    @on.router.get("/d")
    async def d(pair: Annotated[Any, Depends(Pair)]) -> Any:
        return pair.value

    on.app.include_router(on.router)


@device(
    ("GET /request", False),
    ("GET /function", False),
    ("GET /raises", False),
    ("GET /sync", False),
    ("GET /partial", False),
    ("GET /wrapped", False),
    "GET /object",
    "GET /method",
    ("GET /def", False),
)
def kinds_of_functions(on: On) -> None:
    async def opened() -> Any:
        on.note("open")
        try:
            yield 1
        except ValueError:
            on.note("saw it")
            raise
        finally:
            on.note("close")

    def threaded() -> int:
        return 2

    async def given(a: int, b: int = 3) -> int:
        return a + b

    @functools.wraps(given)
    async def wrapped(**values: Any) -> Any:
        return -(await given(**values))

    class Thing:
        async def __call__(self, b: int = 1) -> int:
            return b

        async def method(self, b: int = 2) -> int:
            return b

    made = {
        "request": Depends(opened), "function": Depends(opened, scope="function"),
        "sync": Depends(threaded), "partial": Depends(functools.partial(given, 5)),
        "object": Depends(Thing()), "method": Depends(Thing().method),
    }  # fmt: skip
    for name, dependency in made.items():

        async def endpoint(value: Any = dependency) -> Any:
            on.note("endpoint")
            return Response(repr(value), background=None)

        on.router.add_api_route(f"/{name}", endpoint)

    @on.router.get("/wrapped")
    async def of_wrapped(value: Annotated[int, Depends(wrapped)], a: int = 1) -> Any:
        return value

    @on.router.get("/raises")
    async def raises(value: Annotated[int, Depends(opened)]) -> Any:
        raise ValueError("no")

    @on.router.get("/def")
    def threaded_endpoint() -> Any:
        return 4

    on.app.include_router(on.router)


@device("GET /a", "GET /b", "GET /c")
def scopes(on: On) -> None:
    async def who(wanted: SecurityScopes) -> str:
        on.note(wanted.scope_str)
        wanted.scopes.append("spoilt")
        return wanted.scope_str

    async def user(name: Annotated[str, Security(who, scopes=["user"])]) -> str:
        return name

    async def free() -> str:
        on.note("free")
        return "free"

    reads = Security(who, scopes=["z:read", "a:read"])

    @on.router.get("/a", dependencies=[reads])
    async def a(name: Annotated[str, Security(user, scopes=["more"])]) -> Any:
        return name

    @on.router.get("/b", dependencies=[reads, Security(who, scopes=["a:read", "z:read"])])
    async def b(
        c: Annotated[str, Security(free, scopes=["x"])], d: Annotated[str, Depends(free)]
    ) -> Any:
        return c, d

    @on.router.get(
        "/c", dependencies=[Security(user, scopes=["one"]), Security(user, scopes=["two"])]
    )
    async def c() -> Any:
        return None

    on.app.include_router(on.router)


@device(("GET /r", False), ("GET /t", False), ("GET /n", False), "GET /conn")
def injected(on: On) -> None:
    async def paint(response: Response) -> None:
        response.headers["x-painted"] = "yes"
        response.status_code = 202

    @on.router.get("/r", dependencies=[Depends(paint)])
    async def painted() -> Any:
        return {"a": 1}

    @on.router.get("/t")
    async def tasks(tasks: BackgroundTasks) -> Any:
        tasks.add_task(on.note, "later")
        return Response(b"now")

    async def adds(tasks: BackgroundTasks) -> None:
        tasks.add_task(on.note, "from a dependency")

    @on.router.get("/n", dependencies=[Depends(adds)])
    async def deeper() -> Any:
        return Response(b"now")

    @on.router.get("/conn")
    async def connection(conn: HTTPConnection) -> Any:
        return conn.url.path

    on.app.include_router(on.router)


@device("GET /thrice")
def remembered(on: On) -> None:
    count: list[int] = []

    async def number() -> int:
        count.append(1)
        return len(count)

    @on.router.get("/thrice")
    async def thrice(
        a: Annotated[int, Depends(number)],
        b: Annotated[int, Depends(number, use_cache=False)],
        c: Annotated[int, Depends(number)],
    ) -> Any:
        return a, b, c

    on.app.include_router(on.router)


@device("GET /p/own", ("GET /bare", False), ("GET /p", False))
def prefix(on: On) -> None:
    router = on.make(prefix="/p")

    @router.get("/own")
    async def own() -> Any:
        return "own"

    async def bare(request: Request) -> Response:
        return Response(b"a route of Starlette's has no prefix")

    router.add_route("/bare", bare)
    on.app.include_router(router)


# --- Answers ------------------------------------------------------------------------------------


@device(
    "GET /dict",
    "GET /model",
    "GET /unset",
    "GET /none",
    "GET /text",
    "GET /redirect",
    "GET /stream",
    "GET /wrong",
    "GET /promised",
    "GET /status",
    ("GET /lines", False),
)
def answers(on: On) -> None:
    router = on.router

    @router.get("/dict")
    async def as_dict() -> dict[str, Any]:
        return {"a": datetime(2026, 1, 2, tzinfo=UTC)}

    @router.get("/model", response_model=Item)
    async def model() -> Any:
        return {"name": "A", "secret": 1}

    @router.get("/unset", response_model=Item, response_model_exclude_unset=True)
    async def unset() -> Any:
        return Item(name="A")

    @router.get("/none", status_code=204)
    async def none() -> None:
        return None

    @router.get("/text", response_class=PlainTextResponse)
    async def text() -> str:
        return "words"

    @router.get("/redirect", response_class=RedirectResponse)
    async def redirect() -> str:
        return "/elsewhere"

    @router.get("/stream")
    async def stream() -> Any:
        return StreamingResponse(iter([b"a", b"b"]))

    @router.get("/wrong", response_model=Item)
    async def wrong() -> Any:
        return {"name": 3}

    @router.get("/promised")
    async def promised() -> Response:
        return {"not": "a response"}  # type: ignore[return-value]

    @router.get("/status", status_code=201, response_model=Item)
    async def status() -> Any:
        return Item(name="A")

    @router.get("/lines")
    async def lines() -> Any:
        yield {"a": 1}
        yield {"a": 2}

    on.app.include_router(router)


@device("GET /http", "GET /own", "GET /bug", "GET /dep", ("GET /dep?a=x", False), "GET /validation")
def errors(on: On) -> None:
    class OwnError(Exception):
        pass

    async def refuses(a: int = 1) -> None:
        raise HTTPException(403, "no", {"x-why": "because"})

    @on.app.exception_handler(OwnError)
    async def handle(request: Request, error: Exception) -> Response:
        return Response(b"handled " + request.url.path.encode(), 418)

    @on.app.exception_handler(RequestValidationError)
    async def handle_invalid(request: Request, error: Any) -> Response:
        return Response(json.dumps([error.errors(), error.body], default=str), 400)

    @on.router.get("/http")
    async def http() -> Any:
        raise HTTPException(401, {"why": 1}, {"www-authenticate": "x"})

    @on.router.get("/own")
    async def own() -> Any:
        raise OwnError

    @on.router.get("/bug")
    async def bug() -> Any:
        return 1 / 0

    @on.router.get("/dep", dependencies=[Depends(refuses)])
    async def dependency() -> Any:
        on.note("never")

    @on.router.get("/validation")
    async def validation() -> Any:
        raise RequestValidationError([{"loc": ("query", "a"), "msg": "m", "type": "t"}])

    on.app.include_router(on.router)


# --- Assembly: what a router before FastAPI's would go past ----------------------------------


async def OVERRIDDEN(request: Request) -> str:
    return "real"


async def replaced(word: str = "fake") -> str:
    return word


def synchronous() -> str:
    return "fake too"


@device(
    "GET /o",
    ("GET /o", {"overrides": replaced}, False),
    ("GET /o?word=w", {}, False),
    ("GET /o", {"overrides": synchronous}, False),
    ("GET /o", {"overrides": False}),
)
def dependency_overrides(on: On) -> None:
    async def above(value: Annotated[str, Depends(OVERRIDDEN)]) -> str:
        return value.upper()

    @on.router.get("/o", dependencies=[Depends(OVERRIDDEN)])
    async def overridden(value: Annotated[str, Depends(above)]) -> Any:
        return value

    on.app.include_router(on.router)


@device(
    "GET /v1/inner/x",
    ("GET /v1/inner/x", {"headers": {"x-stop": "1"}}),
    ("GET /inner/x", False),
    "GET /v2/inner/x",
    "GET /v1/inner/late",
    ("GET /x", False),
    "GET /direct",
    ("GET /v3/sync/y", False),
)
def include_router(on: On) -> None:
    def guard(name: str) -> Any:
        async def guarding(request: Request, x_stop: Annotated[str, Header()] = "") -> None:
            on.note(name)
            if x_stop:
                raise HTTPException(403, f"stopped at {name}")

        return Depends(guarding)

    def thread_guard() -> None:
        on.note("thread")

    inner = on.make(prefix="/inner", dependencies=[guard("router")])

    @inner.get("/x", dependencies=[guard("route")])
    async def x(request: Request) -> Any:
        return request.scope["route"].path, sorted(request.scope)

    outer = on.make(dependencies=[guard("outer router")])
    outer.include_router(inner, dependencies=[guard("inner include")])
    on.app.include_router(outer, prefix="/v1", dependencies=[guard("v1 include")])
    on.app.include_router(inner, prefix="/v2")

    @inner.get("/late")
    async def late() -> Any:
        return "late"

    @on.app.get("/direct")
    async def direct() -> Any:
        return "direct"

    if on.make is not plain:
        on.app.router.routes.pop()
        on.app.router.add_api_route("/direct", direct, route_class_override=FastRoute)
    other = on.make(prefix="/sync")
    other.add_api_route("/y", x)
    on.app.include_router(other, prefix="/v3", dependencies=[Depends(thread_guard)])


@device("GET /sub/m/a", ("GET /sub/m/a?n=x", False), "GET /sub/m/raises", ("GET /sub/n", False))
def mounted(on: On) -> None:
    sub = FastAPI(telemetry=SILENT)

    async def guard(request: Request) -> None:
        on.note(request.scope["root_path"])

    @on.router.get("/{word}", dependencies=[Depends(guard)])
    async def word(word: str, request: Request, n: int = 0) -> Any:
        if word == "raises":
            raise HTTPException(409, "sub")
        return word, n, request.url.path, str(request.base_url)

    sub.include_router(on.router, prefix="/m")
    on.app.mount("/sub", sub)


@device(
    (
        "POST /g",
        {"body": gzip.compress(b'{"name": "A"}'), "headers": {**JSON, "content-encoding": "gzip"}},
        False,
    ),
    ("POST /t", {"body": GOOD, "headers": JSON}),
    ("POST /u", {"body": GOOD, "headers": JSON}, False),
)
def route_classes(on: On) -> None:
    base = on.router.route_class

    class GzipRequest(Request):
        async def body(self) -> bytes:
            if not hasattr(self, "_body"):
                self._body = gzip.decompress(await super().body())
            return self._body

    class GzipRoute(base):  # type: ignore[misc, valid-type]
        def get_route_handler(self) -> Any:
            handler = super().get_route_handler()

            async def unzipped(request: Request) -> Response:
                response: Response = await handler(GzipRequest(request.scope, request.receive))
                return response

            return unzipped

    class TimedRoute(base):  # type: ignore[misc, valid-type]
        def get_route_handler(self) -> Any:
            handler = super().get_route_handler()

            async def timed(request: Request) -> Response:
                response: Response = await handler(request)
                response.headers["x-timed"] = "yes"
                return response

            return timed

    class Beneath(APIRoute):
        def get_route_handler(self) -> Any:
            handler = super().get_route_handler()

            async def noted(request: Request) -> Response:
                on.note("beneath")
                return await handler(request)

            return noted

    upon = Beneath if base is APIRoute else type("Upon", (base, Beneath), {})
    for path, kind in (("/g", GzipRoute), ("/t", TimedRoute)):
        router = on.make(route_class=kind)

        @router.post(path)
        async def endpoint(item: Item) -> Any:
            return item

        on.app.include_router(router)
    router = on.make(route_class=upon)
    router.add_api_route("/u", endpoint, methods=["POST"])
    on.app.include_router(router)


@device(
    ("POST /small", {"body": GOOD, "headers": JSON}),
    ("POST /small", {"body": {"name": "A" * 99}, "headers": JSON}, False),
    (
        "POST /small",
        {"body": {"name": "A" * 99}, "headers": {**JSON, "content-length": "110"}},
        False,
    ),
    ("POST /router/b", {"body": {"name": "A" * 99}, "headers": JSON}, False),
    ("POST /router/raw", {"body": {"name": "A" * 99}, "headers": JSON}),
)
def body_limits(on: On) -> None:
    @on.router.post("/small", max_body_size=50)
    async def small(item: Item) -> Any:
        return item

    @on.router.post("/b")
    async def inherited(item: Item) -> Any:
        return item

    @on.router.post("/raw")
    async def raw(request: Request) -> Any:
        return len(await request.body())

    on.app.include_router(on.router, prefix="/router", max_body_size=50)
    on.app.include_router(on.router)


@device(("POST /m", {"body": GOOD, "headers": JSON}), "GET /m", ("GET /m?a=x", False))
def middleware(on: On) -> None:
    async def dispatch(request: Request, call_next: Any) -> Any:
        on.note(len(await request.body()))
        response = await call_next(request)
        response.headers["x-seen"] = request.scope["endpoint"].__name__
        return response

    on.app.add_middleware(BaseHTTPMiddleware, dispatch=dispatch)

    @on.router.post("/m")
    async def post(item: Item) -> Any:
        return item

    @on.router.get("/m")
    async def get(a: int = 1) -> Any:
        return a

    on.app.include_router(on.router)


# --- What the fast path leaves alone, and what it must not spoil ---------------------------------

BOUNDARY = {"content-type": "multipart/form-data; boundary=x"}
FILE = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nwords\r\n'
    b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nwell\r\n--x--\r\n'
)
FORM = {"content-type": "application/x-www-form-urlencoded"}


@device(
    ("POST /form", {"body": b"name=A&count=2", "headers": FORM}, False),
    ("POST /form", {"body": b"name=", "headers": FORM}, False),
    ("POST /form", False),
    ("POST /form-model", {"body": b"name=A", "headers": FORM}, False),
    ("POST /file", {"body": FILE, "headers": BOUNDARY}, False),
    ("POST /file", {"body": FILE[:40], "headers": BOUNDARY}, False),
    ("POST /file", {"body": FILE, "headers": {"content-type": "multipart/form-data"}}, False),
    ("POST /bytes", {"body": FILE, "headers": BOUNDARY}, False),
)
def forms_and_files(on: On) -> None:
    router = on.router

    @router.post("/form")
    async def form(name: Annotated[str, Form()], count: Annotated[int, Form()] = 1) -> Any:
        return [name, count]

    @router.post("/form-model")
    async def form_model(item: Annotated[Item, Form()]) -> Any:
        return item

    @router.post("/file")
    async def file(file: UploadFile, note: Annotated[str, Form()]) -> Any:
        return [file.filename, (await file.read()).decode(), note]

    @router.post("/bytes")
    async def of_bytes(file: Annotated[bytes, File()]) -> Any:
        return file.decode()

    on.app.include_router(router)


@device(
    ("GET /session", False),
    ("GET /session?fails=1", False),
    ("GET /stream", False),
    ("GET /order", False),
    ("GET /late", False),
)
def yielding(on: On) -> None:
    async def session() -> AsyncIterator[str]:
        on.note("begin")
        try:
            yield "session"
            on.note("commit")
        except HTTPException:
            on.note("roll back")
            raise
        finally:
            on.note("close")

    async def upon(session: Annotated[str, Depends(session)]) -> Any:
        on.note("upon")
        yield session.upper()
        on.note("upon done")

    @on.router.get("/session")
    async def use(value: Annotated[str, Depends(session)], fails: bool = False) -> Any:
        if fails:
            raise HTTPException(409, "no")
        return value

    @on.router.get("/stream")
    async def stream(value: Annotated[str, Depends(session)]) -> Any:
        async def parts() -> AsyncIterator[bytes]:
            on.note("part")
            yield value.encode()

        return StreamingResponse(parts())

    @on.router.get("/order")
    async def order(value: Annotated[str, Depends(upon)]) -> Any:
        return value

    @on.router.get("/late")
    async def late(value: Annotated[str, Depends(session)], tasks: BackgroundTasks) -> Any:
        tasks.add_task(on.note, "task")
        return value

    on.app.include_router(on.router)


@device(
    ("POST /before", {"body": {"name": "A", "old": 1}, "headers": JSON}),
    ("POST /before", {"body": {"name": "", "old": 1}, "headers": JSON}, False),
    ("POST /before", {"body": {"name": "A"}, "headers": JSON}, False),
)
def a_validator_that_takes_its_input_apart(on: On) -> None:
    class Renamed(Item):
        @model_validator(mode="before")
        @classmethod
        def take(cls, values: Any) -> Any:
            if "old" not in values:
                raise ValueError("old is missing")
            values["count"] = values.pop("old")
            return values

    @on.router.post("/before")
    async def before(item: Renamed) -> Any:
        return item

    on.app.include_router(on.router)


@device(
    "GET /basic",
    ("GET /basic", {"headers": {"authorization": "Basic YTpi"}}),
    ("GET /basic", {"headers": {"authorization": "Basic !"}}),
    "GET /oauth",
    ("GET /oauth", {"headers": {"authorization": "bearer t"}}),
)
def security(on: On) -> None:
    basic, oauth = HTTPBasic(), OAuth2PasswordBearer(tokenUrl="token")

    @on.router.get("/basic")
    async def of_basic(who: Annotated[Any, Depends(basic)]) -> Any:
        return [who.username, who.password]

    @on.router.get("/oauth")
    async def of_oauth(token: Annotated[str, Depends(oauth)]) -> Any:
        return token

    on.app.include_router(on.router)
