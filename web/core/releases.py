"""Which releases of the contract go together."""

from functools import lru_cache


@lru_cache(maxsize=64)
def why_not_spoken(spoken: str, needed: str) -> str:
    """Return why an API of ``spoken`` cannot serve ``needed``: another major, or older; else ""."""
    try:
        major, minor, patch = (int(part) for part in spoken.split("."))
    except ValueError:
        return f"the API does not say which release it speaks, I need {needed}"
    wanted = tuple(int(part) for part in needed.split("."))
    if major != wanted[0] or (major, minor, patch) < wanted:
        return f"the API speaks {spoken}, I need {needed}"
    return ""
