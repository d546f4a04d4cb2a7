"""At most 80 % of the threads wait for the API; the others serve sign-in, files and health."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from time import monotonic

SHARE = 0.8
QUICK_SECONDS = 0.5  # a call that took longer is no sign that a place will be free soon
STILL_SECONDS = 0.1  # no call began or ended for so long: nobody waits for a place any more
PATIENCE_SECONDS = 0.25  # the longest wait for a place


class Full(Exception):
    """As many threads are with the API as may be."""


class Bulkhead:
    """The places of one process. A call holds one over all its tries and the waits between them.

    Whoever waits for a place holds a thread too. So a thread waits only while calls come and go
    quickly, as in a rush at a healthy API; where they hang, it is refused at once.
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
    def place(self) -> Iterator[None]:
        """Hold a place, or raise Full."""
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
