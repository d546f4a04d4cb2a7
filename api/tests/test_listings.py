"""A list that is declared wrongly stops the start, in one line."""

import sys
from typing import Annotated

import pytest
from fastapi import FastAPI, Query
from sqlalchemy import (
    JSON,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    or_,
    select,
)  # fmt: skip

from app import __main__, main
from app.database.functions import contains, lower
from app.http.cursors import MAX_LETTERS
from app.http.declarations import DeclarationError
from app.http.listings import Listing, SortOrders, check_sorts
from app.http.pagination import PageParams, fetch_page

METADATA = MetaData()
ROWS = Table(
    "rows", METADATA,
    Column("id", Uuid, primary_key=True), Column("number", Integer, nullable=False),
    Column("title", String(50), nullable=False),
)  # fmt: skip
OTHERS = Table(
    "others",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("rank", Integer, nullable=False),
)
SORTS = SortOrders(title=lower(ROWS.c.title))
GOOD = {"q": or_(contains(ROWS.c.title, "q"), ROWS.c.title == bindparam("q"))}


@pytest.mark.parametrize(("column", "reason"), [
    (Column("key", Integer), "coalesce"),
    (lower(Column("key", String(10))), "coalesce"),
    (Column("key", Text, nullable=False), "letters"),
    (lower(Column("key", String(MAX_LETTERS + 1), nullable=False)), "letters"),
    (Column("key", LargeBinary, nullable=False), "no order"),
    (Column("key", JSON, nullable=False), "no order"),
    (func.unheard_of(Column("key", Integer, nullable=False)), "no order"),
])  # fmt: skip
def test_a_sort_whose_keys_may_not_fit_stops_the_start(column, reason):
    with pytest.raises(DeclarationError, match=f"sort key.*{reason}"):
        SortOrders(key=column)


@pytest.mark.parametrize(("unique", "sorts", "filters", "reason"), [
    (ROWS.c.number, SORTS, {}, "its last key is a UUID in the column id"),
    (ROWS.c.id, SortOrders(rank=OTHERS.c.rank), {}, "sort rank wants a join with others"),
    (ROWS.c.id, SORTS, {"number": ROWS.c.number == 1}, r"filter number: .*bindparam"),
    (ROWS.c.id, SORTS, {"number": ROWS.c.number == bindparam("nr")}, r"filter number: .*bindparam"),
    (ROWS.c.id, SORTS, {"q": contains(ROWS.c.title, "search")}, r"filter q: .*bindparam"),
    (ROWS.c.id, SORTS, {"limit_": ROWS.c.number < bindparam("limit_")}, r"filter limit_: "),
])  # fmt: skip
def test_what_would_fail_at_a_request_stops_the_start(unique, sorts, filters, reason):
    with pytest.raises(DeclarationError, match=f"^list of rows: {reason}"):
        Listing(select(ROWS), unique, sorts, filters)


def test_what_works_is_taken():
    first = select(OTHERS.c.rank).limit(1).scalar_subquery()
    joined = select(ROWS).join(OTHERS, OTHERS.c.id == ROWS.c.id)

    Listing(joined, ROWS.c.id, SortOrders(rank=OTHERS.c.rank), GOOD)
    Listing(select(ROWS), ROWS.c.id, SortOrders(rank=func.coalesce(first, 0)), GOOD)


def listing_app(default: str) -> FastAPI:
    app = FastAPI()

    @app.get("/rows")
    async def list_rows(sort: Annotated[str, SORTS, Query()] = default) -> str:
        return sort

    return app


def test_a_default_that_is_no_order_stops_the_start():
    with pytest.raises(DeclarationError, match=r"list_rows \(/rows\): name, its default"):
        check_sorts(listing_app("name").routes)

    check_sorts(listing_app("-title").routes)


def test_the_start_ends_in_one_line(monkeypatch, capsys):
    def fail(_: object) -> None:
        SortOrders(key=Column("key", Text, nullable=False))

    monkeypatch.setattr(main, "create_app", fail)
    monkeypatch.setattr(sys, "argv", ["app", "openapi"])

    assert __main__.main() == 2
    assert capsys.readouterr().err.splitlines()[0].startswith("sort key: a text of at most")


@pytest.mark.parametrize("filters", [{}, {"q": None, "colour": None}])
async def test_a_list_never_answers_unless_its_filters_are_those_declared(app, filters):
    listing = Listing(select(ROWS), ROWS.c.id, SORTS, GOOD)
    page = PageParams(None, 10, None)

    with pytest.raises(TypeError, match="declared"):
        await fetch_page(app.state.database.read, listing, "title", page, filters, dict)
