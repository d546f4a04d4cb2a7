"""``Idempotency-Key``: a POST that is sent twice happens once."""

import asyncio
import contextlib
import uuid
from datetime import timedelta

import pytest
from httpx2 import AsyncClient
from sqlalchemy import event, insert, select, update
from sqlalchemy.exc import OperationalError

from app.database.model import now
from app.http import idempotency
from conftest import ISSUER, make_token
from tests.bounds import WRITES, Walk, example
from tests.widgets.factory import WIDGET, make_widget


def key(value: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": value or str(uuid.uuid4())}


TESTER = idempotency.owner_of(ISSUER, "tests", "tester")
POSTS = [each for each in WRITES if each.method == "post"]


async def test_a_repeat_is_answered_as_before_byte_for_byte(client: AsyncClient, record_property):
    walk = Walk(client)
    for operation in POSTS:
        place = walk.place(operation, lambda known: known[-1])
        body, headers = example(operation.body or {}), key()

        first = await walk.write(operation, body, place, headers)
        again = await walk.write(operation, body, place, headers)

        assert first.is_success, first.text
        assert "idempotency-replayed" not in first.headers
        assert again.headers["idempotency-replayed"] == "true"
        assert (again.status_code, again.content) == (first.status_code, first.content)
        for header in ("location", "etag", "content-type", "cache-control", "vary"):
            assert again.headers.get(header) == first.headers.get(header)
    record_property("POST operations that are repeated", len(POSTS))


async def test_the_effect_happens_once(client: AsyncClient):
    widget = await make_widget(client, size=0)
    url = f"widgets/{widget['id']}"
    headers = key()

    for _ in range(3):
        await client.post(f"{url}/growth", json={"by": 5}, headers=headers)

    assert (await client.get(url)).json()["size"] == 5


async def test_of_a_hundred_twins_one_creates_and_all_hear_of_it(client: AsyncClient):
    headers = key()

    answers = await asyncio.gather(
        *(client.post("widgets", json=WIDGET, headers=headers) for _ in range(100))
    )

    assert {(answer.status_code, answer.content) for answer in answers} == {
        (201, answers[0].content)
    }
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert len((await client.get("widgets")).json()["items"]) == 1


async def test_another_body_under_the_key_is_422(client: AsyncClient):
    headers = key()
    await client.post("widgets", json=WIDGET, headers=headers)

    response = await client.post("widgets", json=WIDGET | {"code": "OTHER"}, headers=headers)

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "#/header/idempotency-key"
    assert len((await client.get("widgets")).json()["items"]) == 1


async def test_another_path_under_the_key_is_422(client: AsyncClient):
    headers = key()
    for code in ("ONE", "TWO"):
        widget = await make_widget(client, code=code)
        url = f"widgets/{widget['id']}/growth"
        response = await client.post(url, json={"by": 5}, headers=headers)

    assert response.status_code == 422


async def test_a_key_belongs_to_its_caller(client_for):
    headers = key()
    body = {"code": "A"}
    await client_for(make_token(sub="ann")).post("widgets", json=body, headers=headers)

    response = await client_for(make_token(sub="bob")).post("widgets", json=body, headers=headers)

    assert response.status_code == 409
    assert response.json()["errors"][0]["pointer"] == "#/code"


async def test_a_key_belongs_to_one_client_of_its_caller(client_for):
    headers = key()
    for client_id, code in (("web", "A"), ("mobile", "B")):
        client = client_for(make_token(client_id=client_id))
        response = await client.post("widgets", json={"code": code}, headers=headers)

        assert response.status_code == 201
        assert response.json()["code"] == code


class TestOfAnEarlierRelease:
    """Its rows have the token's subject; they are honoured until they have expired."""

    @pytest.fixture
    async def answered(self, client: AsyncClient, app):
        """What an earlier release has answered, for a widget that is gone."""
        response = await client.post("widgets", json=WIDGET, headers=key("old"))
        url = f"widgets/{response.json()['id']}"
        await client.delete(url, headers={"If-Match": "*"})
        columns = idempotency.IdempotencyKey.__table__.columns
        async with app.state.database.write.begin() as connection:
            mine = update(idempotency.IdempotencyKey).where(columns.subject == TESTER)
            await connection.execute(mine.values(subject="tester"))
        return response

    async def test_its_answer_is_given_again(self, client: AsyncClient, answered):
        again = await client.post("widgets", json=WIDGET, headers=key("old"))

        assert again.headers["idempotency-replayed"] == "true"
        assert again.content == answered.content
        assert (await client.get("widgets")).json()["items"] == []

    async def test_in_a_transaction_too(self, client: AsyncClient, app):
        widget = await make_widget(client, size=0)
        url = f"widgets/{widget['id']}/growth"
        await client.post(url, json={"by": 5}, headers=key("grow"))
        columns = idempotency.IdempotencyKey.__table__.columns
        async with app.state.database.write.begin() as connection:
            mine = update(idempotency.IdempotencyKey).where(columns.subject == TESTER)
            await connection.execute(mine.values(subject="tester"))

        again = await client.post(url, json={"by": 5}, headers=key("grow"))

        assert again.headers["idempotency-replayed"] == "true"
        assert (await client.get(f"widgets/{widget['id']}")).json()["size"] == 5

    @pytest.mark.usefixtures("answered")
    async def test_another_request_with_the_key_may_be_another_client_s(self, client: AsyncClient):
        other = await client.post("widgets", json={"code": "OTHER"}, headers=key("old"))

        assert other.status_code == 201

    @pytest.mark.usefixtures("answered")
    async def test_after_a_day_the_key_is_new(self, client: AsyncClient, monkeypatch):
        tomorrow = now() + timedelta(hours=25)
        monkeypatch.setattr(idempotency, "now", lambda: tomorrow)

        again = await client.post("widgets", json=WIDGET, headers=key("old"))

        assert again.status_code == 201
        assert "idempotency-replayed" not in again.headers


async def test_a_failure_is_not_remembered(client: AsyncClient):
    taken = await make_widget(client)
    headers = key()
    failed = await client.post("widgets", json=WIDGET, headers=headers)
    await client.delete(f"widgets/{taken['id']}", headers={"If-Match": '"1"'})

    response = await client.post("widgets", json=WIDGET, headers=headers)

    assert (failed.status_code, response.status_code) == (409, 201)


async def test_quotes_are_not_part_of_the_key(client: AsyncClient):
    await client.post("widgets", json=WIDGET, headers=key("abc-1"))

    response = await client.post("widgets", json=WIDGET, headers=key('"abc-1"'))

    assert response.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("bad", ["", '"', '""', 'a"b', "a b", "a" * 131, "ä".encode()])
async def test_a_key_that_is_none_is_422(client: AsyncClient, bad):
    response = await client.post("widgets", json=WIDGET, headers={"Idempotency-Key": bad})

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "#/header/idempotency-key"


async def test_a_twin_that_runs_too_long_is_409_with_retry_after(
    client: AsyncClient, app, settings, monkeypatch
):
    if settings.database_url.startswith("sqlite"):
        pytest.skip("SQLite has one writer at a time: a twin's turn always comes")
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.1)
    running = insert(idempotency.IdempotencyKey).values(
        subject=TESTER, key="busy", fingerprint=b"", created_at=now()
    )
    async with app.state.database.write.connect() as connection:
        await connection.execute(running)
        response = await client.post("widgets", json=WIDGET, headers=key("busy"))
        await connection.rollback()

    assert response.status_code == 409
    assert response.headers["retry-after"] == "1"
    assert (await client.post("widgets", json=WIDGET, headers=key("busy"))).status_code == 201


class TestAfterADay:
    @pytest.fixture
    async def yesterday(self, client: AsyncClient, monkeypatch):
        """A key that was used 25 hours ago, for something that is gone."""
        response = await client.post("widgets", json=WIDGET, headers=key("old"))
        url = f"widgets/{response.json()['id']}"
        await client.delete(url, headers={"If-Match": '"1"'})
        tomorrow = now() + timedelta(hours=25)
        monkeypatch.setattr(idempotency, "now", lambda: tomorrow)

    @pytest.mark.usefixtures("yesterday")
    async def test_a_key_is_new_again(self, client: AsyncClient):
        response = await client.post("widgets", json=WIDGET, headers=key("old"))

        assert response.status_code == 201
        assert "idempotency-replayed" not in response.headers

    @pytest.mark.usefixtures("yesterday")
    async def test_its_row_is_deleted(self, app):
        await idempotency.delete_expired(app.state.database.write)

        rows = await app.state.database.read.all(select(idempotency.IdempotencyKey.key))
        assert rows == []


class TestPurge:
    INSERT = insert(idempotency.IdempotencyKey)

    @pytest.fixture
    async def backlog(self, app, empty):
        """Expired keys, of one moment and of many, and one that holds."""
        old = now() - timedelta(hours=25)
        moments = [old] * 1500 + [old - timedelta(seconds=n) for n in range(2000)] + [now()]
        rows = [
            {"subject": "s", "key": str(n), "fingerprint": b"", "created_at": moment}
            for n, moment in enumerate(moments)
        ]
        async with app.state.database.write.begin() as connection:
            await connection.execute(self.INSERT, rows)

    @staticmethod
    async def left(app) -> int:
        return len(await app.state.database.read.all(select(idempotency.IdempotencyKey.key)))

    @pytest.mark.usefixtures("backlog")
    async def test_a_backlog_goes_in_pieces_and_what_holds_stays(self, app):
        pieces = []

        @event.listens_for(app.state.database.write.sync_engine, "commit")
        def commit(_: object) -> None:
            pieces.append(1)

        deleted = await idempotency.delete_expired(app.state.database.write)
        event.remove(app.state.database.write.sync_engine, "commit", commit)

        assert deleted == 3500
        assert len(pieces) >= 3500 / idempotency.BATCH
        assert await self.left(app) == 1

    @pytest.mark.usefixtures("backlog")
    async def test_several_workers_share_the_work(self, app):
        deleted = await asyncio.gather(
            *(idempotency.delete_expired(app.state.database.write) for _ in range(4))
        )
        # What two had read and one deleted.
        await idempotency.delete_expired(app.state.database.write)

        assert sum(deleted) <= 3500
        assert await self.left(app) == 1

    @pytest.mark.usefixtures("backlog")
    async def test_each_batch_begins_where_the_last_one_ended(self, app):
        """Or each would read again what those before it have left dead."""
        begins = []
        engine = app.state.database.write.sync_engine

        @event.listens_for(engine, "before_cursor_execute")
        def remember(_connection, _cursor, sql, values, *_: object) -> None:
            if "DELETE FROM" in sql:
                begins.append(values[0])

        await idempotency.delete_expired(app.state.database.write)
        event.remove(engine, "before_cursor_execute", remember)

        assert begins == sorted(begins)
        assert begins.count(begins[0]) == 1

    @pytest.mark.usefixtures("backlog")
    async def test_what_another_worker_deletes_just_now_is_left_to_it(self, app):
        engine = app.state.database.write
        if engine.dialect.name == "sqlite":
            pytest.skip("it has one writer at a time")
        async with engine.begin() as other:
            batch = idempotency.delete_batch(now() - timedelta(days=9), now() - timedelta(hours=24))
            taken = len((await other.execute(batch)).all())
            async with asyncio.timeout(60):
                deleted = await idempotency.delete_expired(engine)

        assert taken == idempotency.BATCH
        assert deleted == 3500 - taken

    @pytest.mark.usefixtures("backlog")
    async def test_requests_are_answered_meanwhile(self, app, client: AsyncClient):
        purge = asyncio.create_task(idempotency.delete_expired(app.state.database.write))
        answers = [await client.post("widgets", json=WIDGET, headers=key("held"))]
        answers += [await client.post("widgets", json=WIDGET, headers=key("held"))]
        await purge

        assert [answer.status_code for answer in answers] == [201, 201]

    async def test_the_oldest_are_found_by_an_index(self, app, empty):
        """Or each batch would read the whole table."""
        engine = app.state.database.write
        batch = idempotency.delete_batch(now(), now())
        sql = str(batch.compile(engine.sync_engine, compile_kwargs={"literal_binds": True}))
        explain, settle = {
            "sqlite": ("EXPLAIN QUERY PLAN", "SELECT 1"),
            "postgresql": ("EXPLAIN", "SET LOCAL enable_seqscan = off"),  # the table is empty
        }[engine.dialect.name]
        async with engine.connect() as connection:
            await connection.exec_driver_sql(settle)
            plan = (await connection.exec_driver_sql(f"{explain} {sql}")).all()

        assert "ix_idempotency_keys_created_at" in str(plan)

    @pytest.mark.usefixtures("backlog")
    async def test_it_goes_on_after_an_error(self, app, monkeypatch):
        delete_expired, calls = idempotency.delete_expired, []

        async def fail_once(engine) -> int:
            calls.append(1)
            if len(calls) == 1:
                raise OperationalError("DELETE", {}, ConnectionResetError())
            return await delete_expired(engine)

        monkeypatch.setattr(idempotency, "delete_expired", fail_once)
        monkeypatch.setattr(idempotency, "PURGE_SECONDS", 0.02)
        purge = asyncio.create_task(idempotency.purge_expired(app.state.database.write))
        async with asyncio.timeout(60):
            while await self.left(app) > 1:
                await asyncio.sleep(0.02)
        purge.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await purge
