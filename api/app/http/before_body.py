"""Dependencies that run before the body is read.

FastAPI reads and parses a body before it runs a dependency. The front runs these as soon as the
body is asked for; FastAPI then runs them in their turn, so a second check changes nothing.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from starlette.types import Scope


class BeforeBody(ABC):
    """A dependency that checks the head of a request."""

    @abstractmethod
    async def check(self, scope: Scope, wanted: Sequence[str]) -> None:
        """Raise a Problem, or let the request go on; ``wanted`` are the operation's scopes."""
