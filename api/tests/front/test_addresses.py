"""Who has no valid token has a limit by address, and takes nothing from who has one."""

import pytest
from httpx2 import ASGITransport, AsyncClient

from app.front import addresses
from app.front.addresses import Addresses
from app.http.auth import bearer
from app.http.caller_limit import LIMITED
from app.http.scope import Principal
from app.main import create_app
from conftest import hold_to_contract, make_token

pytestmark = pytest.mark.any_engine


def limited(settings, **changes):
    return create_app(
        settings.model_copy(update={"unauthenticated_rate_limit_per_minute": 3} | changes)
    )


async def statuses(app, *requests, peer="192.0.2.1"):
    """Send (path, headers), one after the other."""
    transport = ASGITransport(app, client=(peer, 1))
    async with AsyncClient(
        transport=transport,
        base_url="http://api.test",
        event_hooks={"response": [hold_to_contract]},
    ) as client:
        return [(await client.get(path, headers=headers)).status_code for path, headers in requests]


ME = "/v1/identity"


def token(name="ann", path=ME):
    return path, {"Authorization": f"Bearer {make_token(sub=name)}"}


def forwarded(value, path=ME):
    return path, {"X-Forwarded-For": value}


# What is no valid token, and what it gets while the limit holds.
WITHOUT = {
    "no token": ((ME, {}), 401),
    "an invalid token": ((ME, {"Authorization": "Bearer a.b.c"}), 401),
    "an expired token": ((ME, {"Authorization": f"Bearer {make_token(exp=1)}"}), 401),
    "another scheme": ((ME, {"Authorization": "Basic YTpi"}), 401),
    "a path that is not there": (("/none", {}), 404),
    "the reference page": (("/docs", {}), 200),
    "the document": (("/openapi.json", {}), 200),
}


@pytest.mark.parametrize("kind", WITHOUT)
async def test_requests_without_a_valid_token_have_a_limit(settings, kind, record_property):
    request, status = WITHOUT[kind]

    assert await statuses(limited(settings), *[request] * 5) == [status] * 3 + [429] * 2
    record_property("kinds of requests without a valid token", 1)


async def test_who_has_a_valid_token_is_not_held_up(settings):
    app = limited(settings)
    await statuses(app, *[(ME, {})] * 5)

    assert await statuses(app, token(), token("bob"), *[token()] * 5) == [200] * 7
    assert await statuses(app, token(path="/docs"), token(path="/none")) == [200, 404]


async def test_who_has_a_valid_token_takes_nothing_from_others(settings):
    app = limited(settings)
    await statuses(app, *[token()] * 10)

    assert await statuses(app, (ME, {})) == [401]


class Clock:
    """A time that a test sets."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


async def test_who_goes_on_asking_waits_no_longer(settings, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(addresses, "time", clock)
    app = limited(settings)
    await statuses(app, *[(ME, {})] * 3)
    later = []
    for clock.now in (5.0, 10.0, 15.0, 20.0):
        later += await statuses(app, (ME, {}))

    assert later == [429, 429, 429, 401]


@pytest.mark.parametrize("path", ["/health/live", "/metrics"])
async def test_probes_and_metrics_have_no_limit(settings, path):
    app = limited(settings)
    await statuses(app, *[(ME, {})] * 5)

    assert await statuses(app, *[(path, {})] * 9) == [200] * 9


async def test_by_default_it_is_a_tenth_of_the_callers_own(settings):
    app = create_app(settings.model_copy(update={"rate_limit_per_minute": 20}))

    assert await statuses(app, *[(ME, {})] * 4) == [401, 401, 429, 429]


async def test_0_is_no_limit(settings):
    app = limited(settings, unauthenticated_rate_limit_per_minute=0)

    assert await statuses(app, *[(ME, {})] * 50) == [401] * 50


async def test_an_overridden_token_is_not_counted(settings):
    app = limited(settings)
    app.dependency_overrides[bearer] = lambda: Principal("ann", "tests", frozenset(), 0)

    assert await statuses(app, *[(ME, {})] * 9) == [200] * 9


async def test_where_the_callers_own_limit_is_overridden_the_address_is_still_counted(settings):
    app = limited(settings)
    app.dependency_overrides[LIMITED.dependency] = lambda: None

    assert await statuses(app, *[(ME, {})] * 4) == [401, 401, 401, 429]


# Peer, X-Forwarded-For, trusted proxies: whose bucket it is.
CALLERS = [
    ("192.0.2.1", None, 0, "192.0.2.1"),
    ("192.0.2.1", "198.51.100.7", 0, "192.0.2.1"),
    ("192.0.2.1", "198.51.100.7", 1, "198.51.100.7"),
    ("192.0.2.1", "203.0.113.9, 198.51.100.7", 1, "198.51.100.7"),
    ("192.0.2.1", "203.0.113.9, 198.51.100.7", 2, "203.0.113.9"),
    ("192.0.2.1", "203.0.113.9,198.51.100.7,10.0.0.1", 2, "198.51.100.7"),
    ("192.0.2.1", None, 1, "192.0.2.1"),
    ("192.0.2.1", "198.51.100.7", 2, "192.0.2.1"),
    ("192.0.2.1", "198.51.100.7:4711", 1, "198.51.100.7"),
    ("192.0.2.1", "[2001:db8:1:2::3]:4711", 1, "20010db800010002::/64"),
    ("192.0.2.1", "2001:db8:1:2::3", 1, "20010db800010002::/64"),
    ("192.0.2.1", "2001:db8:1:2:ffff::", 1, "20010db800010002::/64"),
    ("2001:db8:1:2::3", None, 0, "20010db800010002::/64"),
    ("::ffff:192.0.2.1", None, 0, "192.0.2.1"),
    *(
        ("192.0.2.1", garbage, 1, "192.0.2.1")
        for garbage in (
            "", " ", ",", "unknown", "a.b.c.d", "999.1.1.1", "1.2.3", "0x7f.1", "[", "[]", "]:1",
            ":::", "1.2.3.4.5", "_hidden", "\xff", "for=1.2.3.4", "1.2.3.4%eth0", "-1", "1" * 9000,
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("peer", "header", "proxies", "bucket"), CALLERS)
def test_the_caller_is_whom_the_trusted_proxies_saw(peer, header, proxies, bucket, record_property):
    headers = [] if header is None else [(b"x-forwarded-for", header.encode("latin-1"))]

    assert Addresses(1, proxies).of({"client": (peer, 1), "headers": headers}) == bucket
    record_property("callers behind proxies", 1)


def test_several_headers_are_one_list():
    headers = [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-for", b"198.51.100.7")]

    assert Addresses(1, 1).of({"client": ("192.0.2.1", 1), "headers": headers}) == "198.51.100.7"


def test_a_socket_without_an_address_is_one_caller():
    assert Addresses(1, 0).of({"client": None, "headers": []}) == ""


async def test_what_a_caller_writes_gives_no_second_bucket(settings):
    app = limited(settings, trusted_proxies=1)
    spoofed = [forwarded(f"203.0.113.{number}, 198.51.100.7") for number in range(5)]
    garbage = [forwarded(f"nobody-{number}") for number in range(5)]

    assert await statuses(app, *spoofed) == [401] * 3 + [429] * 2
    assert await statuses(app, *garbage) == [401] * 3 + [429] * 2


def test_many_addresses_take_bounded_memory():
    limit = Addresses(3, 0)
    for number in range(addresses.MAX_BUCKETS + 5):
        limit.count(str(number))

    assert len(limit._full_at) == addresses.MAX_BUCKETS


def test_many_requests_at_the_same_moment_are_waited_for_once():
    """They are counted when they are answered, so more than the limit can be under way."""
    limit = Addresses(3, 0)
    for _ in range(100):
        limit.count("192.0.2.1")

    assert int((limit.refuse("192.0.2.1").headers or {})["Retry-After"]) <= 60 / 3


def test_the_address_that_asked_longest_ago_makes_room(monkeypatch):
    monkeypatch.setattr(addresses, "MAX_BUCKETS", 3)
    limit = Addresses(1, 0)
    for address in ("first", "second", "first", "third", "fourth"):
        limit.count(address)

    assert [limit.is_spent(each) for each in ("first", "second", "third")] == [True, False, True]
