"""The first release: what the template's API speaks becomes 1.0.0, which all three repositories begin with.

The template's UI may lag behind: a newer release of the same major breaks no client.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from stamp.answers import Answers

FIRST = "1.0.0"
KEPT_TAGS = ("identity", "health")
# The sample's words in the description, and what is said without it.
WORDS = ("A catalogue of products and their stock.", "Corner Shop, over HTTP.")
LICENSES = {
    "MIT": {"name": "MIT", "identifier": "MIT"},
    "Apache-2.0": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    "proprietary": {"name": "Proprietary", "identifier": "LicenseRef-Proprietary"},
}


def first_release(root: Path, answers: Answers, *, sample: bool) -> str:
    """Return the document of release 1.0.0; without the sample, what is left of it."""
    document = json.loads((root / "api" / "contract.json").read_text(encoding="utf-8"))
    document["info"] |= {"version": FIRST, "license": LICENSES[answers.license]}
    if not sample:
        prune(document)
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def prune(document: dict[str, Any]) -> None:
    """Remove the operations of the sample, and every schema that nothing refers to any more."""
    document["paths"] = {
        path: item
        for path, item in document["paths"].items()
        if any(tag in KEPT_TAGS for operation in item.values() for tag in operation["tags"])
    }
    document["info"]["description"] = document["info"]["description"].replace(*WORDS)
    document["tags"] = [tag for tag in document["tags"] if tag["name"] in KEPT_TAGS]
    components = document["components"]
    kept: set[str] = set()
    found = references(document["paths"])
    while found:
        kept |= found
        found = set().union(*(references(lookup(document, name)) for name in found)) - kept
    components["schemas"] = {
        name: schema
        for name, schema in components["schemas"].items()
        if f"#/components/schemas/{name}" in kept
    }


def references(part: Any) -> set[str]:
    """Return every ``$ref`` within a part of a document."""
    return set(re.findall(r'"\$ref": "(#/components/[^"]+)"', json.dumps(part)))


def lookup(document: dict[str, Any], reference: str) -> Any:
    """Return what a reference points to."""
    for key in reference.removeprefix("#/").split("/"):
        document = document[key]
    return document


def write_shelf(folder: Path, release: str) -> None:
    """Fill the contracts repository: the draft, one release with its checksum, the changelog."""
    changelog = (folder / "CHANGELOG.md").read_text(encoding="utf-8")
    for old in (folder / "releases").iterdir():
        old.unlink()
    (folder / "openapi.json").write_text(release, encoding="utf-8")
    (folder / "releases" / f"{FIRST}.json").write_text(release, encoding="utf-8")
    digest = hashlib.sha256(release.encode()).hexdigest()
    (folder / "releases" / "SHA256SUMS").write_text(f"{digest}  {FIRST}.json\n")
    (folder / "CHANGELOG.md").write_text(first_entry(changelog, json.loads(release)), encoding="utf-8")


def first_entry(changelog: str, document: dict[str, Any]) -> str:
    """Return the changelog with one release, on the day of the template's newest: no clock is read."""
    head, _, rest = changelog.partition("\n## [")
    match = re.search(r"\d{4}-\d\d-\d\d", rest)
    day = match[0] if match else "1970-01-01"
    added = [
        f"- `{operation['operationId']}` ({method.upper()} {path})"
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    lines = [head.rstrip(), "", f"## [{FIRST}] - {day}", "", "The first release.", "", "### Added", "", *added, ""]
    return "\n".join(lines)
