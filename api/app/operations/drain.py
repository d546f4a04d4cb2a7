"""How a process stops without anyone noticing.

Told to stop, it says first that it is not ready, so that whoever sends it requests can look
elsewhere, and closes each connection with its next answer, so that none is closed in a caller's
face; only then does it stop.
"""

import asyncio
import signal
import threading
from types import FrameType

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.state import AppState


class Drain:
    """Delays SIGTERM by ``seconds`` (two intervals of the readiness probe), not ready meanwhile."""

    def __init__(self, seconds: float, state: AppState) -> None:
        self._seconds, self._state = seconds, state

    def listen(self) -> None:
        """Step in front of the server's own handler."""
        if not self._seconds or threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        stop = signal.getsignal(signal.SIGTERM)

        def begin(number: int, frame: FrameType | None) -> None:
            again, self._state.stopping = self._state.stopping, True
            if callable(stop):
                delay = 0 if again else self._seconds  # who asks twice does not want to wait
                loop.call_soon_threadsafe(loop.call_later, delay, stop, number, frame)

        signal.signal(signal.SIGTERM, begin)


class DrainMiddleware:
    """Outermost: says ``Connection: close`` (RFC 9112, 9.6) with each response of the drain."""

    def __init__(self, app: ASGIApp, state: AppState) -> None:
        self.app, self._state = app, state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request."""
        await self.app(scope, receive, _closing(send) if self._state.stopping else send)


def _closing(send: Send) -> Send:
    async def send_and_close(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"connection", b"close")]
        await send(message)

    return send_and_close
