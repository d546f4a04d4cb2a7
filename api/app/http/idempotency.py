"""``Idempotency-Key``: a POST that is sent twice happens guard.

The semantics are those of Stripe's API v2 (the IETF's draft has expired): the key's row and the
effect are one transaction, a success is remembered for a day and replayed byte for byte, a failure
is not remembered and runs again.
"""

import asyncio
import hashlib
import logging
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NoReturn

import msgspec
from fastapi import Depends, FastAPI, Header, Request, Response
from sqlalchemy import (
    LargeBinary,
    Row,
    String,
    Text,
    delete,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.dml import ReturningDelete

from app.database.column_types import UtcDateTime
from app.database.inserts import insert_if_absent
from app.database.model import Model, now
from app.http.dependencies import SessionDep
from app.http.problems import Conflict, FieldProblem, Invalid
from app.http.scope import request_scope

RETENTION = timedelta(hours=24)
WAIT_SECONDS = 2
PURGE_SECONDS = 60
RANDOM = random.Random()  # noqa: S311  (of its own: whoever seeds the global one is not disturbed)
BATCH = 1000
PATTERN = r'^"?[A-Za-z0-9._:+/=-]+"?$'  # an RFC 9651 string, or the same without its quotes
MAX_LENGTH = 130
log = logging.getLogger(__name__)


class IdempotencyKey(Model):
    """A request with its key, and its answer."""

    __tablename__ = "idempotency_keys"

    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    key: Mapped[str] = mapped_column(String(MAX_LENGTH), primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int] = mapped_column(default=0)  # 0 while it runs, which no one else can see
    headers: Mapped[str] = mapped_column(Text, default="{}")
    body: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


COLUMNS = IdempotencyKey.__table__.columns


class Replay(Exception):
    """The request was answered before; ``response`` is that answer."""

    def __init__(self, row: Row[tuple[object, ...]]) -> None:
        headers = msgspec.json.decode(row.headers) | {"Idempotency-Replayed": "true"}
        self.response = Response(row.body, row.status, headers)


class IdempotencyGuard:
    """Lets a request run once for a key; without a key, every time."""

    def __init__(self, session: AsyncSession, subject: str, key: str) -> None:
        self._session, self._subject, self._key = session, subject, key
        self._mine = COLUMNS.subject == subject, COLUMNS.key == key

    async def claim(self, fingerprint: bytes) -> None:
        """Take the key in this transaction; Replay if the request was answered before."""
        while not await self._insert(fingerprint):
            found = (await self._session.execute(select(*COLUMNS).where(*self._mine))).first()
            if found and found.created_at > now() - RETENTION:
                _answer_again(found, fingerprint)
            await self._session.execute(delete(IdempotencyKey).where(*self._mine))

    async def store(self, response: Response) -> Response:
        """Store the answer in the same transaction as the effect; return it."""
        if self._key:
            headers = {k: v for k, v in response.headers.items() if k != "content-length"}
            answer = {
                "status": response.status_code,
                "headers": msgspec.json.encode(headers).decode(),
                "body": response.body,
            }
            statement = update(IdempotencyKey).where(*self._mine).values(answer)
            await self._session.execute(statement)
        return response

    async def _insert(self, fingerprint: bytes) -> bool:
        """Return whether the key was free; waits for a transaction that has the same key."""
        row = {
            "subject": self._subject,
            "key": self._key,
            "fingerprint": fingerprint,
            "created_at": now(),
        }
        try:
            return await insert_if_absent(self._session, IdempotencyKey, row, WAIT_SECONDS)
        except TimeoutError as error:
            detail = "The same request is running just now."
            raise Conflict(detail, headers={"Retry-After": "1"}) from error


def _answer_again(found: Row[tuple[object, ...]], fingerprint: bytes) -> NoReturn:
    if found.fingerprint != fingerprint:
        detail = "This key was used for another request; take a new one."
        pointer = "#/header/idempotency-key"
        raise Invalid(errors=[FieldProblem(pointer=pointer, code="reused", detail=detail)])
    raise Replay(found)


KeyHeader = Annotated[
    str | None,
    Header(
        pattern=PATTERN,
        max_length=MAX_LENGTH,
        json_schema_extra={"pattern": PATTERN, "minLength": 1},
        description="A text of your choice, new for each thing to do. Sent again within 24 "
        "hours with the same body, the request is not run again but answered as before.",
        examples=["7f3c1d1e-3b0a-4b6e-9d53-0b1f5a0e7c11"],
    ),
]


async def get_idempotency_guard(
    request: Request, session: SessionDep, idempotency_key: KeyHeader = None
) -> IdempotencyGuard:
    """Claim the caller's key, if there is one."""
    return await claim(request, session, idempotency_key)


async def claim(request: Request, session: AsyncSession, key: str | None) -> IdempotencyGuard:
    """Claim a key, if there is one, for this method, path and body."""
    caller = request_scope(request.scope)["caller"]
    guard = IdempotencyGuard(session, caller, (key or "").strip('"'))
    if key:
        what = f"{request.method} {request.scope['path']}\n".encode() + await request.body()
        await guard.claim(hashlib.sha256(what).digest())
    return guard


IdempotencyDep = Annotated[IdempotencyGuard, Depends(get_idempotency_guard)]


def install(app: FastAPI) -> None:
    """Register the handler that repeats an answer."""

    async def replay(_: Request, error: Exception) -> Response:
        assert isinstance(error, Replay)  # noqa: S101  (registered for it alone)
        return error.response

    app.add_exception_handler(Replay, replay)


def delete_batch(since: datetime, before: datetime) -> ReturningDelete[Any]:
    """Return the statement that deletes a batch of the keys of a period, the oldest first."""
    oldest = (
        select(COLUMNS.subject, COLUMNS.key)
        .where(COLUMNS.created_at >= since, COLUMNS.created_at < before)
        .order_by(COLUMNS.created_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    key = tuple_(COLUMNS.subject, COLUMNS.key)
    return delete(IdempotencyKey).where(key.in_(oldest)).returning(COLUMNS.created_at)


async def delete_expired(engine: AsyncEngine) -> int:
    """Delete the keys that are older than a day, in batches; return how many there were.

    Each batch is a short transaction, followed by a pause of the same length. It begins where the
    last one ended, because the dead rows before it would be read again. Rows that another process
    is deleting are skipped.
    """
    since, before, total = datetime.min.replace(tzinfo=UTC), now() - RETENTION, 0
    while True:
        started = time.perf_counter()
        async with engine.begin() as connection:
            moments = (await connection.execute(delete_batch(since, before))).scalars().all()
        total += len(moments)
        if len(moments) < BATCH:
            return total
        since = max(moments)
        await asyncio.sleep(time.perf_counter() - started)


async def purge_expired(engine: AsyncEngine) -> None:
    """Delete expired keys about once a minute, until cancelled."""
    while True:
        await asyncio.sleep(PURGE_SECONDS * RANDOM.uniform(0.5, 1))  # workers take turns
        try:
            await delete_expired(engine)
        except SQLAlchemyError as error:
            log.warning("keys not purged", extra={"fields": {"error": type(error).__name__}})
