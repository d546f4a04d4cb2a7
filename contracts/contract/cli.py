"""The command line. Exit codes: 0 compatible, 1 breaking or unproven, 2 cannot tell (one line says why)."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from contract.compare import compare
from contract.consumers.deploy import after_deployments, ask
from contract.consumers.effects import add_effects
from contract.consumers.store import ConsumerStore, Environment
from contract.findings import output
from contract.lint.rule import LintFinding
from contract.lint.rules import lint
from contract.mock.api import Api
from contract.mock.recording import Recording, load_scenario
from contract.mock.server import Faults, Mock, server
from contract.openapi.document import DocumentError, load
from contract.reference.page import page
from contract.release.again import release_again
from contract.release.plan import Plan, between, plan
from contract.release.release import release
from contract.release.store import ReleaseStore, format_version, parse_version, write

N = TypeVar("N", int, float)
Command = Callable[[argparse.Namespace], int]
COMPATIBLE, BREAKING, CANNOT_TELL = 0, 1, 2
INTERRUPTED = 130  # 128 and the number of SIGINT, as shells count.


def _diff(options: argparse.Namespace) -> int:
    store = ReleaseStore(options.root)
    findings = between(store, options.old, options.new)
    if findings is None:
        findings = compare(load(store.find(options.old)), load(store.find(options.new)))
    print(output.FORMATS[options.format](findings))
    return BREAKING if any(finding.stops for finding in findings) else COMPATIBLE


def _check(options: argparse.Namespace) -> int:
    store = ReleaseStore(options.root, options.draft)
    planned = plan(store, wanted=parse_version(options.version) if options.version else None)
    breaches = lint(planned.draft)
    if planned.latest:
        add_effects(ConsumerStore(store), planned.findings, planned.latest[0])
    problems = [f"{store.notes.name} waives `{name}`, but there is no such difference" for name in planned.stale]
    problems += planned.broken_by
    print(output.FORMATS[options.format](planned.findings))
    aside = sys.stdout if options.format == "text" else sys.stderr
    for line in filter(None, [planned.outdated, *planned.refusals, *problems, *map(_format_breach, breaches)]):
        print(line, file=aside)
    if options.format == "text":
        print(_next_step(planned))
    stops = any(finding.stops for finding in planned.findings)
    return BREAKING if problems or breaches or stops else COMPATIBLE


def _next_step(planned: Plan) -> str:
    latest = format_version(planned.latest) if planned.latest else ""
    if planned.version is None:
        return f"The draft is release {latest}." if latest else ""
    return f"The next release would be {format_version(planned.version)}" + (f" after {latest}." if latest else ".")


def _format_breach(breach: LintFinding) -> str:
    return f"{breach.rule}: {breach.place} {breach.text}; {breach.hint}"


def _lint(options: argparse.Namespace) -> int:
    store = ReleaseStore(options.root)
    breaches = lint(load(store.find(options.document) if options.document is not None else store.draft))
    for breach in breaches:
        print(_format_breach(breach))
    print(f"{len(breaches)} findings" if breaches else "keeps the house rules")
    return BREAKING if breaches else COMPATIBLE


def _release(options: argparse.Namespace) -> int:
    if options.again:
        return _again(options)
    store = ReleaseStore(options.root, options.draft)
    breaches = lint(load(store.draft))
    if breaches:
        more = f" (and {len(breaches) - 1} more)" if breaches[1:] else ""
        raise DocumentError(f"not released: {_format_breach(breaches[0])}{more}")
    version, findings = release(store, options.version)
    print(f"released {format_version(version)}: {output.summary(findings)}")
    if version != store.latest() and not options.draft:
        print("this is not the newest release: put the draft of the next one back, git checkout openapi.json NEXT.md")
    print("commit releases/, CHANGELOG.md, openapi.json and NEXT.md; then, on both sides:")
    print(f"scripts/contract pin {format_version(version)}")
    return COMPATIBLE


def _again(options: argparse.Namespace) -> int:
    if options.version:
        raise DocumentError("release --again computes the versions: name none")
    done = release_again(ReleaseStore(options.root, options.draft), options.onto)
    print(f"published, and left as it is: what {done.published} has")
    for before, after in done.moved:
        print(f"{before} of the other branch {f'is {after} now' if after else f'is in {done.published} already'}")
    print("all files are resolved and staged: scripts/contract check, then git commit (or git rebase --continue)")
    return COMPATIBLE


def _status(options: argparse.Namespace) -> int:
    store = ReleaseStore(options.root, options.draft)
    planned, latest = plan(store), store.latest()
    print(f"latest release: {format_version(latest) if latest else 'none'}")
    after = f" after {format_version(planned.latest)}" if planned.latest and planned.latest != latest else ""
    print(f"draft{after}: {output.summary(planned.findings)}")
    print(_next_step(planned))
    return COMPATIBLE


def _mock(options: argparse.Namespace) -> int:
    store = ReleaseStore(options.root)
    api = Api(load(store.find(options.document) if options.document is not None else _newest(store)), options.seeds)
    mock = Mock(
        api,
        Faults(options.delay_ms, options.fail_rate, options.status),
        load_scenario(options.replay) if options.replay else None,
        Recording(options.record) if options.record else None,
    )
    try:
        serving = server(mock, options.port)
    except OSError as error:
        raise DocumentError(f"port {options.port}: {error.strerror}; choose another with --port") from error
    address = f"http://127.0.0.1:{serving.server_port}"
    print(f"{api.document.path} is mocked at {address} (Ctrl-C stops it)", flush=True)
    with contextlib.suppress(KeyboardInterrupt), serving:
        serving.serve_forever()
    return COMPATIBLE


def _docs(options: argparse.Namespace) -> int:
    store = ReleaseStore(options.root)
    path = store.find(options.document) if options.document is not None else _newest(store)
    document = load(path)
    log = store.changelog.read_text(encoding="utf-8") if store.changelog.exists() else ""
    out = options.out or store.root / "site" / f"{document.data.get('info', {}).get('version', path.stem)}.html"
    write(out, page(document, log))
    print(out)
    return COMPATIBLE


def _consumer_add(options: argparse.Namespace) -> int:
    path = ConsumerStore(ReleaseStore(options.root)).add(options.file, options.version)
    print(f"{path}: commit it")
    return COMPATIBLE


def _deployed(options: argparse.Namespace) -> int:
    store = ConsumerStore(ReleaseStore(options.root))
    known = options.to in store.environments()
    before = store.environment(options.to) if known else Environment(options.to)
    path = store.record(after_deployments(store, options.deployments, before, options.pin))
    print(f"{path}: {'commit it' if known else 'new; commit it'}")
    return COMPATIBLE


def _can_i_deploy(options: argparse.Namespace) -> int:
    store = ConsumerStore(ReleaseStore(options.root))
    after = after_deployments(store, options.deployments, store.environment(options.to), options.pin)
    answer = ask(store, options.deployments, after)
    print(f"{' '.join(options.deployments)} to {options.to}: {'no' if answer.against else 'yes'}")
    for line in answer.against or answer.notes:
        print(f"  {line}")
    return BREAKING if answer.against else COMPATIBLE


def _newest(store: ReleaseStore) -> Path:
    latest = store.latest()
    return store.path(latest) if latest else store.draft


class _Parser(argparse.ArgumentParser):
    """A command line whose mistakes are reported in one line."""

    def error(self, message: str) -> NoReturn:
        """Report the mistake, and end with 2."""
        words = message.removeprefix("unrecognized arguments: ").split()
        if message.startswith("unrecognized") and all("=" in word and word[0] != "-" for word in words):
            message = f"{words[0]} stands behind an option: name all that runs there before --to and --pin"
        self.exit(CANNOT_TELL, " ".join(f"{self.prog}: {message}; see --help".split()) + "\n")


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
        epilog="Exit codes: 0 compatible; 1 breaking, unproven or against the house rules; 2 cannot tell, one line "
        "says why.",
    )
    root.add_argument(
        "--root", type=Path, default=Path(), metavar="DIRECTORY", help="the folder of the contract (default: this one)"
    )
    root.add_argument("--traceback", action="store_true", help="show where a fault of the tool happened")
    commands = root.add_subparsers(required=True, metavar="command")
    check = _command(commands, "check", _check, "compare the draft with the releases of its major; lint it")
    check.add_argument("version", nargs="?", help="the release that it shall be: a hotfix, such as 1.1.1")
    _add_format(check)
    _add_draft(check)
    diff = _command(commands, "diff", _diff, "compare two OpenAPI documents")
    diff.add_argument("old", help="a file, or the version of a release")
    diff.add_argument("new", help="a file, or the version of a release")
    _add_format(diff)
    lints = _command(commands, "lint", _lint, "apply the house rules to a document")
    lints.add_argument("document", nargs="?", help="a file or a version (default: the draft)")
    _add_release(commands)
    status = _command(commands, "status", _status, "show the latest release, and how the draft differs from it")
    _add_draft(status)
    docs = _command(commands, "docs", _docs, "write the reference of a document as one HTML page")
    docs.add_argument("document", nargs="?", help="a file or a version (default: the latest release)")
    docs.add_argument("--out", type=Path, help="the file to write (default: site/VERSION.html)")
    _add_mock(commands)
    _add_deployments(commands)
    return root


def _add_deployments(commands: argparse._SubParsersAction[_Parser]) -> None:
    consumer = _command(commands, "consumer", _consumer_add, "hand in what a version of a consumer uses")
    consumer.add_argument("action", choices=["add"], help="add: store it in consumers/, for good")
    consumer.add_argument("file", type=Path, help="its usage file, as docs/usage-format.md says")
    consumer.add_argument("--version", required=True, help="the version of the consumer")
    ask_ = _command(commands, "can-i-deploy", _can_i_deploy, "say whether all that runs there works afterwards")
    tell = _command(commands, "deployed", _deployed, "record what runs where, in environments/")
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
    mock = _command(commands, "mock", _mock, "serve an API that answers from a document, on this machine")
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
    commands: argparse._SubParsersAction[_Parser], name: str, run: Command, text: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    command.set_defaults(run=run)
    return command


def _add_release(commands: argparse._SubParsersAction[_Parser]) -> None:
    releases = _command(commands, "release", _release, "freeze the draft as the next release")
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
        "--format", choices=sorted(output.FORMATS), default="text", help="for a person (default), a program, a review"
    )


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
