"""Logs: one JSON object a line on standard output."""

import json
import logging
import logging.config
import select
import sys
import time
import traceback
from typing import Any, TextIO

import msgspec

from app.http.trace_context import trace_id

# No log line has these: https://docs.python.org/3/howto/logging.html#optimization
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
vars(logging)["logAsyncioTasks"] = False  # Python 3.12
vars(logging)["_srcfile"] = None  # the source line, which is costly to find


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, trace id, and the extra fields."""

    def __init__(self) -> None:
        super().__init__()
        self._second, self._time = 0, ""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": self._format_second(int(record.created)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "trace_id": trace_id.get(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = describe(record.exc_info[1])
        try:
            return msgspec.json.encode(line).decode()
        except UnicodeEncodeError:  # half a surrogate pair, in an error's message
            return json.dumps(line, default=str)

    def _format_second(self, second: int) -> str:
        """Return an RFC 3339 time; cached for the lines of one second."""
        if second != self._second:
            self._time = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
            self._second = second
        return self._time


PART = 1024  # characters; a pipe that is ready takes 4 KiB without a wait (POSIX, PIPE_BUF)


class NeverBlockingHandler(logging.StreamHandler[TextIO]):
    """Writes to standard output, unless its reader has stopped: a full pipe would stop every call.

    What could not be written is dropped; the next line says how many lines that were.
    """

    def __init__(self) -> None:
        super().__init__(sys.stdout)
        self.dropped = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write, or count."""
        if self.dropped and is_ready(self.stream):
            record.fields = getattr(record, "fields", {}) | {"dropped_lines": self.dropped}
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


# Their messages quote what people typed: "Key (sku)=(…) already exists".
QUOTING = ("sqlalchemy", "asyncpg", "sqlite3", "pydantic_core")


def describe(error: BaseException | None, seen: set[int] | None = None) -> str:
    """Return a traceback, the first cause first, without messages that quote data.

    ``seen`` has the errors described so far: causes can form a circle.
    """
    parts: list[str] = []
    seen = set() if seen is None else seen
    while error and id(error) not in seen:
        seen.add(id(error))
        kind = type(error)
        message = "" if kind.__module__.startswith(QUOTING) else f": {error}"
        frames = "".join(traceback.format_tb(error.__traceback__))
        parts.append(f"{frames}{kind.__module__}.{kind.__qualname__}{message}")
        if isinstance(error, BaseExceptionGroup):
            parts.extend(describe(each, seen) for each in error.exceptions)
        error = error.__cause__ or error.__context__
    return "\n\n".join(reversed(parts))


def configure_logging(level: str) -> dict[str, Any]:
    """Log to standard output as JSON; return the configuration, for new processes."""
    quiet = ("uvicorn.access", "httpx2", "httpcore2", "aiosqlite", "alembic.runtime.plugins")
    how: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {
            "stdout": {
                "class": "app.operations.logging.NeverBlockingHandler",
                "formatter": "json",
            }
        },
        "root": {"level": level, "handlers": ["stdout"]},
        "loggers": {name: {"level": "WARNING"} for name in quiet},
    }
    logging.config.dictConfig(how)
    return how
