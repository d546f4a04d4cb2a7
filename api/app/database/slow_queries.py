"""Statements that took long, in the log: who asked, and their SQL; never their values."""

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
# Rooms that ask on behalf of others.
BENEATH = tuple(f"app.{room}." for room in ("database", "http", "operations", "front", "fast"))
log = logging.getLogger(__name__)


def note(sql: object, started: float) -> None:
    """Log a statement that began at ``started`` (perf_counter), if that is long ago."""
    seconds = time.perf_counter() - started
    if seconds > threshold_seconds:
        fields = {
            "statement": _name(),
            "sql": str(sql),
            "duration_ms": round(seconds * 1000),
        }
        log.warning("slow statement", extra={"fields": fields})


def _name() -> str:
    """Return the function that asked: a resource's, or else the innermost above this room."""
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
    """Walk outwards, and out of the greenlet that SQLAlchemy runs a driver in."""
    frame: FrameType | None = sys._getframe()
    current: greenlet | None = getcurrent()
    while current:
        while frame:
            yield frame
            frame = frame.f_back
        current = current.parent
        frame = current.gr_frame if current else None


def watch(engine: AsyncEngine) -> None:
    """Note every statement of the engine that writes."""

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def begin(*arguments: Any) -> None:
        arguments[4]._started = time.perf_counter()

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def end(*arguments: Any) -> None:
        note(arguments[2], arguments[4]._started)
