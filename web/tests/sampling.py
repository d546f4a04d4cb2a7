"""Which cases a run tries: all of them with --long, else a fixed sample of every kind."""

from collections.abc import Callable, Hashable, Iterable
from random import Random
from typing import TypeVar

import pytest

T = TypeVar("T")


def sample(
    config: pytest.Config, cases: Iterable[T], kind: Callable[[T], Hashable], each: int = 1
) -> list[T]:
    """Return the cases to try, in their order: at most ``each`` of a kind without --long."""
    cases = list(cases)
    if config.getoption("long"):
        return cases
    by_kind: dict[Hashable, list[int]] = {}
    for index, case in enumerate(cases):
        by_kind.setdefault(kind(case), []).append(index)
    random = Random(2026)
    kept = {i for found in by_kind.values() for i in random.sample(found, min(each, len(found)))}
    return [case for index, case in enumerate(cases) if index in kept]
