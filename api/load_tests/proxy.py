"""What sends each new connection to a server that is ready, as a Kubernetes service does."""

import asyncio
import contextlib
import itertools
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx2

from tests.server import Server, free_port

PROBE_SECONDS = 0.1


class Proxy:
    """Relays bytes; it neither reads them nor repeats anything."""

    def __init__(self, servers: list[Server]) -> None:
        self.servers = servers
        self.url = f"http://127.0.0.1:{free_port()}"
        self.ready: set[Server] = set()
        self._turn = itertools.count()
        self._connections: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        listening = threading.Event()
        self._thread = threading.Thread(target=asyncio.run, args=(self._run(listening),))
        self._thread.start()
        listening.wait(10)
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    async def _run(self, listening: threading.Event) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        port = urlsplit(self.url).port
        listener = await asyncio.start_server(self._accept, "127.0.0.1", port)
        async with httpx2.AsyncClient(timeout=1) as client:
            probes = [asyncio.create_task(self._probe(client, each)) for each in self.servers]
            while not self.ready:
                await asyncio.sleep(PROBE_SECONDS)
            listening.set()
            await self._stopped.wait()
            for task in [*probes, *self._connections]:
                task.cancel()
            await asyncio.gather(*probes, *self._connections, return_exceptions=True)
        listener.close()

    async def _probe(self, client: httpx2.AsyncClient, server: Server) -> None:
        while True:
            with contextlib.suppress(httpx2.TimeoutException):  # slow is neither yes nor no
                if await is_ready(client, server):
                    self.ready.add(server)
                else:
                    self.ready.discard(server)
            await asyncio.sleep(PROBE_SECONDS)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        ready = [each for each in self.servers if each in self.ready]
        with contextlib.suppress(OSError), contextlib.closing(writer):  # the caller notices
            port = urlsplit(ready[next(self._turn) % len(ready)].url).port
            there, back = await asyncio.open_connection("127.0.0.1", port)
            with contextlib.closing(back):
                await asyncio.gather(relay(reader, back), relay(there, writer))


async def is_ready(client: httpx2.AsyncClient, server: Server) -> bool:
    """Ask the readiness probe."""
    try:
        return (await client.get(f"{server.url}/health/ready")).status_code == 200
    except (httpx2.NetworkError, httpx2.ProtocolError):
        return False


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes, until its end; the end too."""
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.write_eof()
