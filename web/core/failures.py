"""What a call to the API can end in, as exceptions. Their pages and words: error_pages.py."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from client.models import FieldProblem, ProblemDetails


def again(seconds: float) -> str:
    """Return ``Try again in 12 seconds.``, or minutes or hours, rounded up."""
    units = ((7200, 3600, "hour"), (120, 60, "minute"), (0, 1, "second"))
    size, unit = next((s, u) for least, s, u in units if seconds >= least)
    number = ceil(seconds / size)
    return f"Try again in {number} {unit}{'s' * (number != 1)}."


class ApiError(Exception):
    """A call that brought no answer of the promised kind."""

    def __init__(self, text: str, trace_id: str = "") -> None:
        super().__init__(text)
        self._trace_id = trace_id

    @property
    def trace_id(self) -> str:
        """Return the trace that the API named; empty when it named none."""
        return self._trace_id


class Unavailable(ApiError):
    """No answer in time, or the API said that it cannot just now (5xx)."""

    def __init__(self, text: str, *, temporary: bool = True, retry_after: float = 0) -> None:
        super().__init__(text)
        self.temporary = temporary
        self.retry_after = retry_after

    @property
    def advice(self) -> str:
        """Return when to try again, in words."""
        return again(self.retry_after) if self.retry_after else "Try again."

    @property
    def seconds(self) -> int:
        """Return when to try again, as Retry-After has it."""
        return ceil(self.retry_after) or 5


class Down(Unavailable):
    """The API cannot be reached, or says that it is down (502, 503, 504)."""


class ReadOnly(Unavailable):
    """Nothing can be saved while the API is away, so a form would be filled in for nothing."""


class Busy(Unavailable):
    """The person asked for more than the API gives at once (429)."""


class Running(Unavailable):
    """The same request, by its Idempotency-Key, is not done yet (409 with Retry-After)."""


class TooOld(Unavailable):
    """The API speaks an older release than the one that is pinned: it is about to be upgraded."""

    def __init__(self, text: str) -> None:
        super().__init__(text, temporary=False)


class NotUnderstood(ApiError):
    """An answer that the pinned contract does not promise."""

    def __init__(self, text: str, api_version: str = "") -> None:
        super().__init__(text)
        self.api_version = api_version


class Saved(NotUnderstood):
    """A success of a write that the pinned contract does not promise: do not send it again."""


class NotTrusted(ApiError):
    """The API does not accept our tokens (401): a matter of configuration, not of the person."""


class Refusal(ApiError):
    """The API answered with a problem (RFC 9457); its fields are read when they are asked for.

    A field that the contract does not promise raises NotUnderstood.
    """

    def __init__(self, problem: ProblemDetails, operation: str = "") -> None:
        super().__init__("")
        self.problem = problem
        self.operation = operation

    def __str__(self) -> str:
        """Return what the API says."""
        return self.problem.detail or self.problem.title

    @property
    def trace_id(self) -> str:
        """Return the trace that the API names."""
        return self.problem.trace_id


class NotFound(Refusal):
    """404."""


class Forbidden(Refusal):
    """403: the token's scopes do not suffice."""


class Rejected(Refusal):
    """The values do not fit (409, 413, 422); ``errors`` says which."""

    @property
    def errors(self) -> list[FieldProblem]:
        """Return what is wrong with each value."""
        return self.problem.errors


class Stale(Refusal):
    """Someone else changed it since it was read (412); ``current`` is what it is now."""

    @property
    def current(self) -> Mapping[str, Any]:
        """Return it as JSON has it, with its version; what is missing raises NotUnderstood."""
        current = Current(self.problem.current, self.operation)
        if not isinstance(current["version"], int):
            raise NotUnderstood(f"{self.operation}: current.version cannot be read: no integer")
        return current


class Current(dict[str, Any]):
    """The resource as a 412 has it."""

    def __init__(self, values: Mapping[str, Any], operation: str) -> None:
        super().__init__(values)
        self._operation = operation

    def __missing__(self, name: str) -> Any:
        """Say which field is missing."""
        raise NotUnderstood(f"{self._operation}: current.{name} is missing")


# After these a form is shown again as it was typed; after all but Saved, nothing was saved.
NOT_SAVED = (Rejected, Forbidden, NotFound, NotTrusted, NotUnderstood, Unavailable)

REFUSALS: dict[int, type[Refusal]] = {
    403: Forbidden,
    404: NotFound,
    409: Rejected,
    412: Stale,
    413: Rejected,
    422: Rejected,
}
