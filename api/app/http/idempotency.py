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
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NamedTuple

import msgspec
from fastapi import Depends, FastAPI, Header, Request, Response
from sqlalchemy import (
    LargeBinary,
    Row,
    String,
    Text,
    and_,
    bindparam,
    delete,
    or_,
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
from app.http.problems import Conflict, FieldProblem, Invalid
from app.http.scope import request_scope
from app.http.state import app_state

RETENTION = timedelta(hours=24)
WAIT_SECONDS = 2
PURGE_SECONDS = 60
RANDOM = random.Random()  # noqa: S311  (of its own: whoever seeds the global one is not disturbed)
BATCH = 1000
UNKNOWN = -9_876_543_210  # stands in an answer for a number that the write finds out
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
OWN = COLUMNS.subject == bindparam("key__subject"), COLUMNS.key == bindparam("key__key")
BEFORE = bindparam("key__before", type_=COLUMNS.created_at.type)
# Rows of the workers before this release, for a day after it: their subject is the token's.
OLD = and_(
    COLUMNS.subject == bindparam("key__old_subject"),
    COLUMNS.key == bindparam("key__key"),
    COLUMNS.fingerprint == bindparam("key__fingerprint", type_=LargeBinary),
    COLUMNS.created_at > BEFORE,
)
FIND = select(*COLUMNS).where(or_(and_(*OWN), OLD))
FORGET = delete(IdempotencyKey.__table__).where(*OWN, COLUMNS.created_at <= BEFORE)  # type: ignore[arg-type]


class Replay(Exception):
    """The request was answered before; ``response`` is that answer."""

    def __init__(self, row: Row[tuple[object, ...]]) -> None:
        headers = msgspec.json.decode(row.headers) | {"Idempotency-Replayed": "true"}
        self.response = Response(row.body, row.status, headers)

    def change_body(self, change: Callable[[bytes], bytes]) -> None:
        """Repeat the answer with another body: its caller may see less than the first one."""
        self.response.body = change(bytes(self.response.body))
        self.response.headers["content-length"] = str(len(self.response.body))


class Key(NamedTuple):
    """A key of a caller, and the digest of the method, path and body that it came with."""

    subject: str  # digest of the issuer, the client and the subject of the token
    key: str
    fingerprint: bytes
    old_subject: str  # the token's subject alone

    @property
    def own(self) -> dict[str, Any]:
        """The values of the columns that make it the caller's."""
        return {"subject": self.subject, "key": self.key, "fingerprint": self.fingerprint}

    @property
    def lookup(self) -> dict[str, Any]:
        """The values of FIND and FORGET."""
        return {
            "key__subject": self.subject,
            "key__key": self.key,
            "key__fingerprint": self.fingerprint,
            "key__old_subject": self.old_subject,
            "key__before": now() - RETENTION,
        }

    def stored_with(self, answer: Response) -> dict[str, Any]:
        """Return the values of the key's row with this answer."""
        headers = {
            name.decode(): value.decode("latin-1")
            for name, value in answer.raw_headers
            if name != b"content-length"
        }
        return {
            **self.own,
            "status": answer.status_code,
            "headers": msgspec.json.encode(headers).decode(),
            "body": answer.body,
            "created_at": now(),
        }

    def answer_again(self, found: Any) -> bool:
        """Raise Replay, or Invalid if it came with another request; False if it has expired."""
        if found.created_at <= now() - RETENTION:
            return False
        if found.fingerprint != self.fingerprint:
            detail = "This key was used for another request; take a new one."
            pointer = "#/header/idempotency-key"
            raise Invalid(errors=[FieldProblem(pointer=pointer, code="reused", detail=detail)])
        raise Replay(found)


def still_running() -> Conflict:
    """Return the problem of a request whose twin runs at the same time."""
    return Conflict("The same request is running just now.", headers={"Retry-After": "1"})


class IdempotencyGuard:
    """Lets a request run once for a key in a transaction; without a key, every time."""

    def __init__(self, session: AsyncSession, key: Key | None) -> None:
        self._session, self._key = session, key

    async def claim(self) -> None:
        """Take the key in this transaction; Replay if the request was answered before."""
        if key := self._key:
            old = await self._session.execute(select(*COLUMNS).where(OLD), key.lookup)
            if found := old.first():
                key.answer_again(found)
            while not await self._insert(key):
                found = (await self._session.execute(FIND, key.lookup)).first()
                if not found or not key.answer_again(found):
                    await self._session.execute(FORGET, key.lookup)

    async def store(self, response: Response, **found: int) -> Response:
        """Store the answer in the same transaction as the effect; return it.

        ``found``: the values of its fields that are ``UNKNOWN``.
        """
        if self._key:
            mine = COLUMNS.subject == self._key.subject, COLUMNS.key == self._key.key
            values = self._key.stored_with(response)
            for name, number in found.items():
                field = f'"{name}":%d'.encode()
                values["body"] = values["body"].replace(field % UNKNOWN, field % number)
            await self._session.execute(update(IdempotencyKey).where(*mine).values(values))
        return response

    async def _insert(self, key: Key) -> bool:
        """Return whether the key was free; waits for a transaction that has the same key."""
        row = key.own | {"created_at": now()}
        try:
            return await insert_if_absent(self._session, IdempotencyKey, row, WAIT_SECONDS)
        except TimeoutError as error:
            raise still_running() from error


def owner_of(issuer: str, client_id: str, subject: str) -> str:
    """Return whose a key is: each client of a person has keys of its own."""
    return hashlib.sha256(msgspec.json.encode([issuer, client_id, subject])).hexdigest()


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


async def get_key(request: Request, idempotency_key: KeyHeader = None) -> Key | None:
    """Return the request's key, if it has one."""
    if not idempotency_key:
        return None
    fingerprint = hashlib.sha256(f"{request.method} {request.scope['path']}\n".encode())
    fingerprint.update(await request.body())  # which may be large: not copied
    found = request_scope(request.scope)
    client_id = found["principal"].client_id if "principal" in found else ""
    issuer = app_state(request.scope).settings.auth_issuer
    owner = owner_of(issuer, client_id, found["caller"])
    return Key(owner, idempotency_key.strip('"'), fingerprint.digest(), found["caller"])


KeyDep = Annotated[Key | None, Depends(get_key)]


def install(app: FastAPI) -> None:
    """Register the handler that repeats an answer."""

    async def replay(_: Request, error: Exception) -> Response:
        assert isinstance(error, Replay)  # noqa: S101  (registered for it alone)
        return error.response

    app.add_exception_handler(Replay, replay)


def delete_batch(since: datetime, before: datetime) -> ReturningDelete[Any]:
    """Return the statement that deletes a batch of the keys of a period, the oldest first.

    A subquery that is not materialized may be run for several rows, and then finds other ones.
    """
    oldest = (
        select(COLUMNS.subject, COLUMNS.key)
        .where(COLUMNS.created_at >= since, COLUMNS.created_at < before)
        .order_by(COLUMNS.created_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .cte("oldest")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    key = tuple_(COLUMNS.subject, COLUMNS.key)
    batch = select(oldest.c.subject, oldest.c.key)
    return delete(IdempotencyKey).where(key.in_(batch)).returning(COLUMNS.created_at)


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
