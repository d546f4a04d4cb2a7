"""The command line. Exit codes: 0 compatible, 1 breaking or unproven, 2 cannot tell (one line says why)."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

from contract.compare import compare
from contract.findings import output
from contract.lint.rule import Flaw
from contract.lint.rules import lint
from contract.mock.api import Api
from contract.mock.server import Switches, server
from contract.openapi.document import DocumentError, load
from contract.reference.page import page
from contract.release.plan import Plan, between, plan
from contract.release.release import release
from contract.release.store import ReleaseStore, format_version, write

Command = Callable[[argparse.Namespace], int]
COMPATIBLE, BREAKING, CANNOT_TELL = 0, 1, 2
INTERRUPTED = 130  # As a shell says it of SIGINT.


def _diff(options: argparse.Namespace) -> int:
    store = ReleaseStore(options.root)
    findings = between(store, options.old, options.new)
    if findings is None:
        findings = compare(load(store.find(options.old)), load(store.find(options.new)))
    print(output.FORMATS[options.format](findings))
    return BREAKING if any(finding.stops for finding in findings) else COMPATIBLE


def _check(options: argparse.Namespace) -> int:
    store = ReleaseStore(options.root)
    made = plan(store)
    flaws = lint(made.draft)
    problems = [f"NEXT.md waives `{name}`, which is no difference (any more)" for name in made.stale]
    print(output.FORMATS[options.format](made.findings))
    aside = sys.stdout if options.format == "text" else sys.stderr
    for line in [*made.refusals, *problems, *map(_flaw, flaws)]:
        print(line, file=aside)
    if options.format == "text":
        print(_advice(made))
    return BREAKING if problems or flaws or any(finding.stops for finding in made.findings) else COMPATIBLE


def _advice(made: Plan) -> str:
    latest = format_version(made.latest) if made.latest else ""
    if made.version is None:
        return f"The draft is release {latest}." if latest else ""
    return f"The next release would be {format_version(made.version)}" + (f" after {latest}." if latest else ".")


def _flaw(flaw: Flaw) -> str:
    return f"{flaw.rule}: {flaw.place} {flaw.text}; {flaw.mend}"


def _lint(options: argparse.Namespace) -> int:
    store = ReleaseStore(options.root)
    flaws = lint(load(store.find(options.document) if options.document else store.draft))
    for flaw in flaws:
        print(_flaw(flaw))
    print(f"{len(flaws)} findings" if flaws else "keeps the house rules")
    return BREAKING if flaws else COMPATIBLE


def _release(options: argparse.Namespace) -> int:
    store = ReleaseStore(options.root)
    flaws = lint(load(store.draft))
    if flaws:
        raise DocumentError(f"not released: {_flaw(flaws[0])}" + (f" (and {len(flaws) - 1} more)" if flaws[1:] else ""))
    version, findings = release(store, options.version)
    print(f"released {format_version(version)}: {output.summary(findings)}")
    print("commit releases/, CHANGELOG.md, openapi.json and NEXT.md; then, on both sides:")
    print(f"scripts/contract pin {format_version(version)}")
    return COMPATIBLE


def _status(options: argparse.Namespace) -> int:
    made = plan(ReleaseStore(options.root))
    print(f"latest release: {format_version(made.latest) if made.latest else 'none'}")
    print(f"draft: {output.summary(made.findings)}")
    print(_advice(made))
    return COMPATIBLE


def _mock(options: argparse.Namespace) -> int:
    store = ReleaseStore(options.root)
    api = Api(load(store.find(options.document) if options.document else _newest(store)), options.seeds)
    try:
        made = server(api, options.port, Switches(options.delay_ms, options.fail_rate, options.status))
    except OSError as error:
        raise DocumentError(f"port {options.port}: {error.strerror}; choose another with --port") from error
    print(
        f"{api.document.path} is mocked at http://127.0.0.1:{made.server_port} (Ctrl-C stops it)",
        flush=True,
    )
    with contextlib.suppress(KeyboardInterrupt), made:
        made.serve_forever()
    return COMPATIBLE


def _docs(options: argparse.Namespace) -> int:
    store = ReleaseStore(options.root)
    path = store.find(options.document) if options.document else _newest(store)
    document = load(path)
    log = store.changelog.read_text(encoding="utf-8") if store.changelog.exists() else ""
    out = options.out or store.root / "site" / f"{document.data.get('info', {}).get('version', path.stem)}.html"
    write(out, page(document, log))
    print(out)
    return COMPATIBLE


def _newest(store: ReleaseStore) -> Path:
    latest = store.latest()
    return store.path(latest) if latest else store.draft


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    root = argparse.ArgumentParser(prog="contract", description="Guard the contract between an API and its clients.")
    root.add_argument("--root", type=Path, default=Path(), help="the folder of the contract (default: here)")
    commands = root.add_subparsers(required=True, metavar="command")
    diff = _command(commands, "diff", _diff, "compare two OpenAPI documents")
    diff.add_argument("old", help="a file, or the version of a release")
    diff.add_argument("new", help="a file, or the version of a release")
    _format(diff)
    _format(
        _command(
            commands,
            "check",
            _check,
            "judge the draft beside every release of its major, and by the house rules",
        )
    )
    lints = _command(commands, "lint", _lint, "hold a document to the house rules")
    lints.add_argument("document", nargs="?", help="a file or a version; by default the draft")
    releases = _command(commands, "release", _release, "freeze the draft as the next release")
    releases.add_argument("version", nargs="?", help="at least what the differences ask for; needed for a major one")
    _command(commands, "status", _status, "say what is released, and what the draft would be")
    mock = _command(commands, "mock", _mock, "answer like an API of a release, from memory, on this machine")
    mock.add_argument("document", nargs="?", help="a version or a file; by default the latest release")
    mock.add_argument("--port", type=int, default=8081)
    mock.add_argument("--seeds", type=int, default=3, help="things in each collection at the start (default: 3)")
    mock.add_argument("--delay-ms", type=int, default=0, help="wait before every answer")
    mock.add_argument(
        "--fail-rate",
        type=float,
        default=0.0,
        help="share of requests that are answered 503 (0 to 1)",
    )
    mock.add_argument(
        "--status",
        type=int,
        help="answer everything with this status; one request: Prefer: code=409",
    )
    docs = _command(commands, "docs", _docs, "write the reference of a release as one page")
    docs.add_argument("document", nargs="?", help="a version or a file; by default the latest release")
    docs.add_argument("--out", type=Path, help="where to (default: site/VERSION.html)")
    return root


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Command,
    text: str,
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    made.set_defaults(run=run)
    return made


def _format(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", choices=sorted(output.FORMATS), default="text")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    sys.setrecursionlimit(10_000)
    for stream in (sys.stdout, sys.stderr):
        # A letter that a terminal cannot show is written out rather than a crash.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has seen enough. What is left in the buffer goes nowhere, without a word at the exit.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CANNOT_TELL
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # Whatever it is: 1 would mean that the contract breaks.
        with contextlib.suppress(OSError):
            print(f"contract: {_line(error)}", file=sys.stderr)
        return CANNOT_TELL
    return code


def _line(error: Exception) -> str:
    """What went wrong, on one line."""
    match error:
        case DocumentError():
            told = str(error)
        case OSError():
            told = f"{error.filename or 'the file system'}: {error.strerror or error}"
        case RecursionError() | MemoryError():
            told = "a document refers to itself in more ways than can be followed"
        case _:
            told = f"a fault of this tool, please report it: {type(error).__name__}: {error}"
    return " ".join(told.split())[:500]
