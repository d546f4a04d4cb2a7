"""The page that is written while the rehearsal runs: Markdown without what differs from run to run."""

import datetime as dt
import difflib
import re
import textwrap
from collections.abc import Callable

LINES = 8  # of an answer, unless a step wants others
MASKS = (
    (re.compile(r"\b[0-9a-f]{40,64}\b"), "…"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "http://127.0.0.1:PORT"),
    (re.compile(r"\x1b\[[0-9;]*m"), ""),
)
# What differs from run to run, and tells nothing.
NOISE = re.compile(r"Setting up |WARNING: |  Generating |INFO  \[|index .*\.\.|hint: |Updated \d+ path")


class Transcript:
    """Chapters of prose and of commands with their answers."""

    def __init__(self, show: Callable[[str], object], names: dict[str, str]) -> None:
        self.names, self._show = names, show
        self.chapters: list[str] = []
        self._blocks: list[str] = []
        self._console: list[str] = []

    @property
    def text(self) -> str:
        """The page so far."""
        return "\n\n".join([*self._blocks, *self._closed()]) + "\n"

    def prose(self, text: str) -> None:
        """Add a paragraph."""
        self._blocks += [*self._closed(), " ".join(textwrap.dedent(text).split())]
        self._console = []
        self._show(self._blocks[-1] + "\n")

    def heading(self, day: dt.date, week: int, title: str) -> None:
        """Begin a chapter."""
        self.chapters.append(f"| {week} | {day.day} {day:%B} | {title} |")
        self.prose(f"## Week {week}, {day.day} {day:%B}: {title}")

    def line(self, text: str) -> None:
        """Add a line to the commands that are being shown."""
        self._console.append(self.masked(text).rstrip())
        self._show(self._console[-1])

    def answer(self, text: str, show: int | str = LINES) -> None:
        """Add an answer: its first lines, or those that a pattern finds."""
        lines = [line.rstrip() for line in self.masked(text).splitlines() if line.strip() and not NOISE.match(line)]
        if isinstance(show, str):
            lines = [line for line in lines if re.search(show, line)]
        for line in lines[: LINES if isinstance(show, str) else show]:
            self.line(line if len(line) <= 150 else line[:149] + "…")
        if not isinstance(show, str) and len(lines) > show > 0:
            self.line("…")

    def change(self, old: str, new: str) -> None:
        """Add what an edit changed: lines that went and came."""
        found = [
            line for line in difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="") if line[2:3]
        ]
        changed = [line for line in found if not line.startswith(("---", "+++", "@@"))]
        for line in changed[:6]:
            self.line(f"  {line[0]} {line[1:].strip()}")
        if changed[6:]:
            self.line("  …")

    def masked(self, text: str) -> str:
        """Return a text without paths, ports and checksums of this run."""
        for name, shown in self.names.items():
            text = text.replace(name, shown)
        for pattern, shown in MASKS:
            text = pattern.sub(shown, text)
        return text

    def _closed(self) -> list[str]:
        return ["```console\n" + "\n".join(self._console) + "\n```"] if self._console else []
