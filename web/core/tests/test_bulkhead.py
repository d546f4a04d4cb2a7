"""How many threads may be with the API, alone and under many threads."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bulkhead import Bulkhead, Full


@pytest.fixture
def patient(monkeypatch):
    """Let a busy machine take its time."""
    monkeypatch.setattr("core.bulkhead.QUICK_SECONDS", 30)
    monkeypatch.setattr("core.bulkhead.STILL_SECONDS", 30)
    monkeypatch.setattr("core.bulkhead.PATIENCE_SECONDS", 30)


@given(st.integers(1, 200))
def test_at_most_four_fifths_of_the_threads_and_never_none(threads):
    size = Bulkhead(threads).size

    assert size == 1 or size / threads <= 0.8
    assert size >= 1


@given(st.integers(1, 20), st.lists(st.booleans(), max_size=60))
def test_every_order_of_coming_and_going_keeps_the_count(threads, comes):
    bulkhead = Bulkhead(threads)
    inside: list[AbstractContextManager[None]] = []
    bulkhead._is_quick = False  # nobody waits
    for come in comes:
        if come and len(inside) < bulkhead.size:
            inside.append(bulkhead.slot())
            inside[-1].__enter__()
        elif come:
            with pytest.raises(Full), bulkhead.slot():
                pass
        elif inside:
            inside.pop().__exit__(None, None, None)
            bulkhead._is_quick = False
    assert bulkhead._inside == len(inside)


def test_where_all_hang_the_next_is_refused_and_a_place_given_back_is_taken():
    bulkhead, leave, inside = Bulkhead(16), Event(), []

    def hang():
        with bulkhead.slot():
            inside.append(1)
            leave.wait()

    with ThreadPoolExecutor(16) as pool:
        calls = [pool.submit(hang) for _ in range(12)]
        while len(inside) < 12:
            time.sleep(0.001)
        with pytest.raises(Full), bulkhead.slot():
            pass
        leave.set()
        assert [call.result() for call in calls] == [None] * 12
    with bulkhead.slot():
        assert bulkhead._inside == 1


@pytest.mark.usefixtures("patient")
def test_a_rush_of_quick_calls_is_not_refused_and_never_above_the_size():
    bulkhead, most = Bulkhead(16), []

    def call(_):
        with bulkhead.slot():
            most.append(bulkhead._inside)
            time.sleep(0.001)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(call, range(400)))
    assert len(most) == 400
    assert max(most) <= 12


def test_after_a_slow_call_nobody_waits(monkeypatch):
    monkeypatch.setattr("core.bulkhead.QUICK_SECONDS", -1)
    monkeypatch.setattr("core.bulkhead.STILL_SECONDS", 3600)
    monkeypatch.setattr("core.bulkhead.PATIENCE_SECONDS", 3600)
    bulkhead = Bulkhead(1)
    with bulkhead.slot():
        pass

    with bulkhead.slot(), pytest.raises(Full), bulkhead.slot():
        pass


@pytest.mark.parametrize("none", ["STILL_SECONDS", "PATIENCE_SECONDS"])
def test_the_wait_for_a_place_ends_with_either_bound(monkeypatch, none):
    """Where nothing moves, and in a rush that does not end."""
    for name in ("QUICK_SECONDS", "STILL_SECONDS", "PATIENCE_SECONDS"):
        monkeypatch.setattr(f"core.bulkhead.{name}", 0 if name == none else 3600)
    bulkhead = Bulkhead(1)

    with bulkhead.slot(), pytest.raises(Full), bulkhead.slot():
        pass


def test_a_call_that_raises_gives_its_place_back():
    bulkhead = Bulkhead(1)
    with pytest.raises(SystemExit), bulkhead.slot():
        raise SystemExit

    with bulkhead.slot():
        pass
