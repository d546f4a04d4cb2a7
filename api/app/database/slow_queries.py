"""Logs statements that take long, with their SQL and the function that asked, never with values."""

import logging
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

from greenlet import getcurrent, greenlet
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

threshold_seconds = 0.5  # connections.py sets it
# Rooms whose functions ask on behalf of a resource.
BENEATH = tuple(f"app.{room}." for room in ("database", "http", "operations", "front", "fast"))
log = logging.getLogger(__name__)


def note(sql: object, started: float) -> None:
    """Log a statement that started at ``started`` (perf_counter), if it took long."""
    seconds = time.perf_counter() - started
    if seconds > threshold_seconds:
        fields = {
            "statement": _name(),
            "sql": str(sql),
            "duration_ms": round(seconds * 1000),
        }
        log.warning("slow statement", extra={"fields": fields})


def _name() -> str:
    """Return the function that asked: a resource's, or else the innermost outside ``database``."""
    asked = ""
    for frame in _frames():
        module = frame.f_globals.get("__name__", "")
        if module.startswith("app.") and not module.startswith("app.database."):
            name = f"{module}.{frame.f_code.co_qualname}"
            if not module.startswith(BENEATH):
                return name
            asked = asked or name
    return asked


def _frames() -> Iterator[FrameType]:
    """Yield the callers, innermost first; SQLAlchemy runs drivers in a greenlet of their own."""
    frame: FrameType | None = sys._getframe()
    current: greenlet | None = getcurrent()
    while current:
        while frame:
            yield frame
            frame = frame.f_back
        current = current.parent
        frame = current.gr_frame if current else None


def watch(engine: AsyncEngine) -> None:
    """Time every statement of an engine."""

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def begin(*arguments: Any) -> None:
        arguments[4]._started = time.perf_counter()

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def end(*arguments: Any) -> None:
        note(arguments[2], arguments[4]._started)
