"""Statements that took long, in the log: their SQL, never their values."""

import logging
import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

THRESHOLD_SECONDS = 0.5
log = logging.getLogger(__name__)


def note(statement: object, started: float) -> None:
    """Log a statement that began at ``started`` (perf_counter), if that is long ago."""
    seconds = time.perf_counter() - started
    if seconds > THRESHOLD_SECONDS:
        fields = {"statement": str(statement), "duration_ms": round(seconds * 1000)}
        log.warning("slow statement", extra={"fields": fields})


def watch(engine: AsyncEngine) -> None:
    """Note every statement of the write door."""

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def begin(*arguments: Any) -> None:
        arguments[4]._started = time.perf_counter()

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def end(*arguments: Any) -> None:
        note(arguments[2], arguments[4]._started)
