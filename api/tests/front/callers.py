"""Callers by bytes: many at a time, each on a connection of its own."""

import asyncio
import contextlib
import re
import time
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.front.abuses import Abuse
from tests.server import Server

STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n")
DRIP_SECONDS = 0.2


class FrontServer(Server):
    """A server with the operations of ``application.py``."""

    program = ("-m", "tests.front.application")

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return "127.0.0.1", urlsplit(self.url).port or 0


class Outcome(NamedTuple):
    """What came back, and whether the server closed the connection."""

    data: bytes
    closed: bool

    @property
    def statuses(self) -> list[int]:
        """The statuses of the answers, in order."""
        return [int(status) for status in STATUS.findall(self.data)]


async def play(server: FrontServer, abuse: Abuse, seconds: float) -> Outcome:
    """Send what is to be sent; return what came until the server closed, or time was up."""
    reader, writer = await asyncio.open_connection(*server.address)
    sender = asyncio.create_task(_send(writer, abuse))
    received = b""
    deadline = time.monotonic() + seconds
    closed = False
    try:
        async with asyncio.timeout(seconds):
            while not abuse.reads and time.monotonic() < deadline and not closed:
                await asyncio.sleep(DRIP_SECONDS)
                closed = _is_gone(writer)
            while not closed:
                data = await reader.read(65536)
                received += data
                closed = not data
    except TimeoutError:
        pass
    except ConnectionError:
        closed = True
    sender.cancel()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return Outcome(received, closed)


async def _send(writer: asyncio.StreamWriter, abuse: Abuse) -> None:
    with contextlib.suppress(ConnectionError):
        writer.write(abuse.data)
        await writer.drain()
        while abuse.drip:
            await asyncio.sleep(DRIP_SECONDS)
            writer.write(abuse.drip)
            await writer.drain()


def _is_gone(writer: asyncio.StreamWriter) -> bool:
    """Tell whether the peer has reset the connection, without reading from it."""
    socket = writer.get_extra_info("socket")
    if socket.fileno() < 0:
        return True
    state = socket.getsockopt(6, 11, 1)[0]  # TCP_INFO: the state; 1 is established
    return bool(state != 1)


async def play_all(
    server: FrontServer, abuses: list[Abuse], seconds: float
) -> dict[tuple[str, str], Outcome]:
    """Play them, all at the same time."""

    async def one(abuse: Abuse) -> tuple[tuple[str, str], Outcome]:
        return (abuse.kind, abuse.name), await play(server, abuse, seconds)

    return dict(await asyncio.gather(*map(one, abuses)))
