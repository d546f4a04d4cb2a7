"""A pause after a failure, so that many requests do not each wait for what does not answer."""

import logging
import time

PAUSE_SECONDS = 2.0
log = logging.getLogger(__name__)


class CircuitBreaker:
    """Guards a helper that requests can do without; each process finds out for itself."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._closed_at = 0.0

    @property
    def open(self) -> bool:
        """Tell whether the helper is left alone just now."""
        return time.monotonic() < self._closed_at

    def trip(self, error: Exception) -> None:
        """Leave the helper alone for a while, and say so in the log."""
        self._closed_at = time.monotonic() + PAUSE_SECONDS
        fields = {"error": type(error).__name__, "pause_seconds": PAUSE_SECONDS}
        log.warning("%s away", self._name, extra={"fields": fields})
