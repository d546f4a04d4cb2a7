"""Reads `.contract.toml`. A mistake in it is one line with the file and the key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from contract.findings.finding import Severity
from contract.findings.rules import RULES
from contract.openapi.direction import Direction
from contract.openapi.reading import DocumentError
from contract.settings.layout import Layout
from contract.settings.policy import BySide, FailOn, Policy, Waiver
from contract.settings.table import Table, read_table

NAME = ".contract.toml"
BASELINE = "contract-baseline.json"
_SIDES: Final = {"request": Direction.REQUEST, "response": Direction.RESPONSE}


@dataclass(frozen=True)
class LintSettings:
    """Which sets of rules lint applies (None: the default), what it leaves out, and how grave each rule is."""

    rules: tuple[str, ...] | None = None
    severities: Mapping[str, Severity] = field(default_factory=dict)
    exceptions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Configuration:
    """All settings of a repository; `folder` is the one that its relative paths begin in."""

    folder: Path = field(default_factory=Path)
    policy: Policy = field(default_factory=Policy)
    lint: LintSettings = field(default_factory=LintSettings)
    layout: Layout = field(default_factory=Layout)


def find(folder: Path) -> Configuration:
    """The settings that hold for a folder: of the files in it, or in the nearest folder above it.

    It is looked for up to the root of the repository. Without any, defaults hold. Raises DocumentError.
    """
    here = folder.resolve()
    above = [here, *here.parents]
    roots = [index for index, one in enumerate(above) if (one / ".git").exists()]
    reach = above[: roots[0] + 1] if roots else above[:1]
    holding = next((one for one in reach if any((one / name).is_file() for name in (NAME, BASELINE))), None)
    if holding is None:
        return Configuration(folder)
    return _read(read_table(holding / NAME) if (holding / NAME).is_file() else Table(holding / NAME, "", {}))


def read(path: Path) -> Configuration:
    """The settings of a file; raises DocumentError."""
    return _read(read_table(path))


def _read(top: Table) -> Configuration:
    path = top.path
    baseline = path.parent / top.text("baseline", BASELINE)
    policy = Policy(
        fail_on=top.choice("fail-on", FailOn, FailOn.UNPROVEN),
        severities={rule: _by_side(top.table("severities"), rule) for rule in top.table("severities").data},
        waivers=tuple(_waiver(table) for table in top.tables("waivers")),
        baseline=_baseline(baseline, needed="baseline" in top.data),
    )
    made = Configuration(path.parent, policy, _lint(top.table("lint")), _layout(top.table("layout")))
    top.known("fail-on", "severities", "waivers", "baseline", "lint", "layout")
    return made


def _by_side(table: Table, rule: str) -> BySide:
    if rule not in RULES:
        raise table.wrong(rule, "is no rule; contract rules lists them")
    if not isinstance(table.data[rule], dict):
        return {None: table.choice(rule, Severity, Severity.ERROR)}
    inner = table.table(rule)
    inner.known(*_SIDES)
    return {_SIDES[side]: inner.choice(side, Severity, Severity.ERROR) for side in inner.data}


def _waiver(table: Table) -> Waiver:
    table.known("name", "rule", "operation", "reason", "expires")
    made = Waiver(
        reason=table.text("reason", "").strip(),
        name=table.text("name", ""),
        rule=table.text("rule", ""),
        operation=table.text("operation", "*"),
        expires=table.day("expires"),
    )
    if not made.reason:
        raise table.wrong("reason", "is missing: say why it is accepted")
    if bool(made.name) is bool(made.rule):
        raise table.wrong("name", "or `rule` says what is waived: give one of them")
    if made.rule and made.rule not in RULES:
        raise table.wrong("rule", f"names no rule: {made.rule}; contract rules lists them")
    return made


def _lint(table: Table) -> LintSettings:
    table.known("rules", "severities", "exceptions")
    severities, exceptions = table.table("severities"), table.table("exceptions")
    return LintSettings(
        rules=table.texts("rules") if "rules" in table.data else None,
        severities={rule: severities.choice(rule, Severity, Severity.ERROR) for rule in severities.data},
        exceptions={rule: exceptions.texts(rule) for rule in exceptions.data},
    )


def _layout(table: Table) -> Layout:
    usual = Layout()
    names = ("draft", "releases", "notes", "changelog", "tag")
    table.known(*names)
    made = Layout(**{name: table.text(name, getattr(usual, name)) for name in names})
    for name in names[:4]:
        if Path(getattr(made, name)).is_absolute() or ".." in Path(getattr(made, name)).parts:
            raise table.wrong(name, "is a path within the folder of the contract")
    if "{version}" not in made.tag:
        raise table.wrong("tag", "has to contain {version}")
    return made


def _baseline(path: Path, needed: bool) -> frozenset[str]:
    """The names in a baseline, which `contract baseline` writes; raises DocumentError."""
    if not needed and not path.exists():
        return frozenset()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        names = data["findings"]
    except OSError as error:
        raise DocumentError(f"{path}: {error.strerror}; contract baseline writes it") from None
    except (ValueError, KeyError, TypeError):
        raise DocumentError(f"{path}: is no baseline; write it again: contract baseline OLD NEW") from None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DocumentError(f"{path}: `findings` is not a list of names")
    return frozenset(names)
