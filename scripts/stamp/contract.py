"""The first release: the contract of the template's API becomes 1.0.0 in all three repositories.

The pin of the template's UI may be older: a newer release of the same major breaks no client.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from stamp import sample
from stamp.answers import Answers

FIRST = "1.0.0"
LICENSES = {
    "MIT": {"name": "MIT", "identifier": "MIT"},
    "Apache-2.0": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    "proprietary": {"name": "Proprietary", "identifier": "LicenseRef-Proprietary"},
}


def first_release(root: Path, answers: Answers) -> str:
    """Return the document of release 1.0.0, with or without the sample."""
    speaks = (root / "api" / "contract.json").read_text(encoding="utf-8")
    document = json.loads(speaks if answers.sample else sample.contract(root))
    document["info"] |= {"version": FIRST, "license": LICENSES[answers.license]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def write_releases(folder: Path, release: str) -> None:
    """Fill the contracts repository: the draft, one release with its checksum, the changelog."""
    changelog = (folder / "CHANGELOG.md").read_text(encoding="utf-8")
    for old in (folder / "releases").iterdir():
        old.unlink()
    (folder / "openapi.json").write_text(release, encoding="utf-8")
    (folder / "releases" / f"{FIRST}.json").write_text(release, encoding="utf-8")
    digest = hashlib.sha256(release.encode()).hexdigest()
    (folder / "releases" / "SHA256SUMS").write_text(f"{digest}  {FIRST}.json\n")
    (folder / "CHANGELOG.md").write_text(first_entry(changelog, json.loads(release)), encoding="utf-8")


def number_usage(folder: Path) -> None:
    """Say that what the UI uses is of the first release; without the sample there is no such file."""
    path = folder / "usage.json"
    if path.exists():
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r'(?<="contract": ")[^"]+', FIRST, text, count=1), encoding="utf-8")


def first_entry(changelog: str, document: dict[str, Any]) -> str:
    """Return the changelog with one release, dated as the template's newest, so that two stampings are the same."""
    head, _, rest = changelog.partition("\n## [")
    match = re.search(r"\d{4}-\d\d-\d\d", rest)
    day = match[0] if match else "1970-01-01"
    added = [
        f"- `{operation['operationId']}` ({method.upper()} {path})"
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    lines = [
        head.rstrip(),
        "",
        f"## [{FIRST}] - {day}",
        "",
        "The first release.",
        "",
        "### Added",
        "",
        *added,
        "",
    ]
    return "\n".join(lines)
