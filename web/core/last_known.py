"""The last good answer to each call of each person, for when the API is away or was just asked.

Bounded in bytes, together and for each person, so that nobody pushes out all of the others.
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import time
from typing import NamedTuple

from core.response import Reply

MAX_BYTES = 4 * 2**20
MAX_BYTES_OF_ONE = 512 * 1024  # of one person
MAX_SECONDS = 12 * 3600.0  # as long as a session
OVERHEAD = 600  # bytes of an entry besides its body, headers and key
HEADER_OVERHEAD = 120  # bytes of a header besides its letters


class Person(NamedTuple):
    """Whose answer it is. With other rights one may see other things, and is somebody else."""

    subject: str
    scopes: frozenset[str]


Key = tuple[str, ...]  # what was asked: the target, and the headers that tell answers apart


class Known(NamedTuple):
    """An answer, when it was true (seconds since 1970), and what its person had written by then."""

    reply: Reply
    at: float
    writes: int

    @property
    def etag(self) -> str:
        """Return its ETag; empty when it has none."""
        return self.reply.headers.get("etag", "")


class LastKnown:
    """The answers of one process. What is found belongs to the person and the call asked for."""

    def __init__(self, *, now: Callable[[], float] = time) -> None:
        self._now = now
        self._lock = Lock()
        self._people: OrderedDict[Person, OrderedDict[Key, Known]] = OrderedDict()
        self._sizes: dict[Person, int] = {}
        self.bytes = 0

    def get(self, person: Person, key: Key) -> Known | None:
        """Return the last answer; None when there is none, or only one that is too old."""
        with self._lock:
            known = self._people.get(person, OrderedDict()).get(key)
            if known and self._now() - known.at > MAX_SECONDS:
                self._drop(person, key)
                return None
            return known

    def fresh(self, person: Person, key: Key, *, writes: int, seconds: float) -> Reply | None:
        """Return an answer of less than ``seconds`` ago that the person has not written since."""
        known = self.get(person, key)
        if known and known.writes == writes and 0 <= self._now() - known.at < seconds:
            return known.reply
        return None

    def put(self, person: Person, key: Key, reply: Reply, *, writes: int = 0) -> None:
        """Store an answer as true now, unless the API forbids it (``no-store``, RFC 9111, 5.2.2.5).

        After a 304, put the answer that it confirms.
        """
        with self._lock:
            self._drop(person, key)
            size = size_of(key, reply)
            forbidden = "no-store" in reply.headers.get("cache-control", "").lower()
            if forbidden or size > MAX_BYTES_OF_ONE:
                return
            self._people.setdefault(person, OrderedDict())[key] = Known(reply, self._now(), writes)
            self._people.move_to_end(person)
            self._sizes[person] = self._sizes.get(person, 0) + size
            self.bytes += size
            while self._sizes[person] > MAX_BYTES_OF_ONE:
                self._drop(person, next(iter(self._people[person])))
            while self.bytes > MAX_BYTES:
                self._drop_all(next(iter(self._people)))

    def drop(self, person: Person, key: Key) -> None:
        """Forget one answer: the API has refused it since."""
        with self._lock:
            self._drop(person, key)

    def _drop(self, person: Person, key: Key) -> None:
        answers = self._people.get(person, OrderedDict())
        if known := answers.pop(key, None):
            size = size_of(key, known.reply)
            self._sizes[person] -= size
            self.bytes -= size
            if not answers:
                self._drop_all(person)

    def _drop_all(self, person: Person) -> None:
        del self._people[person]
        self.bytes -= self._sizes.pop(person)


def size_of(key: Key, reply: Reply) -> int:
    """Return about how many bytes an entry takes."""
    headers = sum(len(name) + len(value) + HEADER_OVERHEAD for name, value in reply.headers.items())
    return len(reply.content) + headers + sum(map(len, key)) + OVERHEAD
