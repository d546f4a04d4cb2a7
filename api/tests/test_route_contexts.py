"""What is said of a route is what FastAPI serves: with every prefix, dependency and mount."""

import logging

import pytest
from fastapi import APIRouter as PlainRouter
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from httpx2 import ASGITransport, AsyncClient

from app.http.auth import refuse_open_operations, requires
from app.http.routing import APIRouter
from app.main import create_app
from app.settings import Settings

KINDS = pytest.mark.parametrize("kind", [PlainRouter, APIRouter], ids=["plain", "fast path"])


async def nothing() -> None: ...


def things(kind: type[PlainRouter], **options: object) -> PlainRouter:
    router = kind(prefix="/things", **options)  # type: ignore[arg-type]
    router.add_api_route("/{thing_id}", nothing, name="read_thing")
    router.add_api_route("/{thing_id}", nothing, methods=["PUT"], name="put_thing")
    router.add_api_route("/all", nothing, methods=["POST"], name="all_things")
    return router


def assembled(kind: type[PlainRouter], tmp_path: str) -> FastAPI:
    """The API with one router at many places."""
    app = create_app(Settings(_env_file=None))
    router, outer = things(kind), kind(prefix="/outer")
    outer.include_router(router, prefix="/{tenant}")
    for each, prefix in ((router, "/v8"), (router, "/v9/{tenant}"), (outer, "/v7")):
        app.include_router(each, prefix=prefix)
    below = FastAPI()
    below.include_router(router, prefix="/v1")
    app.mount("/below/{tenant}", below)
    app.mount("/files", StaticFiles(directory=tmp_path))
    app.add_api_route("/hidden", nothing, methods=["GET", "DELETE"], include_in_schema=False)
    return app


async def ask(app: FastAPI, method: str, path: str):
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://api.test") as client:
        return await client.request(method, path)


@KINDS
@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/v8/things/1", "/v8/things/{thing_id}"),
        ("/v9/a/things/1", "/v9/{tenant}/things/{thing_id}"),
        ("/v7/outer/a/things/1", "/v7/outer/{tenant}/things/{thing_id}"),
        ("/below/a/v1/things/1", "/below/{tenant}/v1/things/{thing_id}"),
        ("/things/1", "unmatched"),
        ("/files/a", "unmatched"),
        ("/hidden", "/hidden"),
    ],
)
async def test_the_log_names_the_whole_template(kind, path, template, tmp_path, caplog):
    app = assembled(kind, str(tmp_path))
    await ask(app, "GET", "/health/live")
    caplog.clear()
    with caplog.at_level(logging.INFO, "app.access"):
        await ask(app, "GET", path)

    assert [line.fields["route"] for line in caplog.records if line.name == "app.access"] == [
        template
    ]


@KINDS
async def test_the_log_names_a_route_that_was_added_later(kind, tmp_path, caplog):
    app = assembled(kind, str(tmp_path))
    await ask(app, "GET", "/health/live")
    app.include_router(things(kind), prefix="/late")
    caplog.clear()
    with caplog.at_level(logging.INFO, "app.access"):
        await ask(app, "GET", "/late/things/1")

    assert caplog.records[-1].fields["route"] == "/late/things/{thing_id}"


@KINDS
@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/v8/things/1", "GET, HEAD, PUT"),
        ("DELETE", "/v9/a/things/1", "GET, HEAD, PUT"),
        ("DELETE", "/v7/outer/a/things/1", "GET, HEAD, PUT"),
        ("DELETE", "/v8/things/all", "POST"),  # a path without parameters wins
        ("POST", "/hidden", "DELETE, GET, HEAD"),
    ],
)
async def test_405_names_the_methods_of_the_path(kind, method, path, allow, tmp_path):
    answer = await ask(assembled(kind, str(tmp_path)), method, path)

    assert (answer.status_code, answer.headers["allow"]) == (405, allow)


@KINDS
class TestRefuseOpenOperations:
    def test_a_scope_of_the_inclusion_counts(self, kind):
        app = FastAPI()
        app.include_router(things(kind), dependencies=[requires("things:read")])

        refuse_open_operations(app.routes)

    def test_a_scope_of_the_router_counts(self, kind):
        app = FastAPI()
        app.include_router(things(kind, dependencies=[requires("things:read")]))

        refuse_open_operations(app.routes)

    def test_a_router_within_a_router_is_looked_at(self, kind):
        app, outer = FastAPI(), kind(prefix="/outer")
        outer.add_api_route("/a", nothing, dependencies=[requires("things:read")])
        outer.include_router(things(kind))
        app.include_router(outer)

        with pytest.raises(RuntimeError, match=r"read_thing \(/outer/things/{thing_id}\)"):
            refuse_open_operations(app.routes)
