"""Trace ids (W3C Trace Context) and the log: one JSON object a line."""

import json
import logging
import re
import secrets
import select
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
PART = 1024  # characters; a pipe that is ready takes 4 KiB without a wait (POSIX, PIPE_BUF)
trace_id: ContextVar[str] = ContextVar("trace_id", default="")


def begin_trace(traceparent: str) -> str:
    """Take over the caller's trace id, or begin a trace when it sent none or a bad one."""
    match = TRACEPARENT.fullmatch(traceparent)
    value = match[1] if match else secrets.token_hex(16)
    trace_id.set(value)
    return value


def traceparent() -> str:
    """Return the header for a call that belongs to the present trace."""
    return f"00-{trace_id.get() or secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


class JsonFormatter(logging.Formatter):
    """Writes ``extra={"data": {...}}`` beside the message; never a header, cookie or body."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "trace_id": trace_id.get(),
        }
        line |= getattr(record, "data", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class NeverBlockingHandler(logging.StreamHandler[TextIO]):
    """Writes to stderr, unless its reader has stopped: a full pipe would stop every page.

    What could not be written is dropped; the next line says how many lines that were.
    """

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.dropped = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write, or count."""
        if self.dropped and is_ready(self.stream):
            record.data = getattr(record, "data", {}) | {"dropped_lines": self.dropped}
            self.dropped = 0
        line = self.format(record) + self.terminator
        try:
            for start in range(0, len(line), PART):
                if not is_ready(self.stream):
                    self.dropped += 1
                    return
                self.stream.write(line[start : start + PART])
                self.flush()
        except (OSError, ValueError):  # the disk is full; the stream is closed
            self.dropped += 1


def is_ready(stream: TextIO) -> bool:
    """Tell whether a write would not wait; a stream without a file is ready."""
    try:
        return bool(select.select([], [stream], [], 0)[1])
    except (OSError, ValueError):
        return True


class DefectsOnly(logging.Filter):
    """Lets exceptions through; a status of 5xx that we chose is in the access line already."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep what has a traceback."""
        return bool(record.exc_info)
