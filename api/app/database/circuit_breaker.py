"""A circuit breaker: after a failure it pauses calls, so that requests do not all wait."""

import logging
import time

PAUSE_SECONDS = 2.0
log = logging.getLogger(__name__)


class CircuitBreaker:
    """Guards a service that requests can do without. Each process has its own."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._closed_at = 0.0

    @property
    def open(self) -> bool:
        """Tell whether calls are paused."""
        return time.monotonic() < self._closed_at

    def trip(self, error: Exception) -> None:
        """Pause calls for ``PAUSE_SECONDS``, and log it."""
        self._closed_at = time.monotonic() + PAUSE_SECONDS
        fields = {"error": type(error).__name__, "pause_seconds": PAUSE_SECONDS}
        log.warning("%s away", self._name, extra={"fields": fields})
