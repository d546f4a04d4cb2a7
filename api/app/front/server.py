"""Runs the processes, stops them in time, and replaces them."""

import contextlib
import faulthandler
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from math import inf
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process, logger

from app.front.connection import BoundedProtocol, Bounds

STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM}
GRACEFUL = 0.6  # of the time to stop: for what runs; the rest is for the application to close
AGAIN_SECONDS = 0.2  # for a worker to see a signal before the next one
MARGIN_SECONDS = (
    0.5  # for a process to end, on a busy machine too: the worker first, then its supervisor
)


class Server(uvicorn.Server):
    """A server that stops in time; if it cannot, it exits and prints what it was doing."""

    def __init__(self, config: uvicorn.Config, stop_seconds: float) -> None:
        super().__init__(config)
        self._stop_seconds = stop_seconds

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop gracefully, and set the time at which the process exits."""
        is_first = not self.should_exit
        super().handle_exit(sig, frame)
        if is_first:
            faulthandler.dump_traceback_later(self._stop_seconds - 2 * MARGIN_SECONDS, exit=True)


class Supervisor(Multiprocess):
    """The workers of one socket. ``stop_seconds`` bounds the end of one, its drain included."""

    def __init__(self, config: uvicorn.Config, stop_seconds: float) -> None:
        super().__init__(config, [config.bind_socket()])
        self._stop_seconds = stop_seconds
        self._replaced: list[Process] = []
        self._told_at = inf
        self._told_count = 0
        for number in STOP_SIGNALS:
            signal.signal(number, self._tell)

    def _tell(self, number: int, frame: FrameType | None) -> None:
        self._told_at = min(self._told_at, time.monotonic())
        self._told_count += 1
        self.signal_queue.append(number)

    def keep_subprocess_alive(self) -> None:
        """Replace workers that died or do not answer, unless all are stopping.

        A stop is heard while a worker is waited for.
        """
        seconds = self.config.timeout_worker_healthcheck
        late = [w for w in self.processes if not self._wait(partial(_answers, w), seconds)]
        if self._is_told_to_stop():
            return
        for worker in late:
            worker.kill()
            worker.join()
        if any(map(_has_ended, self.processes)):
            super().keep_subprocess_alive()

    def restart_all(self) -> None:
        """Replace each worker; the old one stops when the new one is ready."""
        for place, old in enumerate(list(self.processes)):
            new = Process(self.config, self.sockets)
            new.start()
            self._wait(partial(_has_begun, new), self.config.timeout_worker_healthcheck)
            if not new.is_ready(timeout=1):
                new.kill()
                new.join()
                if not self._is_told_to_stop():
                    logger.error(f"Worker [{new.pid}] was not ready in time; aborting the restart.")
                return
            self.processes[place] = new
            self._replaced.append(old)
            old.terminate()
            if not self._wait(partial(_has_ended, old), self._stop_seconds):
                if self._is_told_to_stop():
                    return
                old.kill()
            old.join()
            self._replaced.remove(old)

    def join_all(self) -> None:
        """Wait for every worker; told twice to stop, tell them again; kill who is late.

        They are told until they end: of two signals that come at once, a process sees one.
        """
        self.signal_queue = [each for each in self.signal_queue if each not in STOP_SIGNALS]
        left = [*self.processes, *self._replaced]
        deadline = min(self._told_at, time.monotonic()) + self._stop_seconds - MARGIN_SECONDS
        again_at = time.monotonic() + AGAIN_SECONDS
        while (left := [each for each in left if not _has_ended(each)]) and (
            time.monotonic() < deadline
        ):
            if self._told_count > 1 and time.monotonic() > again_at:
                again_at = time.monotonic() + AGAIN_SECONDS
                for each in left:
                    each.terminate()
            time.sleep(0.05)
        for each in left:
            logger.error(f"Worker [{each.pid}] did not stop in time.")
            each.kill()
        for each in [*self.processes, *self._replaced]:
            each.join()

    def _wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait for a condition; return False after ``seconds``, or when told to stop."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline or self._is_told_to_stop():
                return False
            time.sleep(0.05)
        return True

    def _is_told_to_stop(self) -> bool:
        return self.should_exit.is_set() or bool(STOP_SIGNALS.intersection(self.signal_queue))


def _answers(process: Process) -> bool:
    return _has_ended(process) or process.ping(timeout=0.2)


def _has_begun(process: Process) -> bool:
    return process.is_ready(timeout=0.2) or _has_ended(process)


def _has_ended(process: Process) -> bool:
    return not process.process.is_alive()


def run(drain_seconds: float, stop_seconds: float, bounds: Bounds, **options: Any) -> None:
    """Serve until a signal says stop; ``options`` are uvicorn's.

    It ends at most ``drain_seconds + stop_seconds`` after the signal.
    """
    config = uvicorn.Config(
        **options,
        http=partial(BoundedProtocol, bounds=bounds),  # type: ignore[arg-type]
        timeout_graceful_shutdown=stop_seconds * GRACEFUL,  # type: ignore[arg-type]
    )
    if config.workers > 1:
        Supervisor(config, drain_seconds + stop_seconds - 2 * MARGIN_SECONDS).run()
        return
    config.load_app()
    server = Server(config, stop_seconds)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)
