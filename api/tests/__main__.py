"""Run pytest for scripts/test: a wrong argument is reported in one line, with exit code 2."""

import contextlib
import io
import re
import sys

import pytest


def main() -> int:
    """Return pytest's exit code; 2 for an option or a file that is not there."""
    errors = io.StringIO()
    with contextlib.redirect_stderr(errors):
        code = pytest.main()
    if code != pytest.ExitCode.USAGE_ERROR:
        sys.stderr.write(errors.getvalue())
        return int(code)
    text = " ".join(errors.getvalue().split()).split(" inifile: ")[0]
    reason = re.split("error: |ERROR: (?!usage: )", text)[-1]
    sys.stderr.write(f"scripts/test: {reason}; see .venv/bin/pytest --help\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
