"""A difference that was judged: how much it matters, what proves it, and what it touches."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as made_by
from enum import StrEnum
from typing import Any

from contract.findings.difference import ABSENT, Difference
from contract.findings.effect import Effect
from contract.findings.sentences import sentence
from contract.openapi.place import Path, Place, format_path


class Verdict(StrEnum):
    """How much a difference matters. `wire` and `unproven` stop a release; `source` is a warning.

    `words` changes nothing that is sent or answered: a description, an example, another way to write the same.
    """

    WIRE = "wire"
    UNPROVEN = "unproven"
    SOURCE = "source"
    COMPATIBLE = "compatible"
    WORDS = "words"


class Severity(StrEnum):
    """What a finding does: an error stops, a warning and a note are shown, and what is off is not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    OFF = "off"


# Where no policy says otherwise.
SEVERITIES = {
    Verdict.WIRE: Severity.ERROR,
    Verdict.UNPROVEN: Severity.ERROR,
    Verdict.SOURCE: Severity.WARNING,
    Verdict.COMPATIBLE: Severity.NOTE,
    Verdict.WORDS: Severity.NOTE,
}


@dataclass(frozen=True)
class Witness:
    """A concrete request or response that proves a break, as a person reads it, and the value that a schema judged."""

    text: str
    value: Any = ABSENT


@dataclass(frozen=True)
class Touch:
    """One place of a difference: a part of an operation, and the field or the media type there.

    `deeper`: the schema contains itself, so that the place is the field or anything below it. `declared`: for each `*`
    of the path, the names for which it does not stand.
    """

    place: Place
    path: Path = ()
    subject: str = ""
    deeper: bool = False
    declared: tuple[frozenset[str], ...] = ()

    @property
    def operation_id(self) -> str:
        """The operationId; METHOD and path where the document gives none."""
        return self.place.operation_id or self.place.operation

    @property
    def field(self) -> str:
        """The field as text, or the media type or status that it is about."""
        return self.subject or format_path(self.path)


@dataclass(kw_only=True)
class Finding(Difference):
    """One difference with its verdict. `operations` are all that it touches, the one that is shown first.

    `touches` has each place of a shared difference: every operation, and every way to it within one.
    """

    verdict: Verdict
    witness: Witness | None = None
    operations: list[str] = made_by(default_factory=list)
    touches: list[Touch] = made_by(default_factory=list)
    # Whether another finding would have the same name: punctuation of paths and fields is lost in it.
    shares_name: bool = False
    # The objects that it is about: those with all fields of one of the sets (all objects when there is none), and the
    # fields that decide it (any when there is none).
    given: tuple[frozenset[str], ...] = ()
    about: frozenset[str] = frozenset()
    # The severity that a policy gives it; None leaves that of its verdict.
    graded: Severity | None = None
    # Why it is accepted although it stops a release.
    waiver: str = ""
    # The releases that it breaks, where a draft is held against several.
    releases: list[str] = made_by(default_factory=list)
    # What it does to the consumers that run.
    effects: list[Effect] = made_by(default_factory=list)

    @property
    def text(self) -> str:
        """The difference in one sentence."""
        return sentence(self)

    @property
    def field(self) -> str:
        """The field as text, or the media type or status that it is about."""
        return self.subject or format_path(self.path)

    @property
    def name(self) -> str:
        """What a waiver names: stable as long as the difference is the same."""
        return self.names[0]

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which it can be waived. A name that another finding has too is one of neither."""
        parts = (self.place.operation, self.place.where, self.field, self.rule)
        plain = "/".join(re.sub(r"[^\w.\[\]{}-]+", "-", part.strip("/")) for part in parts if part)
        exact = f"{plain}~{hashlib.sha256(json.dumps([*parts, self.path]).encode()).hexdigest()[:6]}"
        return (exact,) if self.shares_name else (plain, exact)

    @property
    def severity(self) -> Severity:
        """What it does, by the policy or by its verdict."""
        return self.graded or SEVERITIES[self.verdict]

    @property
    def stops(self) -> bool:
        """Whether a release has to be a major one, or the difference waived."""
        return self.severity is Severity.ERROR and not self.waiver


def tell_apart(findings: Iterable[Finding]) -> None:
    """Mark findings of different places whose names would be the same, so that no waiver is taken for another's."""
    owners: dict[str, set[Any]] = {}
    held = list(findings)
    for finding in held:
        owners.setdefault(finding.name, set()).add(finding.identity)
    for finding in held:
        finding.shares_name = len(owners[finding.name]) > 1
