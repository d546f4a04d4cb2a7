"""A set of rules: which apply, how grave each is, and where it does not hold. A set is a TOML file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from contract.findings.finding import Severity
from contract.lint.rule import LintFinding
from contract.lint.rules import RULES
from contract.openapi.document import Document
from contract.openapi.reading import DocumentError
from contract.settings.table import Table, read_table

_FOLDER = Path(__file__).parent / "rulesets"
DEFAULT = ("openapi",)


@dataclass(frozen=True)
class RuleSet:
    """Rules with their severities, and patterns of the places where a rule does not hold."""

    severities: Mapping[str, Severity] = field(default_factory=dict)
    exceptions: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def applies(self, rule: str, place: str) -> bool:
        """Whether a rule holds at a place. A pattern may match the path of an operation alone."""
        names = {place, place.partition(" ")[2]}
        return not any(fnmatchcase(name, pattern) for name in names for pattern in self.exceptions.get(rule, ()))

    def joined(self, other: RuleSet) -> RuleSet:
        """Both; the other's severities win, and the exceptions of both hold."""
        both = {*self.exceptions, *other.exceptions}
        exceptions = {rule: (*self.exceptions.get(rule, ()), *other.exceptions.get(rule, ())) for rule in both}
        return RuleSet({**self.severities, **other.severities}, exceptions)


ALL = RuleSet({rule.name: Severity.ERROR for rule in RULES})


def lint(document: Document, rules: RuleSet = ALL) -> list[LintFinding]:
    """Every breach of these rules, in the order of the table."""
    chosen = [(rule, rules.severities.get(rule.name, Severity.OFF)) for rule in RULES]
    return [
        LintFinding(rule.name, place, text, rule.hint, severity)
        for rule, severity in chosen
        if severity is not Severity.OFF
        for place, text in rule.find(document)
        if rules.applies(rule.name, place)
    ]


def names() -> list[str]:
    """The sets that come with the tool."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def rule_set(chosen: Iterable[str], folder: Path) -> RuleSet:
    """The rules of all these sets: names of ours, or files from a folder on. Raises DocumentError."""
    made = RuleSet()
    for name in chosen:
        path = _FOLDER / f"{name}.toml" if name in names() else folder / name
        if not path.is_file():
            raise DocumentError(f"there is no set of rules {name}: name a file, or one of {', '.join(names())}")
        made = made.joined(_read(path))
    return made


def checked(severities: Mapping[str, Severity], exceptions: Mapping[str, Sequence[str]], path: str) -> RuleSet:
    """These settings as a set; raises DocumentError for a rule that there is not."""
    known = {rule.name for rule in RULES}
    for rule in (*severities, *exceptions):
        if rule not in known:
            raise DocumentError(f"{path}: {rule} is no rule of lint; contract rules lists them")
    return RuleSet(severities, exceptions)


def _read(path: Path) -> RuleSet:
    """A file: `extends`, a list of sets; `[rules]` with severities; `[exceptions]` with lists of patterns."""
    top = read_table(path)
    top.known("extends", "rules", "exceptions")
    rules, exceptions = top.table("rules"), top.table("exceptions")
    own = checked(_severities(rules), {rule: exceptions.texts(rule) for rule in exceptions.data}, str(path))
    extended = top.texts("extends")
    if path.name in extended:
        raise DocumentError(f"{path}: extends itself")
    return rule_set(extended, path.parent).joined(own) if extended else own


def _severities(table: Table) -> dict[str, Severity]:
    return {rule: table.choice(rule, Severity, Severity.ERROR) for rule in table.data}
