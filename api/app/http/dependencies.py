"""FastAPI dependencies for the database: a session for writes, a reader for reads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.database.read_pool import Reader
from app.http.scope import request_scope
from app.http.state import app_state


@asynccontextmanager
async def transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """Open a session; commit at the end, roll back on error."""
    state = app_state(request.scope)
    try:
        engine = state.database.write
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        # After a failure too: a caller who got 412 must not read the old version from a replica.
        await state.recent_writers.remember(request_scope(request.scope)["caller"])


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    """Yield the request's session, in one transaction."""
    async with transaction(request) as session:
        yield session


# scope="function": the commit runs before the response is sent, so a failed commit is an error.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]


async def get_reader(request: Request) -> Reader:
    """Return the replica's reader if the caller may use it, else the primary's."""
    state, scope = app_state(request.scope), request_scope(request.scope)
    database = state.database
    if database.replica is None or not scope["caller"]:
        return database.read
    has_written = await state.recent_writers.has(scope["caller"], scope["scopes"])
    return database.read if has_written else database.replica


ReaderDep = Annotated[Reader, Depends(get_reader)]
