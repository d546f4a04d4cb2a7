"""May this be deployed? Answered from the files of releases, usages and environments alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from contract.compare import compare
from contract.consumers.harm import effect, matters
from contract.consumers.store import API, ConsumerStore, Environment, checked_name, checked_version
from contract.consumers.usage import Usage
from contract.findings.finding import Finding
from contract.findings.sentences import deployment_harm, no_api, older_api
from contract.openapi.document import DocumentError
from contract.release.store import parse_version


@dataclass
class Answer:
    """What speaks against a deployment, and what is good to know; the deployment may go if nothing is against it."""

    against: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def after_deployments(
    store: ConsumerStore, deployments: Sequence[str], environment: Environment, pin: str | None
) -> Environment:
    """The environment after some deployments: what is named replaces what runs under that name; raises DocumentError.

    Each is `NAME=VERSION`; `NAME=` takes the last version away. A name that is given twice runs in both versions.
    """
    named: dict[str, list[str]] = {}
    for text in deployments:
        name, equals, version = text.partition("=")
        if not equals:
            raise DocumentError(f"{text!r} is not NAME=VERSION, such as api=1.3.0 or web=1.4")
        named.setdefault(checked_name(name), []).extend([version] if version else [])
    after = environment
    for name, versions in named.items():
        after = _replaced(store, after, name, list(dict.fromkeys(versions)), pin)
    return after


def _replaced(
    store: ConsumerStore, environment: Environment, name: str, versions: list[str], pin: str | None
) -> Environment:
    if name == API:
        for version in versions:
            parse_version(version)
            store.releases.find(version)
        return replace(environment, apis=tuple(versions))
    others = {key: held for key, held in environment.consumers.items() if key != name}
    running = {checked_version(version): store.pin(name, version, pin) for version in versions}
    return replace(environment, consumers={**others, name: running} if running else others)


def ask(store: ConsumerStore, deployments: Sequence[str], after: Environment) -> Answer:
    """Whether everything that a deployment concerns works after it: all consumers if it changes the API."""
    if altered := store.releases.altered():
        raise DocumentError(f"{altered[0]}; a release is never changed: restore releases/ from git")
    if empty := [text for text in deployments if text.endswith("=")]:
        # An unset variable in a pipeline would be a yes.
        raise DocumentError(f"{empty[0]!r} names no version to deploy, such as {empty[0]}1.3.0")
    names = {text.partition("=")[0] for text in deployments}
    answer, differences = Answer(), _Differences(store)
    for name, version, pin in after.running():
        if API in names or name in names:
            _judge(store.usage(name, version, pin), after.apis, differences, answer)
    return answer


class _Differences:
    """What differs between two releases, compared once."""

    def __init__(self, store: ConsumerStore) -> None:
        self._releases = store.releases
        self._known: dict[tuple[str, str], list[Finding]] = {}

    def between(self, old: str, new: str) -> list[Finding]:
        """What may break a consumer that pins the one release at an API that speaks the other."""
        if (old, new) not in self._known:
            for version in (old, new):
                self._releases.find(version)
            one, other = (self._releases.release(parse_version(version)) for version in (old, new))
            found = compare(one, other, relaxations=False) if old != new else []
            self._known[old, new] = [finding for finding in found if matters(finding)]
        return self._known[old, new]


def _judge(usage: Usage, apis: Iterable[str], differences: _Differences, answer: Answer) -> None:
    """Add what breaks a consumer. It talks to the API of its own major; if there is none, to any that serves it."""
    own = [api for api in apis if parse_version(api)[0] == parse_version(usage.contract)[0]]
    if own:
        answer.against += [line for api in own for line in _breaks(usage, api, differences)]
        answer.notes += [older_api(usage.name, usage.contract, api) for api in own if _is_older(api, usage.contract)]
        return
    each = [list(_breaks(usage, api, differences)) for api in apis]
    if not each:
        answer.against.append(no_api(usage.name))
    elif all(each):
        answer.against += each[-1]


def _is_older(one: str, other: str) -> bool:
    return parse_version(one) < parse_version(other)


def _breaks(usage: Usage, api: str, differences: _Differences) -> Iterator[str]:
    told: dict[str, None] = {}
    for finding in differences.between(usage.contract, api):
        found = effect(finding, usage)
        for harm in found.harms:
            told[deployment_harm(found, harm, (usage.contract, api), finding)] = None
    yield from told
