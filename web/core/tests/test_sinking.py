"""The two programs as two programs: an API on a bad day leaves the UI afloat."""

import http.client
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from contract.document import pinned
from core.api import PAGE_SECONDS
from core.tests.hostile import Hostile
from core.tests.site import PASSWORD, Site, wait_until

FAILURE = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContract-Version: %b\r\nContent-Length: 2\r\n\r\n{}"
HANGING, DRIPPING = 40, 20
VIEWER = "viewer@example.com"


class BadApi(Hostile):
    """Of three requests it hangs with two, and drips the answer to one; it knows which are open.

    One that comes after a longer silence than hanging pages leave is the breaker's trial. It is
    answered, so that the breaker lets pages through again.
    """

    def __init__(self, version):
        self.version, self.open, self.lock = version, set(), threading.Lock()
        self.number = 0
        self.asked_at = 0.0
        super().__init__()

    def _answer(self, conn, path, head):
        if "health" in path:
            conn.sendall(ANSWER % self.version.encode())
            return False
        with self.lock:
            silence, self.asked_at = monotonic() - self.asked_at, monotonic()
            if silence > PAGE_SECONDS + 0.5:
                conn.sendall(FAILURE)
                return False
            self.number += 1
            number = self.number
            self.open.add(number)
        try:
            if number % 3:
                conn.recv(1)  # until the other side has had enough
            else:
                for byte in (ANSWER % self.version.encode()) * 50:
                    conn.sendall(bytes([byte]))
                    if self._closing.wait(0.1):
                        break
        finally:
            with self.lock:
                self.open.discard(number)
        return False

    def asked(self):
        """Return the requests that are open now."""
        with self.lock:
            return frozenset(self.open)


@pytest.fixture(scope="module")
def bad_api():
    api = BadApi(pinned().version)
    yield api
    api.close()


@pytest.fixture(scope="module")
def start(bad_api, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    return lambda *options: Site(folder, f"http://127.0.0.1:{bad_api.port}", *options)


@pytest.fixture(scope="module")
def site(start):
    with start() as site:
        yield site


def test_the_rest_of_the_site_answers_while_pages_hang_and_drip(site, bad_api):
    assert site.try_sign_in(PASSWORD)[0] == 302
    paths = ["/health/live", "/health/ready", "/accounts/sign-in/", site.style_sheet()]
    statuses, over = [], threading.Event()

    def person():
        while not over.is_set():
            statuses.append(site.get("/")[0])
            over.wait(0.5)

    people = [threading.Thread(target=person) for _ in range(HANGING + DRIPPING)]
    for one in people:
        one.start()
    answered = most = 0
    try:
        for _ in range(15):  # a busy machine may let the pages' time end before a probe's answer
            wait_until(lambda: len(bad_api.asked()) >= 12)
            before = bad_api.asked()
            assert [site.status(path) for path in paths] == [200] * len(paths)
            waiting = before & bad_api.asked()  # not those that were given up meanwhile
            most = max(most, len(waiting))
            answered += len(waiting) >= 10
            if answered == 2:
                break
    finally:
        over.set()
        for one in people:
            one.join()
    assert answered == 2, "the rest was answered only when pages had ended"
    assert most <= 12, "more than 80 % of 16 threads waited for the API"
    assert set(statuses) == {503}


def test_no_request_says_where_the_site_is(site):
    """What one person's page says of addresses is remembered for all pages."""
    headers = {"SCRIPT_NAME": "/elsewhere", "PATH_INFO": "/health/live"}
    conn = http.client.HTTPConnection("127.0.0.1", site.port)
    conn.request("GET", "/elsewhere/accounts/sign-in/", headers=headers)

    assert conn.getresponse().status == 404
    conn.close()


def test_twenty_tries_at_once_are_counted_one_by_one(site):
    people = [Site.__new__(Site) for _ in range(20)]
    for one in people:
        one.port, one.cookies = site.port, {}

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda one: one.try_sign_in("wrong", VIEWER), people))

    assert sorted(status for status, _ in answers) == [422] * 8 + [429] * 12
    assert all(int(headers["Retry-After"]) > 0 for status, headers in answers if status == 429)


@pytest.mark.skipif(sys.platform != "linux", reason="finds workers in /proc")
def test_once_ready_all_workers_stay_so_those_that_come_later_too(start, bad_api):
    with start("--workers", "2") as site:
        bad_api.version = "0.9.0"
        assert {site.status("/health/ready") for _ in range(9)} == {503}
        bad_api.version = pinned().version
        assert site.status("/health/ready") == 200
        bad_api.version = "0.9.0"

        for _ in range(3):
            site.kill_a_worker()
            assert {site.status("/health/ready") for _ in range(9)} == {200}


def test_the_number_of_threads_is_the_server_s(start, bad_api):
    with start("--threads", "5") as site:
        assert site.try_sign_in(PASSWORD)[0] == 302
        people = [threading.Thread(target=site.get, args=["/"]) for _ in range(12)]
        for one in people:
            one.start()
        wait_until(lambda: len(bad_api.asked()) >= 4)
        assert site.status("/health/live") == 200
        assert len(bad_api.asked()) <= 4
        for one in people:
            one.join()
