"""One place that documents are read from, with the files that a document there refers to.

A source that is no folder is given a root of its own, below which relative references are resolved as in a folder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contract.openapi.document import Document, DocumentError, load

# More than the largest published documents, and little enough for any machine.
MOST_BYTES = 64 * 1024 * 1024
MOST_FILES = 1000


@dataclass(frozen=True)
class Source:
    """What reads the files below a root. `name` is the root as a person writes it."""

    root: Path
    name: str
    read: Callable[[str], bytes]

    def document(self, file: str) -> Document:
        """The document in a file below the root; raises DocumentError, which calls the file as a person does."""
        count = 0

        def read(path: Path) -> bytes:
            nonlocal count
            count += 1
            if count > MOST_FILES:
                raise DocumentError(f"{path}: the document has more than {MOST_FILES} files")
            if not path.is_relative_to(self.root):
                raise DocumentError(f"{path}: is not a part of {self.name}")
            return self.read(path.relative_to(self.root).as_posix())

        try:
            return load(self.root / file, read)
        except DocumentError as error:
            raise DocumentError(str(error).replace(f"{self.root}/", self.name)) from None
