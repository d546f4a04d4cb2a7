"""The files of consumers and environments: `consumers/<name>/<version>.json` and `environments/<name>.json`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contract.consumers.declared import undeclared
from contract.consumers.usage import Usage, as_text, read, usage_of, validated
from contract.openapi.document import DocumentError, load
from contract.release.store import ReleaseStore, dump, parse_version, write

# The name that stands for the API itself.
API = "api"
# A consumer's version where nobody said which one runs.
SOME = "?"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}", re.ASCII)
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,59}", re.ASCII)


@dataclass(frozen=True)
class Environment:
    """What runs in one place: the releases that the API speaks, and each version of each consumer with its pin."""

    name: str
    apis: tuple[str, ...] = ()
    consumers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def running(self) -> Iterable[tuple[str, str, str]]:
        """Name, version and pin of each consumer that runs."""
        for name, versions in self.consumers.items():
            for version, pin in versions.items():
                yield name, version, pin


@dataclass(frozen=True)
class ConsumerStore:
    """Usages and environments beside the releases of one contract."""

    releases: ReleaseStore

    @property
    def _usages(self) -> Path:
        return self.releases.root / "consumers"

    @property
    def _environments(self) -> Path:
        return self.releases.root / "environments"

    def add(self, file: Path, version: str) -> Path:
        """Store a usage file as that of a version of its consumer. It never changes; raises DocumentError."""
        checked_version(version)
        data = read(file)
        if data["consumer"] == API:
            raise DocumentError(f"{file}: /consumer: {API!r} is the API itself; give the consumer another name")
        self._fits(file, data)
        path, text = self._path(data["consumer"], version), as_text(data)
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise DocumentError(
                f"{data['consumer']} {version} was handed in already, with another usage; a version never changes: "
                "hand in a new one"
            )
        write(path, text)
        return path

    def _fits(self, file: Path, data: Mapping[str, Any]) -> None:
        """Raise DocumentError for a usage of another API, of no release, or of names that its release has not."""
        pinned = load(self.releases.find(str(data["contract"])))
        title = pinned.data.get("info", {}).get("title")
        if data["api"] != title:
            raise DocumentError(f"{file}: /api: it is a usage of {data['api']!r}, and this is {title!r}")
        if unknown := list(undeclared(pinned, data)):
            more = f" (and {len(unknown) - 1} more)" if unknown[1:] else ""
            raise DocumentError(f"{file}: {unknown[0][:200]} of release {data['contract']}{more}")

    def versions(self, consumer: str) -> list[str]:
        """The versions of a consumer that handed in a usage, oldest first."""
        found = (path.stem for path in (self._usages / consumer).glob("*.json"))
        return sorted((name for name in found if _VERSION.fullmatch(name)), key=_by_number)

    def consumers(self) -> list[str]:
        """The consumers that handed in a usage."""
        found = (path.name for path in self._usages.glob("*") if path.is_dir())
        return sorted(name for name in found if _NAME.fullmatch(name))

    def usage(self, consumer: str, version: str, pin: str) -> Usage:
        """The usage of a version; one that uses everything of its pin where none was handed in."""
        path = self._path(consumer, version)
        if version == SOME or not path.exists():
            return Usage(consumer, version, pin)
        data = read(path)
        if data["consumer"] != consumer:
            raise DocumentError(f"{path}: /consumer: it is a usage of {data['consumer']}, not of {consumer}")
        return usage_of(data, version)

    def pin(self, consumer: str, version: str, said: str | None) -> str:
        """The release that a version pins; raises DocumentError where nobody says it."""
        if self._path(consumer, version).exists():
            return self.usage(consumer, version, "").contract
        if said:
            parse_version(said)
            self.releases.find(said)
            return said
        known = self.versions(consumer)
        told = f"there are usages of {consumer} {', '.join(known)}" if known else f"{consumer} handed in no usage"
        raise DocumentError(f"{told}, none of {version}: hand it in, or name the release that it pins with --pin")

    def _path(self, consumer: str, version: str) -> Path:
        return self._usages / consumer / f"{version}.json"

    def environments(self) -> list[str]:
        """The names of the environments."""
        return sorted(path.stem for path in self._environments.glob("*.json") if _NAME.fullmatch(path.stem))

    def environment(self, name: str) -> Environment:
        """What runs in an environment; raises DocumentError."""
        path = self._environment_path(name)
        if not path.exists():
            known = ", ".join(self.environments()) or "none yet"
            raise DocumentError(f"there is no environments/{name}.json; there are: {known}")
        data = validated(path, "environment.schema.json")
        apis = (data["api"],) if isinstance(data["api"], str) else tuple(data["api"])
        running = {
            consumer: self._versions(path, consumer, held, apis) for consumer, held in sorted(data["consumers"].items())
        }
        return Environment(name, apis, running)

    def _versions(
        self, path: Path, consumer: str, held: str | Mapping[str, str], apis: tuple[str, ...]
    ) -> Mapping[str, str]:
        """The versions of a consumer with their pins; a version alone is pinned as its usage says."""
        if not isinstance(held, str):
            for version, pin in held.items():
                own = self.usage(consumer, version, pin).contract
                if own != pin:
                    raise DocumentError(f"{path}: {consumer} {version} pins {own}, and not {pin}: its usage says so")
            return held
        if not self._path(consumer, held).exists():
            if not apis:
                raise DocumentError(f"{path}: /consumers/{consumer}: nothing says what it pins: no API runs there")
            return {held: max(apis, key=parse_version)}
        return {held: self.pin(consumer, held, None)}

    def record(self, environment: Environment) -> Path:
        """Write what runs in an environment."""
        path = self._environment_path(environment.name)
        consumers = {
            name: dict(sorted(held.items(), key=lambda one: _by_number(one[0])))
            for name, held in sorted(environment.consumers.items())
        }
        write(path, dump({"api": sorted(environment.apis, key=parse_version), "consumers": consumers}))
        return path

    def _environment_path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise DocumentError(f"{name!r} is not a name such as production: small letters, digits, `.`, `_`, `-`")
        return self._environments / f"{name}.json"


def checked_name(name: str) -> str:
    """The name of a consumer; raises DocumentError."""
    if not _NAME.fullmatch(name):
        raise DocumentError(f"{name!r} is not a name such as web: small letters, digits, `.`, `_`, `-`")
    return name


def checked_version(version: str) -> str:
    """The version of a consumer; raises DocumentError."""
    if not _VERSION.fullmatch(version):
        raise DocumentError(f"{version!r} is not a version such as 1.3: letters, digits, `.`, `_`, `+`, `-`")
    return version


def _by_number(version: str) -> list[tuple[int, str]]:
    """A key by which 1.10 follows 1.9."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"[._+-]", version)]
