"""The command line: every command with its options."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import contract
from contract.cli import commands as run
from contract.cli.rules import TABLES
from contract.output.formats import FORMATS
from contract.settings.policy import FailOn

N = TypeVar("N", int, float)
Command = Callable[[argparse.Namespace], int]
_DOCUMENT = "a file, the version of a release, REVISION:FILE of git, an address, or - for standard input"


class _Parser(argparse.ArgumentParser):
    """A command line whose mistakes are reported in one line."""

    def error(self, message: str) -> NoReturn:
        """Report the mistake, and end with 2."""
        words = message.removeprefix("unrecognized arguments: ").split()
        if message.startswith("unrecognized") and all("=" in word and word[0] != "-" for word in words):
            message = f"{words[0]} stands behind an option: name all that runs there before --to and --pin"
        self.exit(run.CANNOT_TELL, " ".join(f"{self.prog}: {message}; see --help".split()) + "\n")


class _Once(argparse.Action):
    """An option that holds for everything, so that a second one would silently replace the first."""

    def __call__(self, parser: Any, namespace: argparse.Namespace, values: Any, option: str | None = None) -> None:
        if getattr(namespace, self.dest) is not None:
            parser.error(f"{option} holds for all that is named: give it once, and hand in a usage for the others")
        setattr(namespace, self.dest, values)


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    root = _Parser(
        prog="contract",
        description="Guard the contract between an API and its clients.",
        epilog="Exit codes: 0 compatible; 1 breaking, unproven or against the rules; 2 cannot tell, one line says why.",
    )
    root.add_argument(
        "--root", type=Path, default=Path(), metavar="DIRECTORY", help="the folder of the contract (default: this one)"
    )
    root.add_argument("--config", type=Path, metavar="FILE", help="the configuration (default: .contract.toml, found)")
    root.add_argument("--version", action="version", version=f"contract {contract.__version__}")
    root.add_argument("--traceback", action="store_true", help="show where a fault of the tool happened")
    commands = root.add_subparsers(required=True, metavar="command")
    _add_comparisons(commands)
    _add_release(commands)
    status = _command(commands, "status", run.status, "show the latest release, and how the draft differs from it")
    _add_draft(status)
    docs = _command(commands, "docs", run.docs, "write the reference of a document as one HTML page")
    docs.add_argument("document", nargs="?", help="a file or a version (default: the latest release)")
    docs.add_argument("--out", type=Path, help="the file to write (default: site/VERSION.html)")
    _add_mock(commands)
    _add_deployments(commands)
    return root


def _add_comparisons(commands: argparse._SubParsersAction[_Parser]) -> None:
    check = _command(commands, "check", run.check, "compare the draft with the releases of its major; lint it")
    check.add_argument("version", nargs="?", help="the release that it shall be: a hotfix, such as 1.1.1")
    _add_format(check)
    _add_policy(check)
    _add_draft(check)
    diff = _command(commands, "diff", run.diff, "compare two OpenAPI documents")
    accept = _command(commands, "baseline", run.baseline, "accept what stops between two documents today")
    for command in (diff, accept):
        command.add_argument("old", help=_DOCUMENT)
        command.add_argument("new", help="the same")
        _add_policy(command)
    accept.add_argument("--out", type=Path, help="the file to write (default: contract-baseline.json)")
    _add_format(diff)
    lints = _command(commands, "lint", run.lint_document, "apply rules to a document")
    lints.add_argument("document", nargs="?", help=f"{_DOCUMENT} (default: the draft)")
    lints.add_argument(
        "--rules",
        action="append",
        metavar="SET",
        help="openapi, treaty, or a file (default: those of the configuration, or openapi)",
    )
    table = _command(commands, "rules", run.rules, "print every rule of the comparison and of lint")
    table.add_argument(
        "--format", choices=sorted(TABLES), default="text", help="for a person (default), a page, a program"
    )


def _add_deployments(commands: argparse._SubParsersAction[_Parser]) -> None:
    consumer = _command(commands, "consumer", run.consumer_add, "hand in what a version of a consumer uses")
    consumer.add_argument("action", choices=["add"], help="add: store it in consumers/, for good")
    consumer.add_argument("file", type=Path, help="its usage file, as docs/usage-format.md says")
    consumer.add_argument("--version", required=True, help="the version of the consumer")
    ask_ = _command(commands, "can-i-deploy", run.can_i_deploy, "say whether all that runs there works afterwards")
    tell = _command(commands, "deployed", run.deployed, "record what runs where, in environments/")
    for command in (ask_, tell):
        command.add_argument(
            "deployments",
            nargs="+" if command is ask_ else "*",
            metavar="NAME=VERSION",
            help="what runs there afterwards: api=1.3.0, web=1.4; twice the same name: both run",
        )
        command.add_argument("--to", required=True, metavar="ENVIRONMENT", help="such as production")
        command.add_argument(
            "--pin", metavar="RELEASE", action=_Once, help="the release that all pin that handed in no usage"
        )


def _add_mock(commands: argparse._SubParsersAction[_Parser]) -> None:
    mock = _command(commands, "mock", run.mock, "serve an API that answers from a document, on this machine")
    mock.add_argument("document", nargs="?", help="a file or a version (default: the latest release)")
    mock.add_argument("--port", type=_number(int, 0, 65_535), default=8081, help="(default: 8081; 0 takes a free one)")
    mock.add_argument(
        "--seeds", type=_number(int, 0, 1000), default=3, help="resources in each collection at the start (default: 3)"
    )
    mock.add_argument(
        "--delay-ms", type=_number(int, 0, 3_600_000), default=0, help="milliseconds to wait before each answer"
    )
    mock.add_argument(
        "--fail-rate", type=_number(float, 0, 1), default=0.0, help="share of requests answered with 503, 0 to 1"
    )
    mock.add_argument(
        "--status",
        type=_number(int, 200, 599),
        help="answer every request with this status (one request: header Prefer: code=409)",
    )
    mock.add_argument("--record", type=Path, metavar="FILE", help="write what is asked and answered, as HAR")
    mock.add_argument("--replay", type=Path, metavar="FILE", help="answer what a HAR file has, then from the document")


def _written(text: str) -> tuple[str, Path]:
    """A format and a file."""
    name, _, file = text.partition("=")
    if name not in FORMATS or not file:
        raise argparse.ArgumentTypeError(f"{text!r} is not FORMAT=FILE; formats: {', '.join(FORMATS)}")
    return name, Path(file)


def _number(kind: Callable[[str], N], low: int, high: int) -> Callable[[str], N]:
    """What reads a number that is neither below ``low`` nor above ``high``."""

    def read(text: str) -> N:
        with contextlib.suppress(ValueError):
            value = kind(text)
            if low <= value <= high:
                return value
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {low} to {high}")

    return read


def _command(
    commands: argparse._SubParsersAction[_Parser], name: str, does: Command, text: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    command.set_defaults(run=does)
    return command


def _add_release(commands: argparse._SubParsersAction[_Parser]) -> None:
    releases = _command(commands, "release", run.release_draft, "freeze the draft as the next release")
    releases.add_argument("version", nargs="?", help="needed for a major version and a hotfix; otherwise computed")
    releases.add_argument(
        "--again", action="store_true", help="in a merge of two branches that both released: release the other again"
    )
    releases.add_argument("--onto", metavar="REF", help="with --again: the branch that is published (default: main)")
    _add_draft(releases)


def _add_draft(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--draft", type=Path, help="another draft than openapi.json, with notes of that name in .md: of a hotfix"
    )


def _add_format(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--format", choices=list(FORMATS), default="text", help="for a person (default), a review, a program, a service"
    )
    command.add_argument(
        "--write", type=_written, action="append", default=[], metavar="FORMAT=FILE", help="write a file as well"
    )


def _add_policy(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--fail-on",
        choices=[*FailOn],
        help="the mildest verdict that stops (default: that of the configuration, or unproven)",
    )
    command.add_argument("--config", type=Path, metavar="FILE", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
