"""Is the process alive, and can it serve?"""

from fastapi import Request, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.core.problems import Unavailable, responses
from app.core.reader import ReaderDep
from app.core.routing import APIRouter
from app.core.types import Schema

router = APIRouter(prefix="/health", tags=["health"])
PING = select(1)


class Health(Schema):
    """The answer of a probe."""

    status: str = Field(max_length=20, examples=["ok"])


@router.get("/live", response_model=Health)
async def check_live() -> Response:
    """Tell that the process answers; it asks nobody else."""
    return Response(b'{"status":"ok"}', media_type="application/json")


@router.get("/ready", response_model=Health, responses=responses(Unavailable))
async def check_ready(request: Request, reader: ReaderDep) -> Response:
    """Tell whether requests can be served: the database answers."""
    if request.app.state.drain.begun:
        raise Unavailable("This process is about to stop.", headers={"Retry-After": "1"})
    try:
        await reader.first(PING)
    except (SQLAlchemyError, OSError) as error:
        headers = {"Retry-After": "1"}
        raise Unavailable("The database does not answer.", headers=headers) from error
    return Response(b'{"status":"ok"}', media_type="application/json")
