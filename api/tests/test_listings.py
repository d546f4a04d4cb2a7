"""A list that is declared wrongly stops the start, in one line."""

import shutil
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field
from sqlalchemy import (
    JSON,
    Column,
    Index,
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
from app.http.cursors import MAX_LETTERS, check_sort_key
from app.http.declarations import DeclarationError
from app.http.listings import Filter, Listing, Sort, SortedRows
from app.http.page_query import ORDER, PageQuery, Search
from app.http.pagination import fetch_page

pytestmark = pytest.mark.any_engine

ROOT = Path(__file__).parent.parent
METADATA = MetaData()
ROWS = Table(
    "rows", METADATA,
    Column("id", Uuid, primary_key=True), Column("number", Integer, nullable=False),
    Column("title", String(50), nullable=False), Column("code", String(5), unique=True),
)  # fmt: skip
Index("ix_rows_title", lower(ROWS.c.title), ROWS.c.id)
OTHERS = Table(
    "others",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("rank", Integer, nullable=False),
)
SORTS = {"title": Sort(lower(ROWS.c.title))}
FEW = "few rows"
Q = Filter(or_(contains(ROWS.c.title, "q"), ROWS.c.title == bindparam("q")), FEW)
NUMBER = ROWS.c.number == bindparam("number")


class Query(PageQuery):
    sort: Annotated[Literal["title", "-title"], ORDER] = "title"


class Searched(Query):
    q: Search = None


class Ranked(PageQuery):
    sort: Annotated[Literal["rank"], ORDER] = "rank"


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
        Listing(PageQuery, select(ROWS), ROWS.c.id, {"key": Sort(column)})


@pytest.mark.parametrize(("query", "unique", "sorts", "filters", "reason"), [
    (Query, ROWS.c.number, SORTS, {}, "its last key is a UUID in the column id"),
    (Ranked, ROWS.c.id, {"rank": Sort(OTHERS.c.rank, FEW)}, {}, "sort rank wants a join with oth"),
    (Query, ROWS.c.id, SORTS, {"number": Filter(ROWS.c.number == 1)}, r"filter number: .*bindpar"),
    (Query, ROWS.c.id, SORTS, {"no": Filter(NUMBER)}, r"filter no: .*bindparam"),
    (Query, ROWS.c.id, SORTS, {"q": Filter(contains(ROWS.c.title, "p"))}, r"filter q: .*bindparam"),
    (Query, ROWS.c.id, SORTS, {"limit": Filter(ROWS.c.number < bindparam("limit"))}, "filter lim"),
    (Query, ROWS.c.id, SORTS, {"sort": Filter(ROWS.c.number < bindparam("sort"))}, "filter sort"),
    (Query, ROWS.c.id, SORTS, {"q": Filter(OTHERS.c.rank == bindparam("q"), FEW)},
     "filter q wants a join with others"),
    (Query, ROWS.c.id, SORTS, {"id_": Filter(ROWS.c.id < bindparam("id_"))}, "filter id_: "),
    (Query, ROWS.c.id, SORTS, {"q": Filter(True)}, "filter q is no condition"),  # type: ignore[arg-type]
    (Query, ROWS.c.id, SORTS, {"q": Filter("title = :q")}, "filter q is no condition"),  # type: ignore[arg-type]
    (Query, ROWS.c.id, SORTS, {"number": Filter(ROWS.c.number.in_(bindparam("number")))},
     "filter number compares with one value"),
    (Query, ROWS.c.id, SORTS, {"q": Q}, "filter q is not in Query; if the handler gives it, name"),
])  # fmt: skip
def test_what_would_fail_at_a_request_stops_the_start(query, unique, sorts, filters, reason):
    with pytest.raises(DeclarationError, match=f"^list of rows: {reason}"):
        Listing(query, select(ROWS), unique, sorts, filters)


def test_what_works_is_taken():
    first = select(OTHERS.c.rank).limit(1).scalar_subquery()
    joined = select(ROWS).join(OTHERS, OTHERS.c.id == ROWS.c.id)

    Listing(Ranked, joined, ROWS.c.id, {"rank": Sort(OTHERS.c.rank, FEW)}, {"q": Q}, ["q"])
    Listing(Ranked, select(ROWS), ROWS.c.id, {"rank": Sort(func.coalesce(first, 0), FEW)})


class TestWhatCallersMayName:
    def test_a_default_that_is_no_order_stops_the_start(self):
        class Wrong(PageQuery):
            sort: Annotated[Literal["title", "-title"], ORDER] = "name"  # type: ignore[assignment]

        with pytest.raises(DeclarationError, match="name, its default"):
            Listing(Wrong, select(ROWS), ROWS.c.id, SORTS)

    @pytest.mark.parametrize("kind", [Literal["title"] | None, str, StrEnum("Order", ["title"])])
    def test_an_order_that_is_no_literal_stops_the_start(self, kind):
        class Unsure(PageQuery):
            sort: Annotated[kind, ORDER] = "title"  # type: ignore[valid-type]

        with pytest.raises(DeclarationError, match="sort of Unsure is a Literal"):
            Listing(Unsure, select(ROWS), ROWS.c.id, SORTS)

    @pytest.mark.parametrize("sorts", [{}, SORTS | {"number": Sort(ROWS.c.number, FEW)}])
    def test_an_order_that_only_one_side_has_stops_the_start(self, sorts):
        with pytest.raises(DeclarationError, match=r"sort (title|number) is not both in Query"):
            Listing(Query, select(ROWS), ROWS.c.id, sorts)

    @pytest.mark.parametrize("fixed", ["q", "colour"])
    def test_a_fixed_filter_that_callers_choose_or_that_is_none_stops_the_start(self, fixed):
        with pytest.raises(DeclarationError, match=f"fixed {fixed} is no filter, or one that call"):
            Listing(Searched, select(ROWS), ROWS.c.id, SORTS, {"q": Q}, [fixed])

    def test_a_filter_without_a_condition_stops_the_start(self):
        with pytest.raises(DeclarationError, match="filter q of Searched has no condition"):
            Listing(Searched, select(ROWS), ROWS.c.id, SORTS)


LABELS = Table(
    "labels", METADATA,
    Column("label", String(9), primary_key=True), Column("title", String(50), primary_key=True),
    Column("row_id", Uuid, primary_key=True), Column("number", Integer),
)  # fmt: skip
LABEL = LABELS.c.label == bindparam("q")


class TestSortedRows:
    """A filter may be of another table, whose key is what a page is read from."""

    @pytest.mark.parametrize(("condition", "rows", "reason"), [
        (LABELS.c.number == bindparam("q"), SortedRows("title", LABELS.c.title, LABELS.c.row_id),
         "the primary key of labels is"),
        (LABELS.c.label > bindparam("q"), SortedRows("title", LABELS.c.title, LABELS.c.row_id),
         "the primary key of labels is"),
        (LABEL, SortedRows("title", LABELS.c.row_id, LABELS.c.title), "the primary key of labels"),
        (LABEL, SortedRows("rank", LABELS.c.title, LABELS.c.row_id), "there is no sort rank"),
    ])  # fmt: skip
    def test_what_would_read_every_row_stops_the_start(self, condition, rows, reason):
        with pytest.raises(DeclarationError, match=f"filter q: {reason}"):
            Listing(Searched, select(ROWS), ROWS.c.id, SORTS, {"q": Filter(condition, rows=rows)})

    def test_what_works_is_taken(self):
        rows = SortedRows("title", LABELS.c.title, LABELS.c.row_id)

        Listing(Searched, select(ROWS), ROWS.c.id, SORTS, {"q": Filter(LABEL, rows=rows)})


class TestIndexes:
    """Each order and each filter has its index, or says why it can do without."""

    @pytest.mark.parametrize("column", [ROWS.c.number, ROWS.c.title, lower(ROWS.c.title) + "x"])
    def test_an_order_without_one_stops_the_start(self, column):
        with pytest.raises(DeclarationError, match="sort rank has no index"):
            Listing(Ranked, select(ROWS), ROWS.c.id, {"rank": Sort(column)})

    def test_one_that_lacks_the_last_key_does_not_serve(self):
        rows = Table(
            "rows", MetaData(), Column("id", Uuid, primary_key=True),
            Column("rank", Integer, nullable=False, index=True),
        )  # fmt: skip

        with pytest.raises(DeclarationError, match="sort rank has no index"):
            Listing(Ranked, select(rows), rows.c.id, {"rank": Sort(rows.c.rank)})

    def test_one_that_begins_with_what_every_page_has_serves(self):
        rows = Table(
            "rows", MetaData(), Column("id", Uuid, primary_key=True),
            Column("owner", Integer), Column("rank", Integer, nullable=False),
            Index("ix_rows_owner", "owner", "rank", "id"),
        )  # fmt: skip
        of_owner = {"owner": Filter(rows.c.owner == bindparam("owner"))}

        Listing(Ranked, select(rows), rows.c.id, {"rank": Sort(rows.c.rank)}, of_owner, ["owner"])
        with pytest.raises(DeclarationError, match="sort rank has no index"):
            Listing(Ranked, select(rows), rows.c.id, {"rank": Sort(rows.c.rank)})

    @pytest.mark.parametrize("condition", [NUMBER, contains(ROWS.c.title, "number")])
    def test_a_filter_without_one_stops_the_start(self, condition):
        class Numbered(Query):
            number: int | None = Field(None, description="Only this one.")

        with pytest.raises(DeclarationError, match="filter number has no index"):
            Listing(Numbered, select(ROWS), ROWS.c.id, SORTS, {"number": Filter(condition)})
        Listing(Numbered, select(ROWS), ROWS.c.id, SORTS, {"number": Filter(condition, FEW)})

    def test_a_unique_column_has_one(self):
        class Coded(Query):
            code: str | None = Field(None, description="Only this one.")

        by_code = {"code": Filter(ROWS.c.code == bindparam("code"))}
        Listing(Coded, select(ROWS), ROWS.c.id, SORTS, by_code)


def test_the_start_ends_in_one_line(monkeypatch, capsys):
    def fail(_: object) -> None:
        check_sort_key("key", Column("key", Text, nullable=False))

    monkeypatch.setattr(main, "create_app", fail)
    monkeypatch.setattr(sys, "argv", ["app", "openapi"])

    assert __main__.main() == 2
    assert capsys.readouterr().err.splitlines()[0].startswith("sort key: a text of at most")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_with_a_mistake_does_not_start_and_says_why_in_one_line(tmp_path, workers):
    copied = shutil.ignore_patterns(".*", "var", "__pycache__")
    copy = shutil.copytree(ROOT, tmp_path / "api", ignore=copied)
    here = "NAMES: list[str] = ["
    names = copy / "app" / "resources" / "__init__.py"
    names.write_text(names.read_text().replace(here, f'{here}"ghosts", '))

    started = subprocess.run(
        [sys.executable, "-m", "app", "serve", "--port", "0", "--workers", workers],
        cwd=copy, check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert started.returncode == 2
    assert started.stderr == "app/resources: NAMES has 'ghosts', and there is no such folder\n"


@pytest.mark.parametrize("fixed", [{}, {"q": None, "colour": None}])
async def test_a_list_never_answers_unless_its_filters_are_those_declared(app, fixed):
    listing: Listing[Any] = Listing(Query, select(ROWS), ROWS.c.id, SORTS, {"q": Q}, ["q"])

    with pytest.raises(TypeError, match="declared"):
        await fetch_page(app.state.database.read, listing, Query(), dict, **fixed)
