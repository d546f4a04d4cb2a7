"""The probes: is the process alive, and can it serve?"""

import asyncio

from fastapi import Request, Response
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from app.http.exception_handlers import not_migrated
from app.http.problems import Unavailable, responses
from app.http.routing import APIRouter
from app.http.state import app_state
from app.types import Schema

router = APIRouter(prefix="/health", tags=["health"])
ANSWER_SECONDS = 2.0


class Health(Schema):
    """The answer of a probe."""

    status: str = Field(max_length=20, examples=["ok"])


@router.get("/live", response_model=Health)
async def check_live() -> Response:
    """Tell that the process answers; it asks nobody else."""
    return Response(b'{"status":"ok"}', media_type="application/json")


@router.get("/ready", response_model=Health, responses=responses(Unavailable))
async def check_ready(request: Request) -> Response:
    """Tell whether requests can be served: the database answers."""
    state = app_state(request.scope)
    if state.stopping:
        raise _not_ready("This process is about to stop.")
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            writable = await state.database.is_writable()
            missing = await state.database.revisions.missing()
    except (SQLAlchemyError, TimeoutError) as error:
        raise _not_ready("The database does not answer.") from error
    if not writable:
        raise _not_ready("The database accepts no changes.")
    if missing:
        raise _not_ready(not_migrated(missing))
    return Response(b'{"status":"ok"}', media_type="application/json")


def _not_ready(reason: str) -> Unavailable:
    return Unavailable(reason, headers={"Retry-After": "1"})
