"""The most that a request may weigh. Plain ASGI."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import TooLarge, respond


class BodyLimitMiddleware:
    """Refuse a body above the limit: at once when it is announced, else as soon as it is exceeded."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app, self.max_bytes = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        problem = TooLarge(f"At most {self.max_bytes} bytes are read.", headers={"Connection": "close"})
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > self.max_bytes:
            await respond(problem, scope["path"])(scope, receive, send)
            return
        size = 0

        async def receive_counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.max_bytes:
                raise problem
            return message

        await self.app(scope, receive_counted, send)
