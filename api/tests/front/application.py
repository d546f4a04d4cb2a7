"""The application with operations of the tests' own, as a program: ``serve`` with those as well."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import PlainTextResponse, StreamingResponse

from app import __main__ as program
from app.http.auth import requires
from app.main import create_app
from app.settings import Settings

READ, WRITE = requires("notes:read"), requires("notes:write")
SCOPES = "notes:read notes:write"


router = APIRouter(prefix="/v1")
notes: list[Any] = []  # what reached the handler


@router.post("/notes", status_code=201, dependencies=[WRITE])
async def create_note(note: dict[str, Any]) -> dict[str, Any]:
    notes.append(note.get("text"))
    return note


@router.get("/notes", dependencies=[READ])
async def list_notes() -> list[Any]:
    return notes


@router.get("/long", dependencies=[READ])
async def read_long() -> PlainTextResponse:
    return PlainTextResponse("x" * 2**23)


@router.get("/endless", dependencies=[READ])
async def read_endless() -> StreamingResponse:
    async def count() -> AsyncIterator[str]:
        while True:
            yield "x"
            await asyncio.sleep(0.05)

    return StreamingResponse(count())


@router.get("/slow", dependencies=[READ])
async def read_slow() -> None:
    await asyncio.sleep(3600)


@router.post("/slow", dependencies=[WRITE])
async def create_slow(note: dict[str, Any]) -> None:
    await asyncio.sleep(3600)


@router.get("/stubborn", dependencies=[READ])
async def read_stubborn() -> None:
    while True:  # and no cancellation ends it
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            continue


def create() -> FastAPI:
    """Return the application with these operations."""
    app = create_app()
    app.include_router(router)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int)
    parser.add_argument("--workers", type=int)
    program.serve(parser.parse_args(), Settings(), "tests.front.application:create")
    sys.exit(0)
