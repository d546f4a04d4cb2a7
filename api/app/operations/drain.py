"""Stops a process without failing a request.

After SIGTERM the process is not ready, so that the load balancer sends requests elsewhere, and
closes each connection with its next answer. After some seconds it stops.
"""

import asyncio
import signal
import threading
from types import FrameType

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.state import AppState


class Drain:
    """Delays SIGTERM by ``seconds``, at least two probe intervals; meanwhile it is not ready."""

    def __init__(self, seconds: float, state: AppState) -> None:
        self._seconds, self._state = seconds, state

    def listen(self) -> None:
        """Handle SIGTERM before the server does."""
        if not self._seconds or threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        stop = signal.getsignal(signal.SIGTERM)

        def begin(number: int, frame: FrameType | None) -> None:
            again, self._state.stopping = self._state.stopping, True
            if callable(stop):
                delay = 0 if again else self._seconds  # a second signal stops at once
                loop.call_soon_threadsafe(loop.call_later, delay, stop, number, frame)

        signal.signal(signal.SIGTERM, begin)


class DrainMiddleware:
    """Sends ``Connection: close`` (RFC 9112, 9.6) with each response after SIGTERM."""

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
