"""Where the files of a contract are, and what a release is called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """Paths within the folder of the contract. `tag` is the name of a release's tag in git."""

    draft: str = "openapi.json"
    releases: str = "releases"
    notes: str = "NEXT.md"
    changelog: str = "CHANGELOG.md"
    tag: str = "v{version}"
