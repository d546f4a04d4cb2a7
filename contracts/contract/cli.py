"""The command line. Exit codes: 0 compatible, 1 breaking or unproven, 2 cannot tell (one line says why)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from contract import output
from contract.compare import compare
from contract.document import DocumentError, load

Command = Callable[[argparse.Namespace], int]
COMPATIBLE, BREAKING, CANNOT_TELL = 0, 1, 2


def _diff(options: argparse.Namespace) -> int:
    findings = compare(load(options.old), load(options.new))
    print(output.FORMATS[options.format](findings))
    return BREAKING if any(finding.stops for finding in findings) else COMPATIBLE


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    root = argparse.ArgumentParser(prog="contract", description="Guard the contract between an API and its clients.")
    commands = root.add_subparsers(required=True, metavar="command")
    diff = _command(commands, "diff", _diff, "compare two OpenAPI documents")
    diff.add_argument("old", type=Path)
    diff.add_argument("new", type=Path)
    _format(diff)
    return root


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: Command, text: str
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    made.set_defaults(run=run)
    return made


def _format(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", choices=sorted(output.FORMATS), default="text")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    sys.setrecursionlimit(10_000)
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except DocumentError as error:
        print(f"contract: {error}", file=sys.stderr)
        return CANNOT_TELL
    return code
