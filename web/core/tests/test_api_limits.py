import socket
import threading
import time
from contextlib import suppress

import pytest

from client import operations
from client.models import Health
from contract.call import Call
from core import api as client
from core import failures
from core.api import Api
from core.breaker import Breaker
from core.connection import DeadlineExceeded
from core.tests.server import Tokens, endless, hang_up, problem, reply
from tests.widgets.client import models
from tests.widgets.client import operations as widgets

READ = operations.check_live()
WRITE = widgets.update_widget(widget_id="1", if_match="1", body=models.WidgetUpdate(name="Tea"))


class TestRetries:
    @pytest.mark.parametrize("bad", [reply(503), reply(429), hang_up], ids=["503", "429", "closed"])
    def test_read_is_tried_again(self, server, real_api, bad):
        server.scripts = [bad, bad, reply()]

        assert real_api.send(READ).status == "ok"
        assert real_api.calls == 3

    def test_read_gives_up_after_three(self, server, real_api):
        server.scripts = [reply(503)]

        with pytest.raises(failures.Unavailable):
            real_api.send(READ)
        assert len(server.seen) == 3

    @pytest.mark.parametrize("bad", [reply(503), hang_up], ids=["503", "closed"])
    def test_write_is_sent_once(self, server, real_api, bad):
        server.scripts = [bad]

        with pytest.raises(failures.Unavailable):
            real_api.send(WRITE)
        assert len(server.seen) == 1

    @pytest.mark.parametrize("bad", [reply(503), hang_up], ids=["503", "closed"])
    def test_write_with_a_key_is_sent_again_with_the_same(self, server, real_api, bad):
        server.scripts = [bad, reply()]

        real_api.send(Call("x", "POST", "/x", Health, headers={"Idempotency-Key": "1"}))

        assert [headers["Idempotency-Key"] for _, _, headers, _ in server.seen] == ["1", "1"]

    def test_short_retry_after_is_honoured(self, server, real_api):
        server.scripts = [reply(503, Retry_After="1"), reply()]
        began = time.monotonic()

        real_api.send(READ)

        assert time.monotonic() - began >= 1

    def test_long_retry_after_is_not_waited_for(self, server, real_api):
        server.scripts = [reply(503, Retry_After="86400")]

        with pytest.raises(failures.Unavailable):
            real_api.send(READ)
        assert len(server.seen) == 1

    def test_failure_of_the_api_itself_is_not_repeated(self, server, real_api):
        server.scripts = [reply(500, b"<html>")]

        with pytest.raises(failures.Unavailable):
            real_api.send(READ)
        assert len(server.seen) == 1


class TestBreaker:
    @pytest.fixture
    def clock(self, monkeypatch):
        clock = [0.0]
        monkeypatch.setattr(client, "breaker", Breaker(now=lambda: clock[0]))
        return clock

    def fail(self, times=1):
        for _ in range(times):
            with pytest.raises(failures.Unavailable):
                Api(Tokens()).send(READ)

    @pytest.mark.parametrize("bad", [reply(503), hang_up], ids=["503", "closed"])
    def test_after_five_failures_the_api_is_not_asked(self, server, clock, bad):
        server.scripts = [bad]
        self.fail(5)
        asked = len(server.seen)
        self.fail(3)

        assert len(server.seen) == asked

    def test_after_a_pause_one_attempt_is_the_trial(self, server, clock):
        server.scripts = [reply(503)]
        self.fail(5)
        asked = len(server.seen)
        client.retry_budget.refill()
        clock[0] = 5
        self.fail(3)

        assert len(server.seen) == asked + 1

    def test_a_trial_that_ends_well_lets_all_through(self, server, clock):
        server.scripts = [reply(503)]
        self.fail(5)
        clock[0] = 5
        server.scripts = [reply()]

        assert [Api(Tokens()).send(READ).status for _ in range(3)] == ["ok"] * 3

    @pytest.mark.parametrize(
        "bad", [reply(429), reply(500, b""), problem(403)], ids=["429", "500", "403"]
    )
    def test_an_api_that_refuses_is_well(self, server, clock, bad):
        server.scripts = [bad]
        for _ in range(6):
            with pytest.raises(failures.ApiError):
                Api(Tokens()).send(READ)

        assert client.breaker.state == "closed"

    def test_a_call_that_had_too_little_time_tells_nothing(self, server, clock):
        silence = threading.Event()
        server.scripts = [lambda handler: silence.wait(5)]
        for _ in range(6):
            with pytest.raises(failures.Unavailable):
                Api(Tokens(), seconds=0.05).send(READ)
        silence.set()

        assert client.breaker.state == "closed"

    def test_an_api_that_hangs_over_all_attempts_has_failed(self, server, clock, monkeypatch):
        monkeypatch.setattr(client, "FAIR_SECONDS", 0.2)
        monkeypatch.setattr(client, "LEAST_SECONDS", 0.01)
        monkeypatch.setattr(client, "CALL_SECONDS", 0.2)
        silence = threading.Event()
        server.scripts = [lambda handler: silence.wait(5)]
        for _ in range(5):
            with pytest.raises(failures.Unavailable):
                Api(Tokens(), seconds=0.3).send(READ)
        silence.set()

        assert client.breaker.state == "open"

    def test_without_budget_nothing_is_tried_again(self, server, clock):
        while client.retry_budget.spend():
            pass
        server.scripts = [reply(503)]
        self.fail()

        assert len(server.seen) == 1


class TestLimits:
    def test_silence_ends_at_the_page_s_deadline(self, server):
        silence = threading.Event()
        server.scripts = [lambda handler: silence.wait(5)]

        with pytest.raises(failures.Unavailable, match="DeadlineExceeded"):
            Api(Tokens(), seconds=0.3).send(READ)
        silence.set()

    def test_slow_drip_ends_at_the_page_s_deadline(self, server):
        server.scripts = [endless(0.05, b" ")]

        with pytest.raises(failures.Unavailable, match="DeadlineExceeded"):
            Api(Tokens(), seconds=0.3).send(READ)
        assert len(server.seen) == 1

    def test_endless_answer_is_cut(self, server, real_api, monkeypatch):
        monkeypatch.setattr("core.response.MAX_BODY", 100_000)
        server.scripts = [endless(0, b" " * 10_000)]

        with pytest.raises(failures.Unavailable, match="a body of more than 100000 bytes"):
            real_api.send(READ)
        assert len(server.seen) == 1

    def test_no_call_begins_after_the_deadline(self, server):
        with pytest.raises(failures.Unavailable, match="used up"):
            Api(Tokens(), seconds=0).send(READ)
        assert not server.seen

    def test_refused_connection_is_unavailable(self, server, settings):
        server.socket.close()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            settings.API_URL = f"http://127.0.0.1:{free.getsockname()[1]}"
        client.pool.cache_clear()

        with pytest.raises(failures.Unavailable, match="cannot connect"):
            Api(None).send(READ)


class TestAfterAFailure:
    """Somebody alone at an API that hangs waits once in full, not until the breaker opens."""

    @pytest.fixture
    def waits(self, monkeypatch):
        """How long each call may wait; all of them do so in vain."""
        found: list[float] = []

        class Hung:
            def exchange(self, outgoing, *, until):
                found.append(until - time.monotonic())
                raise DeadlineExceeded("the time is used up")

        monkeypatch.setattr(client, "pool", Hung)
        return found

    def ask(self, **options):
        with suppress(failures.Unavailable):
            Api(Tokens(), **options).send(READ)

    def test_page_that_reads_waits_less(self, waits):
        self.ask(only_reads=True)
        del waits[:]

        self.ask(only_reads=True)

        assert max(waits) <= client.DOUBTFUL_SECONDS

    def test_what_is_saved_has_its_time(self, waits):
        self.ask(only_reads=True)
        del waits[:]

        self.ask()

        assert max(waits) > client.DOUBTFUL_SECONDS

    def test_these_failures_open_the_breaker_too(self, waits):
        for _ in range(5):
            self.ask(only_reads=True)

        assert client.breaker.state == "open"

    def test_good_answer_gives_all_the_time_again(self, waits):
        self.ask(only_reads=True)
        client.breaker.end(client.breaker.begin(), good=True)
        del waits[:]

        self.ask(only_reads=True)

        assert max(waits) > client.DOUBTFUL_SECONDS
