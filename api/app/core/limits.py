"""The most that a request may weigh. Plain ASGI; the framework's own limit answers no problem."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import TooLarge, respond


class BodyLimitMiddleware:
    """Refuse a body above the limit: at once when it is announced, else when it is exceeded."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app, self.max_bytes = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        announced = headers.get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > self.max_bytes:
            await self._refuse(scope, receive, send)
        elif b"transfer-encoding" in headers:
            await self._count(scope, receive, send)
        else:
            await self.app(scope, receive, send)  # the server reads no more than was announced

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = TooLarge(
            f"At most {self.max_bytes} bytes are read.", headers={"Connection": "close"}
        )
        await respond(problem, scope["path"])(scope, receive, send)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        exceeded = False
        size = 0

        async def receive_counted() -> Message:
            nonlocal exceeded, size
            message = await receive()
            size += len(message.get("body", b""))
            exceeded = size > self.max_bytes
            # An early end of the body; whatever is answered to it is replaced below.
            return {"type": "http.request"} if exceeded else message

        async def send_unless_exceeded(message: Message) -> None:
            if not exceeded:
                await send(message)

        await self.app(scope, receive_counted, send_unless_exceeded)
        if exceeded:
            await self._refuse(scope, receive, send)
