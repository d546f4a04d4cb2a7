"""Which releases of the contract work together."""

import re
from functools import lru_cache

RELEASE = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")


def is_release(text: str) -> bool:
    """Tell whether this is the number of a release: ``major.minor.patch``."""
    return RELEASE.fullmatch(text) is not None


@lru_cache(maxsize=64)
def why_not_spoken(spoken: str, needed: str) -> str:
    """Return why an API of ``spoken`` cannot serve ``needed``: another major, or older; else ""."""
    if not is_release(spoken):
        return f"the API does not say which release it speaks, I need {needed}"
    major, minor, patch = (int(part) for part in spoken.split("."))
    wanted = tuple(int(part) for part in needed.split("."))
    if major != wanted[0] or (major, minor, patch) < wanted:
        return f"the API speaks {spoken}, I need {needed}"
    return ""
