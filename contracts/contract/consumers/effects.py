"""The line for each consumer under a finding."""

from __future__ import annotations

from collections.abc import Iterable

from contract.consumers.harm import effect, matters
from contract.consumers.store import ConsumerStore
from contract.consumers.usage import Usage
from contract.findings.effect import Effect
from contract.findings.finding import Finding, Verdict
from contract.release.store import parse_version


def add_effects(store: ConsumerStore, findings: Iterable[Finding], major: int) -> None:
    """Say of each finding that may break a consumer what it does to those that run. No verdict changes."""
    usages = [one for one in deployed(store) if parse_version(one.contract)[0] == major]
    for finding in filter(matters, findings):
        for usage in usages:
            found = effect(finding, usage) if _is_met(finding, usage) else Effect(usage.consumer, usage.version)
            if found.harms or finding.verdict is not Verdict.SOURCE:
                finding.effects.append(found)


def deployed(store: ConsumerStore) -> list[Usage]:
    """Each version of each consumer that runs somewhere; the newest one of a consumer that runs nowhere."""
    found = {
        (name, version): store.usage(name, version, pin)
        for environment in store.environments()
        for name, version, pin in store.environment(environment).running()
    }
    for name in store.consumers():
        versions = store.versions(name)
        if versions and not any(known == name for known, _ in found):
            found[name, versions[-1]] = store.usage(name, versions[-1], "")
    return [found[key] for key in sorted(found)]


def _is_met(finding: Finding, usage: Usage) -> bool:
    """Whether the finding is a difference to the release that the consumer pins."""
    return not finding.releases or usage.contract in finding.releases
