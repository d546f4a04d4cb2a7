"""At most 80 % of the threads wait for the API; the others serve sign-in, files and health."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from time import monotonic

SHARE = 0.8
QUICK_SECONDS = 0.5  # after a longer call, a slot is not expected soon
STILL_SECONDS = 0.1  # no call began or ended for so long: waiting for a slot is useless
PATIENCE_SECONDS = 0.25  # the longest wait for a slot


class Full(Exception):
    """No slot is free: too many threads wait for the API."""


class Bulkhead:
    """The slots of one process. A call holds one for all its tries and the waits between them.

    Waiting for a slot holds a thread, too. So a thread waits only while calls end quickly, as in a
    rush at a healthy API. Where calls hang, it is refused at once.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._inside = 0
        self._moved_at = 0.0
        self._is_quick = True
        self._changed = Condition()

    @property
    def size(self) -> int:
        """Return how many threads may be with the API at once; at least one."""
        return max(1, int(self.threads * SHARE))

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold a slot, or raise Full."""
        self._enter()
        began = monotonic()
        try:
            yield
        finally:
            self._leave(seconds=monotonic() - began)

    def _enter(self) -> None:
        with self._changed:
            patient_until = monotonic() + PATIENCE_SECONDS
            while self._inside >= self.size:
                left = min(patient_until, self._moved_at + STILL_SECONDS) - monotonic()
                if not self._is_quick or left <= 0:
                    raise Full(f"{self._inside} calls wait for the API, and no more may")
                self._changed.wait(left)
            self._inside += 1
            self._moved_at = monotonic()

    def _leave(self, *, seconds: float) -> None:
        with self._changed:
            self._inside -= 1
            self._moved_at = monotonic()
            self._is_quick = seconds < QUICK_SECONDS
            self._changed.notify_all()
