"""The breaker in every order of calls, ends and pauses, against a model told in other words."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core import api
from core.breaker import Breaker, Open, RetryBudget, State


class BreakerMachine(RuleBasedStateMachine):
    """Times are exact in binary, so that no step fails on rounding."""

    eras = Bundle("eras")
    steps = 0

    def __init__(self):
        super().__init__()
        self.time = 1000.0
        self.told: list[State] = []
        self.breaker = Breaker(now=lambda: self.time, on_change=self.told.append)
        self.opened_at = None  # None: closed
        self.trial = None  # the one call that is out while half-open
        self.counted = []  # (second, good) since it closed
        self.current = []  # calls that began since the last change

    def fall(self):
        self.opened_at, self.trial, self.counted, self.current = self.time, None, [], []

    @rule(target=eras)
    def begin(self):
        may = self.opened_at is None or (self.time - self.opened_at >= 5 and self.trial is None)
        assert (self.breaker.seconds_left == 0) is may
        if not may:
            with pytest.raises(Open) as refused:
                self.breaker.begin()
            assert 0 < refused.value.seconds <= 5
            return None
        call = [self.breaker.begin()]  # a list, so that two calls of one era differ
        if self.opened_at is not None:
            self.trial, self.current = call, []
        self.current.append(call)
        return call

    @rule(call=consumes(eras), good=st.sampled_from([True, False, None]))
    def end(self, call, good):
        if call is None:
            return
        self.breaker.end(call[0], good)
        if not any(call is other for other in self.current):
            return
        self.current = [other for other in self.current if other is not call]
        if self.trial is call:
            self.trial = None
            if good:
                self.opened_at, self.counted, self.current = None, [], []
            elif good is False:
                self.fall()
        elif good is not None:
            self.counted.append((int(self.time), good))
            recent = [g for second, g in self.counted if second > int(self.time) - 10]
            in_a_row = len(self.counted) >= 5 and not any(g for _, g in self.counted[-5:])
            often = len(recent) >= 20 and recent.count(False) * 2 >= len(recent)
            if not good and (in_a_row or often):
                self.fall()

    @rule(seconds=st.sampled_from([0.5, 1.0, 4.5, 5.0, 11.0]))
    def wait(self, seconds):
        self.time += seconds

    @rule(goods=st.lists(st.booleans(), min_size=20, max_size=30))
    def many_calls(self, goods):
        for good in goods:
            self.end(self.begin(), good)

    @invariant()
    def state_agrees(self):
        type(self).steps += 1
        expected = "closed" if self.opened_at is None else "half-open" if self.trial else "open"
        assert self.breaker.state == expected

    @invariant()
    def every_change_was_told(self):
        assert (self.told or ["closed"])[-1] == self.breaker.state
        assert all(a != b for a, b in zip(self.told, self.told[1:], strict=False))


def test_every_order_of_calls_ends_and_pauses(record_property):
    BreakerMachine.steps = 0
    run_state_machine_as_test(
        BreakerMachine, settings=settings(max_examples=60, stateful_step_count=40, deadline=None)
    )
    record_property("steps of the breaker held to its model", BreakerMachine.steps)


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def opened(clock):
    breaker = Breaker(now=lambda: clock[0])
    for _ in range(5):
        breaker.end(breaker.begin(), good=False)
    return breaker


def test_of_many_threads_one_is_the_trial(opened, clock):
    clock[0] = 5.0
    barrier = Barrier(20)

    def begin(_):
        barrier.wait()
        try:
            return opened.begin()
        except Open:
            return None

    with ThreadPoolExecutor(20) as pool:
        trials = [era for era in pool.map(begin, range(20)) if era is not None]
    assert len(trials) == 1
    opened.end(trials[0], good=True)
    assert opened.state == "closed"


def test_a_call_from_before_the_failure_does_not_close_it():
    breaker = Breaker()
    early = breaker.begin()
    for _ in range(5):
        breaker.end(breaker.begin(), good=False)
    breaker.end(early, good=True)

    assert breaker.state == "open"


def test_a_fallen_api_gets_ten_retries_and_no_more():
    budget = RetryBudget()

    assert [budget.spend() for _ in range(50)].count(True) == 10


def test_an_outage_that_is_over_leaves_the_budget_full():
    while api.retry_budget.spend():
        pass
    for _ in range(5):
        api.breaker.end(api.breaker.begin(), good=False)
    assert not api.retry_budget.spend()
    api.log_change("closed")

    assert api.retry_budget.spend()


def test_later_retries_are_a_tenth_of_the_successes():
    budget = RetryBudget()
    while budget.spend():
        pass
    granted = 0
    for _ in range(1000):
        budget.earn()
        granted += budget.spend()

    assert 99 <= granted <= 100
