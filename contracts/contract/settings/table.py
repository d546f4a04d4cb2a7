"""A table of a TOML file that is read key by key, so that each mistake names the file and the key."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from contract.openapi.reading import DocumentError

E = TypeVar("E", bound=StrEnum)


def read_table(path: Path) -> Table:
    """The whole of a file; raises DocumentError with the line at fault."""
    try:
        return Table(path, "", tomllib.loads(path.read_bytes().decode("utf-8-sig")))
    except OSError as error:
        raise DocumentError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DocumentError(f"{path}: not TOML: {error}") from None


@dataclass(frozen=True)
class Table:
    """A table of the file, with the way to it."""

    path: Path
    name: str
    data: dict[str, Any]

    def wrong(self, key: str, why: str) -> DocumentError:
        """The mistake of a key, to be raised."""
        return DocumentError(f"{self.path}: {self._full(key)} {why}")

    def known(self, *names: str) -> None:
        """Raises DocumentError for a key that is not among these names."""
        for key in self.data:
            if key not in names:
                raise self.wrong(key, f"is not known; known are {', '.join(names)}")

    def text(self, key: str, default: str) -> str:
        """A text."""
        found: str = self._of(key, default, str, "a text")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where the key is missing."""
        found: list[Any] = self._of(key, [], list, "a list of texts")
        if not all(isinstance(one, str) for one in found):
            raise self.wrong(key, "is not a list of texts")
        return tuple(found)

    def day(self, key: str) -> dt.date | None:
        """A date, as TOML or as text."""
        found = self.data.get(key)
        if found is None or (isinstance(found, dt.date) and not isinstance(found, dt.datetime)):
            return found
        try:
            return dt.date.fromisoformat(found)
        except (TypeError, ValueError):
            raise self.wrong(key, "is not a date such as 2027-01-31") from None

    def choice(self, key: str, kind: type[E], default: E) -> E:
        """One of the values of an enumeration."""
        found = self.text(key, default)
        try:
            return kind(found)
        except ValueError:
            raise self.wrong(key, f"is {found!r}, and not one of {', '.join(kind)}") from None

    def table(self, key: str) -> Table:
        """A table within; empty where the key is missing."""
        return Table(self.path, self._full(key), self._of(key, {}, dict, "a table"))

    def tables(self, key: str) -> list[Table]:
        """A list of tables; empty where the key is missing."""
        found: list[Any] = self._of(key, [], list, "a list of tables")
        if not all(isinstance(one, dict) for one in found):
            raise self.wrong(key, "is not a list of tables")
        return [Table(self.path, f"{self._full(key)}[{number}]", one) for number, one in enumerate(found)]

    def _full(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def _of(self, key: str, default: Any, kind: type, words: str) -> Any:
        found = self.data.get(key, default)
        if not isinstance(found, kind):
            raise self.wrong(key, f"is not {words}")
        return found
