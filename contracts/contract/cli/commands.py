"""What each command does. A command returns its exit code."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

from contract.cli.rules import TABLES
from contract.compare import compare
from contract.consumers.deploy import after_deployments, ask
from contract.consumers.effects import add_effects
from contract.consumers.store import ConsumerStore, Environment
from contract.findings.edits import joined
from contract.findings.finding import Finding, Severity, tell_apart
from contract.lint.rule import LintFinding
from contract.lint.ruleset import DEFAULT, RuleSet, checked, lint, rule_set
from contract.mock.api import Api
from contract.mock.recording import Recording, load_scenario
from contract.mock.server import Faults, Mock, server
from contract.openapi.document import Document, DocumentError
from contract.openapi.lifecycle import today
from contract.output.formats import FORMATS
from contract.output.words import summary
from contract.reference.page import page
from contract.release.again import release_again
from contract.release.plan import Plan, between, plan
from contract.release.release import release
from contract.release.store import ReleaseStore, format_version, is_version, parse_version, write
from contract.settings import configuration
from contract.settings.configuration import Configuration
from contract.settings.layout import Layout
from contract.settings.policy import FailOn, Policy
from contract.sources.find import STANDARD_INPUT, folder_of, read

COMPATIBLE, BREAKING, CANNOT_TELL = 0, 1, 2


def diff(options: argparse.Namespace) -> int:
    """Compare two documents."""
    findings, settings = _compared(options)
    policy = _policy(settings, options)
    policy.grade(findings)
    tell_apart([finding for finding in findings if finding.stops])
    _warn(policy.waive(findings, today()))
    found = _print(options, findings, options.new)
    return BREAKING if any(finding.stops for finding in found) else COMPATIBLE


def baseline(options: argparse.Namespace) -> int:
    """Accept what stops today, so that only what comes later does."""
    findings, settings = _compared(options)
    policy = replace(_policy(settings, options), baseline=frozenset())
    policy.grade(findings)
    tell_apart([finding for finding in findings if finding.stops])
    policy.waive(findings, today())
    names = sorted({finding.name for finding in findings if finding.stops})
    path = options.out or settings.folder / configuration.BASELINE
    write(path, json.dumps({"findings": names}, indent=2, ensure_ascii=False) + "\n")
    print(f"{path}: {len(names)} accepted; commit it")
    return COMPATIBLE


def _compared(options: argparse.Namespace) -> tuple[list[Finding], Configuration]:
    """The differences of the two named documents, and the settings that hold for the new one."""
    if options.old == options.new == STANDARD_INPUT:
        raise DocumentError("standard input is one document: name another one beside `-`")
    settings = _configuration(options, folder_of(options.new))
    store = ReleaseStore(options.root, configuration=settings)
    findings = between(store, options.old, options.new)
    if findings is None:
        findings = compare(_document(store, options.old), _document(store, options.new))
    return findings, settings


def _configuration(options: argparse.Namespace, folder: Path) -> Configuration:
    """The file that is named, or the one that is found."""
    return configuration.read(options.config) if options.config else configuration.find(folder)


def _store(options: argparse.Namespace) -> ReleaseStore:
    draft = getattr(options, "draft", None)
    return ReleaseStore(options.root, draft, _configuration(options, options.root))


def _document(store: ReleaseStore, name: str) -> Document:
    """A release by its version, or whatever else the name means."""
    return read(str(store.find(name)) if is_version(name) else name)


def _policy(settings: Configuration, options: argparse.Namespace) -> Policy:
    asked = getattr(options, "fail_on", None)
    return replace(settings.policy, fail_on=FailOn(asked)) if asked else settings.policy


def _print(options: argparse.Namespace, findings: list[Finding], document: str) -> list[Finding]:
    """Print one finding for each edit, and return them."""
    found = joined(finding for finding in findings if finding.severity is not Severity.OFF)
    for name, path in options.write:
        write(path, FORMATS[name].render(found, document, False) + "\n")
    print(FORMATS[options.format].render(found, document, _colours()))
    return found


def _colours() -> bool:
    """Whether a terminal shows colours (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _warn(sentences: list[str]) -> None:
    for one in sentences:
        print(f"contract: {one}", file=sys.stderr)


def check(options: argparse.Namespace) -> int:
    """Compare the draft with the releases of its major, and lint it."""
    store = _store(options)
    store = replace(store, configuration=replace(store.configuration, policy=_policy(store.configuration, options)))
    planned = plan(store, wanted=parse_version(options.version) if options.version else None)
    breaches = lint(planned.draft, _rules(store.configuration))
    if planned.latest:
        add_effects(ConsumerStore(store), planned.findings, planned.latest[0])
    problems = [f"{store.notes.name} waives `{name}`, but there is no such difference" for name in planned.stale]
    problems += planned.broken_by
    found = _print(options, planned.findings, str(store.draft))
    aside = sys.stdout if options.format == "text" else sys.stderr
    for line in filter(None, [planned.outdated, *planned.refusals, *problems, *map(_format_breach, breaches)]):
        print(line, file=aside)
    if options.format == "text":
        print(_next_step(planned))
    stops = any(finding.stops for finding in found) or any(map(_is_error, breaches))
    return BREAKING if problems or stops else COMPATIBLE


def _next_step(planned: Plan) -> str:
    latest = format_version(planned.latest) if planned.latest else ""
    if planned.version is None:
        return f"The draft is release {latest}." if latest else ""
    return f"The next release would be {format_version(planned.version)}" + (f" after {latest}." if latest else ".")


def _rules(settings: Configuration, chosen: list[str] | None = None) -> RuleSet:
    """The rules of lint that a command line or the settings name, with what the settings say of each."""
    folder = Path() if chosen else settings.folder
    own = checked(settings.lint.severities, settings.lint.exceptions, configuration.NAME)
    named = chosen or settings.lint.rules
    return rule_set(DEFAULT if named is None else named, folder).joined(own)


def _format_breach(breach: LintFinding) -> str:
    mark = "" if _is_error(breach) else f"{breach.severity.value}: "
    return f"{mark}{breach.rule}: {breach.place} {breach.text}; {breach.hint}"


def _is_error(breach: LintFinding) -> bool:
    return breach.severity is Severity.ERROR


def lint_document(options: argparse.Namespace) -> int:
    """Apply rules to one document."""
    named = options.document is not None
    settings = _configuration(options, folder_of(options.document) if named else options.root)
    store = ReleaseStore(options.root, configuration=settings)
    breaches = lint(_document(store, options.document if named else str(store.draft)), _rules(settings, options.rules))
    for breach in breaches:
        print(_format_breach(breach))
    print(f"{len(breaches)} finding{'s' if breaches[1:] else ''}" if breaches else "keeps the rules")
    return BREAKING if any(map(_is_error, breaches)) else COMPATIBLE


def rules(options: argparse.Namespace) -> int:
    """Print every rule."""
    print(TABLES[options.format]())
    return COMPATIBLE


def release_draft(options: argparse.Namespace) -> int:
    """Freeze the draft."""
    if options.again:
        return _again(options)
    store = _store(options)
    breaches = list(filter(_is_error, lint(read(str(store.draft)), _rules(store.configuration))))
    if breaches:
        more = f" (and {len(breaches) - 1} more)" if breaches[1:] else ""
        raise DocumentError(f"not released: {_format_breach(breaches[0])}{more}")
    version, findings = release(store, options.version)
    layout, name = store.layout, format_version(version)
    print(f"released {name}: {summary(joined(findings))}")
    if version != store.latest() and not options.draft:
        files = f"{layout.draft} {layout.notes}"
        print(f"this is not the newest release: put the draft of the next one back, git checkout {files}")
    files = f"commit {layout.releases}/, {layout.changelog}, {layout.draft} and {layout.notes}"
    if layout == Layout():
        print(f"{files}; then, on both sides:\nscripts/contract pin {name}")
    else:
        print(f"{files}; then: git tag {store.tag(version)}")
    return COMPATIBLE


def _again(options: argparse.Namespace) -> int:
    if options.version:
        raise DocumentError("release --again computes the versions: name none")
    done = release_again(_store(options), options.onto)
    print(f"published, and left as it is: what {done.published} has")
    for before, after in done.moved:
        print(f"{before} of the other branch {f'is {after} now' if after else f'is in {done.published} already'}")
    print("all files are resolved and staged: scripts/contract check, then git commit (or git rebase --continue)")
    return COMPATIBLE


def status(options: argparse.Namespace) -> int:
    """Show the latest release and the draft."""
    store = _store(options)
    planned, latest = plan(store), store.latest()
    print(f"latest release: {format_version(latest) if latest else 'none'}")
    after = f" after {format_version(planned.latest)}" if planned.latest and planned.latest != latest else ""
    print(f"draft{after}: {summary(joined(planned.findings))}")
    print(_next_step(planned))
    return COMPATIBLE


def mock(options: argparse.Namespace) -> int:
    """Serve an API that answers from a document."""
    store = _store(options)
    api = Api(_named(store, options.document), options.seeds)
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


def docs(options: argparse.Namespace) -> int:
    """Write the reference page."""
    store = _store(options)
    document = _named(store, options.document)
    log = store.changelog.read_text(encoding="utf-8") if store.changelog.exists() else ""
    out = (
        options.out or store.root / "site" / f"{document.data.get('info', {}).get('version', document.path.stem)}.html"
    )
    write(out, page(document, log))
    print(out)
    return COMPATIBLE


def consumer_add(options: argparse.Namespace) -> int:
    """Store what a version of a consumer uses."""
    path = ConsumerStore(_store(options)).add(options.file, options.version)
    print(f"{path}: commit it")
    return COMPATIBLE


def deployed(options: argparse.Namespace) -> int:
    """Record what runs where."""
    store = ConsumerStore(_store(options))
    known = options.to in store.environments()
    before = store.environment(options.to) if known else Environment(options.to)
    path = store.record(after_deployments(store, options.deployments, before, options.pin))
    print(f"{path}: {'commit it' if known else 'new; commit it'}")
    return COMPATIBLE


def can_i_deploy(options: argparse.Namespace) -> int:
    """Say whether all that runs there works afterwards."""
    store = ConsumerStore(_store(options))
    after = after_deployments(store, options.deployments, store.environment(options.to), options.pin)
    answer = ask(store, options.deployments, after)
    print(f"{' '.join(options.deployments)} to {options.to}: {'no' if answer.against else 'yes'}")
    for line in answer.against or answer.notes:
        print(f"  {line}")
    return BREAKING if answer.against else COMPATIBLE


def _named(store: ReleaseStore, name: str | None) -> Document:
    """The document of this name; of the newest release, or else the draft, when there is none."""
    latest = store.latest() if name is None else None
    return _document(store, format_version(latest) if latest else str(store.draft) if name is None else name)
