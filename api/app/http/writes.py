"""The one way to write: a statement or a transaction of one request.

A ``Write`` inserts, once for an ``Idempotency-Key``; a ``Change`` updates or deletes the row that
the path names, in a version that ``If-Match`` names. Each is one statement; with a key, on
PostgreSQL one statement (one_statement.py), on SQLite one transaction. Both give the same answers
(tests/test_writes.py). What takes several statements uses ``Write.transaction``.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from types import SimpleNamespace
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Depends, Request, Response
from sqlalchemy import ColumnElement, Executable, Insert, insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import locks, rows
from app.database.constraints import violated_constraint
from app.database.errors import LOCK_NOT_AVAILABLE, driver_error, sqlstate
from app.database.model import Model
from app.database.read_pool import Values
from app.http import idempotency, one_statement
from app.http.dependencies import transaction
from app.http.etags import Precondition, PreconditionDep
from app.http.idempotency import IdempotencyGuard, IdempotencyKey, Key, KeyDep
from app.http.problems import NotFound
from app.http.rows import named, path_id, words
from app.http.scope import request_scope
from app.http.state import app_state

KEY_IS_TAKEN = (str(one_statement.KEYS.primary_key.name),)


@cache
def _insert(model: type[Model]) -> Insert:
    return insert(model.__table__)  # type: ignore[arg-type]


class Write:
    """A write of one request: with a key it happens once, and a repeat gets the same answer."""

    def __init__(self, request: Request, key: Key | None) -> None:
        self._request, self.key = request, key
        state = app_state(request.scope)
        self._database, self._writers = state.database, state.recent_writers
        self.caller = request_scope(request.scope)["caller"]

    @property
    def is_statement(self) -> bool:
        """Tell whether a write with a key is one statement: on PostgreSQL."""
        return self._database.asyncpg_reader is not None

    async def insert(self, model: type[Model], row: SimpleNamespace, answer: Response) -> Response:
        """Insert a row (``new_row``); return the answer about it. Replay if it was given before."""
        if self.key is None:
            await self.run(_insert(model), vars(row))
        elif self.is_statement:
            statement = one_statement.insert_once(model)
            while not (done := await self.run(statement, vars(row), answer)) or not done.done:
                pass  # the key was taken, and is free again
        else:
            async with self.transaction() as (session, guard):
                await session.execute(_insert(model), vars(row))
                await guard.store(answer)
        return answer

    async def run(
        self, statement: Executable, values: Values, answer: Response | None = None
    ) -> Any | None:
        """Run a statement; return its row.

        With a key, on PostgreSQL, it has the steps of one_statement.py, ``answer`` is what it
        stores, and its row's ``done`` says whether it had an effect. Replay if it ran before.
        """
        try:
            if self.key is None or answer is None:
                found = await self._database.run(statement, values)
                return found[0] if found else None
            return await self._run_once(self.key, statement, values, answer)
        finally:
            await self._writers.remember(self.caller)

    async def _run_once(
        self, key: Key, statement: Executable, values: Values, answer: Response
    ) -> Any | None:
        values = {**values, **one_statement.key_values(key, answer)}
        while True:
            row, failure = await self._try(statement, values)
            if row and row.done:
                return row
            # What had no effect may have had it before.
            before = await self._database.read.first(idempotency.FIND, key.lookup)
            if before and not key.answer_again(before):
                await self._database.run(idempotency.FORGET, key.lookup)
            elif failure is None:
                return row
            elif not violated_constraint(failure, KEY_IS_TAKEN):
                raise failure

    async def _try(
        self, statement: Executable, values: Values
    ) -> tuple[Any | None, IntegrityError | None]:
        """Run a statement; return its row, and the error of the constraint that refused it."""
        try:
            found = await self._database.run(statement, values)
        except IntegrityError as error:
            return None, error
        except DBAPIError as error:
            if _waited_for_twin(error):
                raise idempotency.still_running() from error
            raise
        return (found[0] if found else None), None

    async def read(self, statement: Executable, values: Values) -> Any | None:
        """Return the first row of a SELECT on the primary, or None."""
        try:
            return await self._database.read.first(statement, values)
        finally:
            await self._writers.remember(self.caller)  # a replica may not show yet what we say

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[tuple[AsyncSession, IdempotencyGuard]]:
        """Open a session that commits at the end, and what stores the answer; Replay as above."""
        async with transaction(self._request) as session:
            guard = IdempotencyGuard(session, self.key)
            await guard.claim()
            yield session, guard


def _waited_for_twin(error: DBAPIError) -> bool:
    context = getattr(driver_error(error), "context", None) or ""
    return sqlstate(error) == LOCK_NOT_AVAILABLE and IdempotencyKey.__tablename__ in context


async def get_write(request: Request, key: KeyDep) -> Write:
    """Return the write of a request."""
    return Write(request, key)


WriteDep = Annotated[Write, Depends(get_write)]


class Resource(NamedTuple):
    """What a change must know of its resource."""

    model: type[Model]
    name: str
    represent: Callable[[Any], dict[str, Any]]
    read_scope: str


class Change:
    """A change of the row that the path names, in a version that ``If-Match`` names."""

    def __init__(
        self, write: Write, resource: Resource, row_id: UUID, precondition: Precondition
    ) -> None:
        self._write, self._resource = write, resource
        self.id, self._precondition = row_id, precondition

    async def update(
        self, changes: Mapping[str, Any], when: ColumnElement[bool] = rows.ANYTHING
    ) -> Any:
        """Change columns if ``when`` is true; return the row, as it is now.

        A row that has all the values already stays as it is, with its version. NotFound if there is
        none, VersionMismatch if it has another version, LockTimeout if another request is taking
        its new key.
        """
        model, names = self._resource.model, frozenset(changes)
        present = rows.select_unchanged(model, names, when)
        values = self._where() | rows.changed_values(model, changes)
        while not (changes and (row := await self._update(names, when, values))):
            row = await self._current(present, values)
            if not row.would_change:
                break  # else it has come to a version of the caller's since the UPDATE
        return row

    async def delete(self) -> None:
        """Delete the row; NotFound if there is none, VersionMismatch if it has another version."""
        statement = rows.delete_by_id(self._resource.model, self._precondition.count)
        present = rows.select_unchanged(self._resource.model, frozenset(), rows.ANYTHING)
        while not await self._write.run(statement, self._where()):
            await self._current(present, self._where())

    def _where(self) -> dict[str, Any]:
        return {"id_": self.id} | self._precondition.values()

    async def _update(
        self, names: frozenset[str], when: ColumnElement[bool], values: dict[str, Any]
    ) -> Any | None:
        model = self._resource.model
        bounded = self._write.is_statement and rows.has_unique(model, names)
        statement = rows.update_by_id(model, names, self._precondition.count, when, bounded)
        if bounded:
            values = values | locks.lock_timeout_value(locks.KEY_SECONDS)
        try:
            return await self._write.run(statement, values)
        except DBAPIError as error:
            if bounded and sqlstate(error) == LOCK_NOT_AVAILABLE:
                raise locks.LockTimeout from error
            raise

    async def _current(self, statement: Executable, values: Values) -> Any:
        """Return the row in the caller's version, or raise why not."""
        _, name, represent, read_scope = self._resource
        row = await self._write.read(statement, values)
        if row is None:
            raise NotFound(f"No such {words(name)}.")
        self._precondition.check(row, represent(row), read_scope)
        return row


def row_change(
    model: type[Model], name: str, represent: Callable[[Any], dict[str, Any]], read_scope: str
) -> Callable[..., Awaitable[Change]]:
    """Return a dependency: the change of the row that the path names; 428 without ``If-Match``.

    A refusal because of the version shows the present row to callers who have ``read_scope``.
    """
    resource = Resource(model, name, represent, read_scope)

    async def get(
        request: Request,
        row_id: UUID = path_id(name),  # noqa: B008
        *,
        if_match: PreconditionDep,
    ) -> Change:
        return Change(Write(request, None), resource, row_id, if_match)

    return named(get, f"change_{name}")
