"""Which cases of a large matrix are tried: all of them in a long run, else a few of each kind."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T")
SEED = 20261125


def sample(cases: Iterable[T], kind: Callable[[T], Hashable], count: int, long: bool) -> list[T]:
    """Every case in a long run; else `count` of each kind, the same ones each time, in their order."""
    held = list(cases)
    if long:
        return held
    kinds: dict[Hashable, list[int]] = {}
    for index, case in enumerate(held):
        kinds.setdefault(kind(case), []).append(index)
    pick = random.Random(SEED)
    chosen = sorted(index for group in kinds.values() for index in pick.sample(group, min(count, len(group))))
    return [held[index] for index in chosen]
