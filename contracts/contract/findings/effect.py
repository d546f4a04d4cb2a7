"""What a difference does to one consumer, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Use(StrEnum):
    """How a consumer uses what changed."""

    READS = "reads"
    EXPECTS = "expects"
    SENDS = "sends"
    # It does not always send what has to be sent now.
    OMITS = "omits"
    CALLS = "calls"
    # The usage does not say which headers of a response are read.
    HEADERS = "headers"
    # The server calls it, and the usage does not say what it reads of the call.
    RECEIVES = "receives"
    # No usage was handed in, so that it counts as using everything.
    EVERYTHING = "everything"
    # The difference is in no operation: it concerns the whole document.
    DOCUMENT = "document"


@dataclass(frozen=True)
class Harm:
    """One operation at which a consumer breaks: who calls it there, and what of it is used."""

    use: Use
    operation_id: str = ""
    by: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Effect:
    """What a difference does to one version of a consumer; nothing where there is no harm."""

    consumer: str
    version: str
    harms: tuple[Harm, ...] = ()
