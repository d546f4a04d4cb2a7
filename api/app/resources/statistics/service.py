"""Rule of statistics: made by one process for all, and no more often than they are worth.

To make them takes 1/20 of one core at most, and at most one making a minute. The last ones are
shown while new ones are made, unless they are twice as old as they may be: then callers wait.
See app/sample/decisions/statistics-from-a-summary.md.
"""

import asyncio
import logging
import time
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.database.connections import Database
from app.database.errors import UNAVAILABLE, classify
from app.database.model import now
from app.database.read_pool import Reader, Snapshot
from app.http.problems import Unavailable
from app.resources.statistics import queries
from app.resources.statistics.schemas import MAX_AMOUNT

MAX_AGE_SECONDS = 60.0
AGE_PER_SECOND = 20  # of making
CLAIM_SECONDS = 15.0  # after that another process may try; longer than a statement may take
WAIT_SECONDS = 20.0  # longer than a claim, to follow a process that was killed
LOOK_SECONDS = 0.05
DAYS = 30
log = logging.getLogger(__name__)


class Found(NamedTuple):
    """Statistics in the contract's form, everything in them; ``is_due``: make new ones."""

    statistics: dict[str, Any]
    is_due: bool


async def find_statistics(database: Database, reader: Reader, release: str) -> Found:
    """Return the last statistics, or new ones; if there can be no new ones, old ones."""
    row = await queries.get_summary(reader, release)
    if row is None or _age(row) > 2:
        try:
            row = await _wait_for_new(database, release)
        except (DBAPIError, Unavailable) as error:
            passes = isinstance(error, Unavailable) or classify(error) in UNAVAILABLE
            if not passes or row is None or not row.body:
                raise
            _warn(error)
    return Found(msgspec.json.decode(row.body), _age(row) > 1)


async def renew_statistics(database: Database, release: str) -> None:
    """Make new statistics, unless they are not due or another process is making them."""
    try:
        row = await queries.get_summary(database.read, release)
        if row and _age(row) > 1 and await _claim(database, release, row):
            await _make(database, release)
    except SQLAlchemyError as error:
        _warn(error)


def _age(row: Row[Any]) -> float:
    """Return the age in units of the age that the summary may have."""
    if not row.body:
        return float("inf")
    allowed = min(AGE_PER_SECOND * row.seconds, MAX_AGE_SECONDS)
    return float((now() - row.computed_at).total_seconds() / allowed)


async def _wait_for_new(database: Database, release: str) -> Row[Any]:
    """Return a summary that is not too old: another process's, or one of our own."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        row = await queries.get_summary(database.read, release)
        if row and _age(row) <= 2:
            return row
        if not await _claim(database, release, row):
            await asyncio.sleep(LOOK_SECONDS)
            continue
        await _make(database, release)
        if row := await queries.get_summary(database.read, release):
            return row
    raise Unavailable("The statistics are being made.", headers={"Retry-After": "1"})


async def _claim(database: Database, release: str, row: Row[Any] | None) -> bool:
    moment = now()
    if row and row.claimed_until > moment:
        return False
    until = moment + timedelta(seconds=CLAIM_SECONDS)
    return await queries.claim_summary(database.write, release, row, until)


async def _make(database: Database, release: str) -> None:
    """Make statistics of one moment, and store them."""
    started, moment = time.perf_counter(), now()
    try:
        async with database.read.snapshot() as snapshot:
            statistics = await _compute(snapshot, moment)
        values = {
            "body": msgspec.json.encode(statistics).decode(),
            "computed_at": moment,
            "seconds": time.perf_counter() - started,
            "claimed_until": now(),
        }
        await queries.store_summary(database.write, release, values)
    except DBAPIError:
        await queries.release_claim(database.write, release, now())
        raise


async def _compute(snapshot: Snapshot, moment: datetime) -> dict[str, Any]:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "products": [
            {"status": row.status, "count": row.number}
            for row in await queries.count_by_status(snapshot)
        ],
        "categories": [
            {"category_id": row.category_id, "name": row.name or "", "count": row.number}
            for row in await queries.count_by_category(snapshot)
        ],
        "lowest_stock": [row._asdict() for row in await queries.find_lowest_stock(snapshot)],
        "stock_values": [
            {
                "currency": currency,
                "amount_minor": min(amount, MAX_AMOUNT),
                "exact_amount_minor": str(amount),
            }
            for currency, amount in await queries.sum_values(snapshot)
        ],
        "out_of_stock_count": await queries.count_out_of_stock(snapshot),
        "movements": [
            {"day": str(row.day), "pieces_in": row.pieces_in, "pieces_out": row.pieces_out}
            for row in await queries.sum_movements(snapshot, midnight - timedelta(days=DAYS - 1))
        ],
        "computed_at": moment,
    }


def _warn(error: Exception) -> None:
    log.warning("no new statistics", extra={"fields": {"error": type(error).__name__}})
