"""What each role may do at the API, read from the contract: no second list of rights to keep."""

from functools import lru_cache

from contract.document import pinned

VIEWERS = "viewers"
EDITORS = "editors"


@lru_cache(maxsize=1)
def scopes_by_role() -> dict[str, frozenset[str]]:
    """Return every scope for editors, and those that only read for viewers."""
    every = frozenset().union(*(op.scopes for op in pinned().operations.values()))
    return {VIEWERS: frozenset(s for s in every if s.endswith(":read")), EDITORS: every}


def scopes_of(roles: list[str]) -> frozenset[str]:
    """Return the scopes of all these roles together; an unknown role adds none."""
    return frozenset().union(*(scopes_by_role().get(role, frozenset()) for role in roles))
