"""Is the process alive, and can it serve?

A process that is told to stop says first that it is not ready, so that whoever sends it requests
can notice and look elsewhere, and closes each connection with its next answer, so that none is
closed in a caller's face; only then does it stop.
"""

import asyncio
import signal
import threading
from types import FrameType

from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import Unavailable, responses
from app.core.reader import ReaderDep
from app.core.types import Schema

router = APIRouter(prefix="/health", tags=["health"])
PING = select(1)


class Drain:
    """Delays SIGTERM by ``seconds`` (two intervals of the readiness probe), not ready meanwhile."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.begun = False

    def listen(self) -> None:
        """Step in front of the server's own handler."""
        if not self._seconds or threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        stop = signal.getsignal(signal.SIGTERM)

        def begin(number: int, frame: FrameType | None) -> None:
            again, self.begun = self.begun, True
            if callable(stop):
                delay = 0 if again else self._seconds  # who asks twice does not want to wait
                loop.call_soon_threadsafe(loop.call_later, delay, stop, number, frame)

        signal.signal(signal.SIGTERM, begin)


class DrainMiddleware:
    """Outermost: says ``Connection: close`` (RFC 9112, 9.6) with each response of the drain."""

    def __init__(self, app: ASGIApp, drain: Drain) -> None:
        self.app, self.drain = app, drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request."""
        await self.app(scope, receive, _closing(send) if self.drain.begun else send)


def _closing(send: Send) -> Send:
    async def send_and_close(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"connection", b"close")]
        await send(message)

    return send_and_close


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
