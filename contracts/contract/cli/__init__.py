"""The command line. Exit codes: 0 compatible, 1 breaking or unproven, 2 cannot tell (one line says why)."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import traceback

from contract.cli.arguments import parser
from contract.cli.commands import CANNOT_TELL
from contract.openapi.reading import DocumentError

__all__ = ["main"]

INTERRUPTED = 130  # 128 and the number of SIGINT, as shells count.


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    sys.setrecursionlimit(10_000)
    for stream in (sys.stdout, sys.stderr):
        # A letter that a terminal cannot show is escaped.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader closed the pipe. What is left in the buffer is dropped, or Python would complain at exit.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CANNOT_TELL
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # Whatever it is: 1 would mean that the contract breaks.
        if options.traceback:
            traceback.print_exc()
        with contextlib.suppress(OSError):
            print(f"contract: {_line(error)}", file=sys.stderr)
        return CANNOT_TELL
    return code


def _line(error: Exception) -> str:
    """What went wrong, on one line."""
    match error:
        case DocumentError():
            text = str(error)
        case OSError():
            text = f"{error.filename or 'the file system'}: {error.strerror or error}"
        case RecursionError() | MemoryError():
            text = "a document refers to itself in more ways than can be followed"
        case _:
            text = f"a fault of this tool, please report it: {type(error).__name__}: {error}"
    return " ".join(text.split())[:500]
