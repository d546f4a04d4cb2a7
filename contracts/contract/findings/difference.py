"""One difference between two documents, as data: where it is, which way it travels, and the two values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Final

from contract.openapi.direction import Direction
from contract.openapi.place import ANYWHERE, Path, Place


class Absent(Enum):
    """The value of what a document does not say."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True)
class Notice:
    """The announcement of a removal. `given`: it was made in time; since which release, until which day, if known."""

    given: bool
    since: str = ""
    until: dt.date | None = None


@dataclass(kw_only=True)
class Difference:
    """A difference of one rule at one place. `ABSENT` stands for what one of the documents does not say.

    `subject` is the media type or the status that came or went. `keyword` is the word of OpenAPI that differs, in an
    object of the grammar's kind `holder`. `loosened`: the old document makes a demand, and the new one does not.
    """

    rule: str
    place: Place = ANYWHERE
    direction: Direction | None = None
    path: Path = ()
    subject: str = ""
    keyword: str = ""
    holder: str = ""
    before: Any = ABSENT
    after: Any = ABSENT
    loosened: bool = False
    notice: Notice | None = None
    # The named schema in which the documents differ, and the way from there to the field; empty where it has no name.
    schema: str = ""
    within: Path = ()
    # What the edit brought and took away: values, types, alternatives, or the field itself.
    came: tuple[Any, ...] = ()
    went: tuple[Any, ...] = ()
    # Whether the documents differ there, in what the difference is about.
    is_edit: bool = False
    # The way to the union that an alternative came to or went from, where that is the edit.
    edited: Path | None = None
    # The heading of the changelog under which it goes.
    kind: str = "Changed"
    # Other fields of the same place that differ in the same keyword.
    also: list[Path] = field(default_factory=list)

    @property
    def identity(self) -> tuple[Any, ...]:
        """What makes it the same difference in other releases, whatever the values are."""
        return replace(self.place, operation_id=""), self.path, self.subject, self.rule
