"""Where in the text of a document an operation is, for what shows findings beside a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from contract.findings.finding import Finding


def lines_of(name: str) -> Callable[[Finding], int]:
    """A function from a finding to the line, from 1, of its operation in a JSON or YAML file; 1 where it has none."""
    path = Path(name)
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    keys: dict[str, list[int]] = {}
    for number, line in enumerate(lines, 1):
        if match := _KEY.match(line):
            keys.setdefault(match[1] or match[2] or match[3], []).append(number)

    def line_of(finding: Finding) -> int:
        method, _, template = finding.place.operation.partition(" ")
        first = next(iter(keys.get(template, ())), 1)
        return next((number for number in keys.get(method.lower(), ()) if number > first), first) if first > 1 else 1

    return line_of


# A key at the start of a line: "a": or 'a': or a:
_KEY = re.compile(r"""\s*(?:"([^"\\]+)"|'([^']+)'|([^\s"'#:-][^\s:]*))\s*:(?:\s|$)""")
