"""A circuit breaker and a budget of retries, so that an API that fails is left in peace.

Both are of one process, for all its threads. They know no HTTP and never wait.
"""

from collections import deque
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Literal

State = Literal["closed", "open", "half-open"]

FAILURES_IN_A_ROW = 5
FAILED_SHARE, LEAST_CALLS, WINDOW_SECONDS = 0.5, 20, 10
PAUSE_SECONDS = 5.0  # from a failure until the trial
RETRIES_PER_SUCCESS, MOST_RETRIES = 0.1, 10.0


class Open(Exception):
    """The API failed just now and is not asked; ``seconds`` until the next trial."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"not asked, since it failed just now; next try in {seconds:.1f} s")
        self.seconds = seconds


class Breaker:
    """Closed until calls fail, then open; after a pause one call is the trial (half-open).

    An *era* ends with every change of state. A call counts only in the era it began in: a call from
    before the failure does not tell whether the API is back.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float] = monotonic,
        on_change: Callable[[State], None] = lambda state: None,
    ) -> None:
        self._now, self._on_change = now, on_change
        self._lock = Lock()
        self._state: State = "closed"
        self._era = 0
        self._opened_at = 0.0
        self._failed_in_a_row = 0
        self._seconds: deque[list[int]] = deque()  # [second, calls, failures], the oldest first

    @property
    def state(self) -> State:
        """Return the state, for health and log."""
        return self._state

    @property
    def is_doubtful(self) -> bool:
        """Whether the last call failed, and calls are made nevertheless."""
        return self._state == "closed" and self._failed_in_a_row > 0

    @property
    def seconds_left(self) -> float:
        """Return the seconds for which calls are refused; 0 when the next one may be made."""
        if self._state == "closed":
            return 0.0
        left = self._opened_at + PAUSE_SECONDS - self._now()
        return max(left, 1.0) if self._state == "half-open" else max(left, 0.0)

    def begin(self) -> int:
        """Let a call through and return its era, or raise Open."""
        with self._lock:
            if self._state == "closed":
                return self._era
            if left := self.seconds_left:
                raise Open(left)
            self._become("half-open")
            era = self._era
        self._on_change("half-open")
        return era

    def end(self, era: int, good: bool | None) -> None:
        """Count a success or a failure; None: the call tells nothing about the API."""
        with self._lock:
            if era != self._era:
                return
            before = self._state
            if before == "half-open":
                self._end_trial(good)
            elif good is not None:
                self._count(good)
            after = self._state
        if after != before:
            self._on_change(after)

    def _end_trial(self, good: bool | None) -> None:
        if good is None:
            self._become("open")  # since the same moment: the next call is the trial
        elif good:
            self._failed_in_a_row = 0
            self._seconds.clear()
            self._become("closed")
        else:
            self._open()

    def _count(self, good: bool) -> None:
        second = int(self._now())
        if not self._seconds or self._seconds[-1][0] != second:
            self._seconds.append([second, 0, 0])
            while self._seconds[0][0] <= second - WINDOW_SECONDS:
                self._seconds.popleft()
        self._seconds[-1][1] += 1
        self._seconds[-1][2] += not good
        self._failed_in_a_row = 0 if good else self._failed_in_a_row + 1
        if not good and (self._failed_in_a_row >= FAILURES_IN_A_ROW or self._fails_often()):
            self._open()

    def _fails_often(self) -> bool:
        calls, failures = (sum(entry[index] for entry in self._seconds) for index in (1, 2))
        return calls >= LEAST_CALLS and failures >= FAILED_SHARE * calls

    def _open(self) -> None:
        self._opened_at = self._now()
        self._become("open")

    def _become(self, state: State) -> None:
        self._state = state
        self._era += 1


class RetryBudget:
    """Retries are a tenth of the successes: an API that is overloaded is not asked three times."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.refill()

    def refill(self) -> None:
        """Begin anew: the API is well again."""
        self._left = MOST_RETRIES

    def earn(self) -> None:
        """Count one success."""
        with self._lock:
            self._left = min(self._left + RETRIES_PER_SUCCESS, MOST_RETRIES)

    def spend(self) -> bool:
        """Take one retry; False when none is left."""
        with self._lock:
            if self._left < 1:
                return False
            self._left -= 1
            return True
