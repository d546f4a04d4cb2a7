"""A text is found by itself, in any case and composition, and by each part; on every locale."""

import random
import sys
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import ARRAY, String, bindparam, make_url, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.database import folding
from app.database.functions import contains, fold, search_pattern
from app.http import pagination
from tests.widgets.factory import make_widget

NAME = bindparam("name", type_=String)
FOUND = select(NAME).where(contains(NAME, "q"))
BATCH = 100
FOLDED = select(*(fold(bindparam(f"text{number}", type_=String)) for number in range(BATCH)))
# Letters whose case depends on their place, changes their number, or has three forms; marks that
# change places; wildcards.
ODD = "ΣσςİıIiẞßǅǄǆﬀÅÅµμKkſsᾳΐ\u0301\u0307\u0327\u0345 %_\\aZ1가ガ😀"
LETTERS = [chr(point) for point in range(1, sys.maxunicode) if not 0xD800 <= point < 0xE000]


def forms(name: str) -> set[str]:
    """Return the ways to write a name that nobody would call another name."""
    ways = (str, str.upper, str.lower, str.title, str.casefold, str.swapcase)
    return {
        unicodedata.normalize(form, way(unicodedata.normalize(before, name)))
        for way in ways
        for before in ("NFC", "NFD")
        for form in ("NFC", "NFD", "NFKC", "NFKD")
    }


def parts(words: str) -> set[str]:
    return {words[a:b] for b in range(len(words) + 1) for a in range(b)}


def is_plain(letter: str) -> bool:
    """Tell whether nothing writes it otherwise: a million are so, and need no look at each form."""
    alone = letter == letter.upper() == letter.lower() == letter.title() == letter.casefold()
    return alone and unicodedata.is_normalized("NFKD", letter)


@cache
def odd_letters() -> list[str]:
    """Return those with several forms."""
    return [letter for letter in LETTERS if not is_plain(letter) and len(forms(letter)) > 1]


async def fold_all(app, texts: list[str]) -> dict[str, str]:
    """Return what the database makes of texts."""
    folded: dict[str, str] = {}
    for start in range(0, len(texts), BATCH):
        batch = [*texts[start : start + BATCH], *[""] * BATCH][:BATCH]
        values = {f"text{number}": each for number, each in enumerate(batch)}
        [row] = await app.state.database.read.all(FOLDED, values)
        folded |= zip(batch, row, strict=True)
    return folded


async def find(app, name: str, words: str) -> bool:
    return bool(
        await app.state.database.read.all(FOUND, {"name": name, "q": search_pattern(words)})
    )


async def test_each_odd_letter_is_found_in_every_form_and_part(app, long, record_property):
    letters = odd_letters() if long else odd_letters()[::150]
    names = [name for letter in letters for name in (letter, f"a{letter}Σ", f"{letter}ΐ é")]
    wanted = {name: {part for form in forms(name) for part in parts(form)} for name in names}
    folded = await fold_all(app, sorted({*names}.union(*wanted.values())))

    lost = [(n, part) for n, ps in wanted.items() for part in ps if folded[part] not in folded[n]]

    assert lost == []
    record_property("letters with several forms", (len(letters), len(odd_letters())))
    record_property("parts of their forms that find the text", sum(map(len, wanted.values())))


async def test_the_database_folds_as_python_does(app, long, record_property):
    texts = LETTERS if long else LETTERS[::151] + odd_letters()[::29]
    known = [each for each in texts if unicodedata.category(each) != "Cn"]

    folded = await fold_all(app, known)

    assert [each for each in known if folded[each] != folding.fold(each)] == []
    record_property("letters that both engines fold alike", (len(known), len(LETTERS)))


async def test_a_text_is_found_by_each_part_of_it(app, record_property):
    chance = random.Random(7)  # noqa: S311  (the same texts each time)
    names = ["ΟΔΟΣ ΑΘΗΝΑΣ", "İSTANBUL", *("".join(chance.choices(ODD, k=6)) for _ in range(20))]
    wanted = [(name, part) for name in names for part in parts(name)]

    assert [each for each in wanted if not await find(app, *each)] == []
    record_property("parts of texts searched for", len(wanted))


WORDS = [
    ("ΟΔΟΣ", "οδος"), ("ΟΔΟΣ", "οδός"), ("İstanbul", "istanbul"), ("Iğdır", "IĞDIR"),
    ("Straße", "STRASSE"), ("STRAẞE", "straße"), ("ﬁne", "FI"), ("café", "cafe\u0301"),
    ("Ｔｅａ", "tea"), ("tea", "ＴＥＡ"), ("tea", "te\u200ba"), ("ﾊﾟﾝ", "パン"), ("①", "1"),
    ("ạ̈", "a\u0308\u0323"), ("100％", "%"), ("CAFÉ", "cafe"),
    ("ПЁТР", "пётр"), ("한글", "\u1112"), ("ﾟガ", "ガ"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "words"), WORDS)
async def test_a_caller_finds_it(client, name, words):
    await make_widget(client, name=name)

    page = (await client.get("widgets", params={"q": words})).json()

    assert [item["name"] for item in page["items"]] == [unicodedata.normalize("NFC", name)]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("abc", "%"),
        ("abc", "％"),
        ("abc", "a_c"),
        ("abc", "a＿c"),
        ("ab", "a＼b"),
        ("ハハ", "パパ"),
        ("หมา", "หมู"),
        ("é", "a"),
    ],
)
async def test_another_letter_does_not_find_it(app, name, words):
    assert not await find(app, name, words)


REVISIONS = ScriptDirectory.from_config(Config(Path(__file__).parents[1] / "alembic.ini"))
FUNCTIONS = REVISIONS.get_revision("core_0002").module.FUNCTIONS
FASTER_PARTS = REVISIONS.get_revision("core_0003").module.FUNCTION
PROVIDERS = {
    "libc C": "LC_COLLATE 'C' LC_CTYPE 'C'",
    "libc C.UTF-8": "LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'",
    "libc en_US": "LC_COLLATE 'en_US.UTF-8' LC_CTYPE 'en_US.UTF-8'",
    "ICU": "LOCALE_PROVIDER icu ICU_LOCALE 'und' LOCALE 'C'",
    "ICU Turkish": "LOCALE_PROVIDER icu ICU_LOCALE 'tr' LOCALE 'C'",
    "ICU Lithuanian": "LOCALE_PROVIDER icu ICU_LOCALE 'lt' LOCALE 'C'",
    "builtin C": "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C' LOCALE 'C'",
    "builtin Unicode": "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'PG_UNICODE_FAST' LOCALE 'C'",
}


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_locale_changes_nothing(postgresql_url, provider, record_property):
    admin = create_async_engine(postgresql_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    async with admin.connect() as connection:
        await connection.exec_driver_sql("DROP DATABASE IF EXISTS locales WITH (FORCE)")
        create = f"CREATE DATABASE locales TEMPLATE template0 ENCODING UTF8 {PROVIDERS[provider]}"
        try:
            await connection.exec_driver_sql(create)
        except DBAPIError:
            pytest.skip("this server has no such locale")
    url = make_url(postgresql_url).set(database="locales")
    engine = create_async_engine(url, poolclass=NullPool)
    texts = ["ΟΔΟΣ", "Iıİi", "ĄĮ̃ Ì", "a-b", "ab", "a b", "Zz", "_", *odd_letters()[::5]]
    async with engine.begin() as connection:
        for function in (folding.fold_letters_in_sql(), *FUNCTIONS.values()):
            await connection.exec_driver_sql(function)
        rows = await connection.execute(
            text("SELECT each, fold(each) FROM unnest(CAST(:texts AS text[])) AS each"),
            {"texts": texts},
        )
        found = [tuple(row) for row in rows]
    async with admin.connect() as connection:
        await connection.exec_driver_sql("DROP DATABASE locales WITH (FORCE)")

    assert found == [(each, folding.fold(each)) for each in texts]
    record_property("locales that fold alike", 1)
    record_property("texts that each locale folds alike", len(texts))


async def test_parts_are_the_same_however_fast_they_are_found(database, record_property):
    chance = random.Random(3)  # noqa: S311
    texts = ["".join(chance.choices(ODD, k=length)) for length in (*range(50), 200, 1000)]
    engine = create_async_engine(database, poolclass=NullPool)
    parts = text("SELECT CAST(text_parts(each, 'x', NULL) AS text) FROM unnest(:texts) AS each")
    parts = parts.bindparams(bindparam("texts", type_=ARRAY(String)))
    async with engine.begin() as connection:
        for function in (folding.fold_letters_in_sql(), *FUNCTIONS.values()):
            await connection.exec_driver_sql(function)
        before = (await connection.scalars(parts, {"texts": texts})).all()
        await connection.exec_driver_sql(FASTER_PARTS)
        after = (await connection.scalars(parts, {"texts": texts})).all()
    await engine.dispose()

    assert after == before
    record_property("texts whose parts are the same", len(texts))


@pytest.fixture(params=[1, 5, 1000])
def near(request, monkeypatch):
    """Look at so many of the nearest rows before all hits."""
    for name in ("COVERED_ROWS", "NEAR_ROWS"):
        monkeypatch.setattr(pagination, name, request.param)
    pagination._statement.cache_clear()
    yield
    pagination._statement.cache_clear()


async def walk(client, direction: str, params: dict[str, Any]) -> list[Any]:
    """Return each page from here to the last one in that direction."""
    page = (await client.get("widgets", params=params)).json()
    found = [page]
    while cursor := page[f"{direction}_cursor"]:
        page = (await client.get("widgets", params=params | {"cursor": cursor})).json()
        found.append(page)
    return found


def codes(pages: list[Any]) -> list[str]:
    return [item["code"] for page in pages for item in page["items"]]


@pytest.mark.usefixtures("near")
async def test_a_search_shows_each_hit_once_in_each_order_and_both_ways(client, record_property):
    chance = random.Random(11)  # noqa: S311
    for number in range(25):
        name = "n" + "".join(chance.choices("aΣİé茶 \\%", k=4))
        await make_widget(client, code=f"c{number}", name=name, size=chance.randrange(5))
    count = 0
    for sort in ("name", "-name", "size", "-size"):
        [every] = await walk(client, "next", {"sort": sort, "limit": 100})
        for words in ("n", "a", "σ", "茶", "%", "\\", "c1", "aa", "none"):
            texts = {each["code"]: (each["name"], each["code"]) for each in every["items"]}
            is_hit = {
                code: any(str(folding.fold(words)) in str(folding.fold(each)) for each in of_it)
                for code, of_it in texts.items()
            }
            expected = [code for code in codes([every]) if is_hit[code]]
            params = {"q": words, "sort": sort, "limit": 4}
            onwards = await walk(client, "next", params)
            cursor = onwards[-1]["prev_cursor"]
            back = await walk(client, "prev", params | {"cursor": cursor}) if cursor else []
            assert codes(onwards) == expected, params
            assert codes([*reversed(back), onwards[-1]]) == expected, params
            count += len(onwards) + len(back)
    record_property("pages of searches, by how many rows are looked at first", count)
