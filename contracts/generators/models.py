"""What the generated Kotlin and Swift models have: fields that must be given, fields that need not, open enums."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

KOTLIN = re.compile(r'@Json\(name = "([^"]+)"\)\s+(?:@Deprecated\([^)]*\)\s+)?val \w+: ([^\n=]+?)( = [^\n]+?)?,?\n')
SWIFT_NAME = re.compile(r'^        case (\w+)(?: = "([^"]+)")?$', re.MULTILINE)
SWIFT_INIT = re.compile(r"public init\((.*)\) \{")


def kotlin(source: str) -> dict[str, bool]:
    """Each field of a data class, and whether it must be given."""
    return {name: not default for name, _, default in KOTLIN.findall(source)}


def swift(source: str) -> dict[str, bool]:
    """Each field of a struct, and whether it must be given."""
    names = {case: name or case for case, name in SWIFT_NAME.findall(source.partition("CodingKeys")[2])}
    arguments = SWIFT_INIT.search(source)
    told = re.findall(r"(\w+): [^,=]+(?:<[^>]*>|\[[^\]]*\])?( = [^,]+)?(?:, |$)", arguments[1]) if arguments else []
    return {names.get(name, name): not default for name, default in told}


READERS = {"kotlin": (kotlin, ".kt"), "swift6": (swift, ".swift")}


def differences(schemas: dict[str, Any], folder: Path, language: str) -> list[str]:
    """Where the generated models are not what the document says, one sentence each."""
    read, suffix = READERS[language]
    sources = {path.stem: path.read_text(encoding="utf-8") for path in folder.rglob(f"*{suffix}")}
    found = []
    for name, node in schemas.items():
        source = sources.get(name)
        if source is None:
            found.append(f"{name} has no model")
        elif "properties" in node:
            wanted = {field: field in node.get("required", ()) for field in node["properties"]}
            made = read(source)
            found += [
                f"{name}.{field} is {_told(made.get(field))}, not {_told(must)}"
                for field, must in wanted.items()
                if made.get(field) is not must
            ]
        elif node.get("x-extensible-enum") and "unknown_default_open_api" not in source:
            found.append(f"{name} has no value for what it does not know")
    return found


def _told(must: bool | None) -> str:
    return {True: "required", False: "optional", None: "absent"}[must]
