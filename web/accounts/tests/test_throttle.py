"""Guessing of passwords is slowed down; the owner gets in."""

import time
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client, RequestFactory

from accounts import throttle
from accounts.addresses import client_network
from accounts.models import SignInLimit
from accounts.throttle import Attempt

SIGN_IN = "/accounts/sign-in/"
PASSWORD = "a-long-password"


@pytest.fixture(autouse=True)
def clock(monkeypatch, db):
    """Let a test say what time it is."""

    class Clock:
        now = time.time()

    monkeypatch.setattr("accounts.throttle.time.time", lambda: Clock.now)
    return Clock


@pytest.fixture
def owner(db):
    return get_user_model().objects.create_user("owner@example.com", PASSWORD)


def sign_in(client, password="wrong", address="192.0.2.1", email="owner@example.com"):
    data = {"username": email, "password": password}
    return client.post(SIGN_IN, data, REMOTE_ADDR=address)


def guess(count, *, address="192.0.2.1", email="owner@example.com"):
    """Return the status of each of so many wrong tries; {} in an argument is their number."""
    return [
        sign_in(Client(), "wrong", address.format(n), email.format(n)).status_code
        for n in range(count)
    ]


def try_wrong(count, *, address="192.0.2.1", email="owner@example.com"):
    """Count so many wrong tries as the form does; return whether the last one was refused."""
    for n in range(count):
        request = RequestFactory().post(SIGN_IN, REMOTE_ADDR=address.format(n))
        last = Attempt(request, email.format(n))
    return last.seconds > 0


class TestLimits:
    def test_an_account_from_one_address(self):
        assert guess(10) == [422] * 8 + [429] * 2

    def test_an_address_with_many_accounts(self):
        assert guess(32, email="p{}@example.com") == [422] * 30 + [429] * 2

    def test_an_account_from_many_addresses(self):
        assert guess(22, address="192.0.2.{}") == [422] * 20 + [429] * 2

    def test_an_unknown_account_is_limited_as_a_known_one_is(self, owner):
        assert guess(9) == guess(9, email="nobody@example.com")

    def test_an_unknown_account_costs_as_much_work_as_a_known_one(self, owner, monkeypatch):
        hashed = []
        encode = MD5PasswordHasher.encode

        def counted(*args):
            hashed.append(args)
            return encode(*args)

        monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
        work = []
        for email in ("owner@example.com", "nobody@example.com"):
            sign_in(Client(), email=email)
            work.append(len(hashed))
            hashed.clear()

        assert work == [1, 1]

    def test_spelling_does_not_make_another_account(self):
        spelt = ["a@b.example", "A@b.example", "a@B.EXAMPLE", " a@b.example ", "ａ@b.example"]
        statuses = [sign_in(Client(), email=email).status_code for email in [*spelt, *spelt]]

        assert statuses == [422] * 8 + [429] * 2

    def test_an_ipv6_caller_has_one_64(self):
        assert guess(32, address="2001:db8:1:2::{}", email="p{}@example.com")[-2:] == [429] * 2
        assert guess(1, address="2001:db8:1:3::1") == [422]

    def test_what_was_not_looked_at_counts_for_nothing(self, clock):
        guess(50)
        clock.now += 60

        assert guess(2) == [422, 429]

    def test_a_form_without_a_password_counts_for_nothing(self):
        for _ in range(9):
            assert sign_in(Client(), password="").status_code == 422

        assert guess(1) == [422]


class TestPage:
    @pytest.fixture
    def response(self):
        guess(8)
        return sign_in(Client(), "not-shown-again")

    def test_says_when_to_try_again(self, response):
        assert response.status_code == 429
        assert response["Retry-After"] == "60"
        assert "Try again in 60 seconds." in response.text

    def test_keeps_what_was_typed_but_for_the_password(self, response):
        assert 'value="owner@example.com"' in response.text
        assert "not-shown-again" not in response.text

    def test_the_right_password_is_not_looked_at_either(self, owner, response):
        assert sign_in(Client(), PASSWORD).status_code == 429


# What somebody did from elsewhere → the owner, who comes with the right password, gets in.
ATTACKS: dict[str, list[dict[str, Any]]] = {
    "one address": [{"count": 50}],
    "one network": [{"count": 50, "address": "2001:db8:1:2::{}"}],
    "many addresses": [{"count": 60, "address": "192.0.2.{}"}],
    "many accounts": [{"count": 60, "email": "p{}@example.com"}],
    "both": [{"count": 40, "address": "192.0.2.{}"}, {"count": 60, "email": "p{}@example.com"}],
    "the owner's address": [{"count": 50, "address": "198.51.100.7"}],
    "the owner's address, other accounts": [
        {"count": 50, "address": "198.51.100.7", "email": "p{}@example.com"}
    ],
}
# How the owner comes → the attacks that make them wait, and how long at most (seconds).
HOME, AWAY = "198.51.100.7", "203.0.113.9"
HERE = {"the owner's address", "the owner's address, other accounts"}
FAR = {"many addresses", "both"}
OWNERS: dict[str, tuple[bool, str, set[str]]] = {
    "known device, known address": (True, HOME, set()),
    "known device, new address": (True, AWAY, set()),
    "new device, known address": (False, HOME, HERE),
    "new device, new address": (False, AWAY, FAR),
}


class TestOwner:
    @pytest.mark.parametrize("attack", ATTACKS)
    @pytest.mark.parametrize("way", OWNERS)
    def test_gets_in(self, owner, clock, record_property, attack, way):
        record_property("cells held: sign-in limits: attacks x ways the owner comes", 1)
        device, address, waits = OWNERS[way]
        browser = Client()
        assert sign_in(browser, PASSWORD, HOME).status_code == 302
        browser.post("/accounts/sign-out/")
        for wrong in ATTACKS[attack]:
            assert try_wrong(**wrong)

        mine = browser if device else Client()
        first = sign_in(mine, PASSWORD, address)

        assert (first.status_code == 429) is (attack in waits)
        if attack in waits:
            clock.now += int(first["Retry-After"])
            assert int(first["Retry-After"]) <= 60
            assert sign_in(mine, PASSWORD, address).status_code == 302

    def test_success_takes_back_what_was_counted(self, owner):
        for _ in range(4):
            assert guess(7) == [422] * 7
            assert sign_in(Client(), PASSWORD).status_code == 302

    def test_success_with_one_account_frees_no_guesses_at_others(self, owner):
        statuses = []
        for n in range(35):
            statuses += guess(1, email=f"p{n}@example.com")
            sign_in(Client(), PASSWORD)

        assert statuses.count(422) == 30

    def test_a_device_has_a_limit_too(self, owner):
        browser = Client()
        sign_in(browser, PASSWORD)
        browser.post("/accounts/sign-out/")

        assert [sign_in(browser).status_code for _ in range(12)] == [422] * 10 + [429] * 2

    def test_a_device_is_known_to_its_own_account_alone(self, owner):
        browser = Client()
        sign_in(browser, PASSWORD)
        browser.post("/accounts/sign-out/")
        guess(40, email="other@example.com", address="192.0.2.{}")

        assert sign_in(browser, email="other@example.com").status_code == 429

    @pytest.mark.parametrize("cookie", ["", "x", "a.b:c:d", "." * 9, "é"])
    def test_a_forged_device_is_unknown(self, cookie):
        client = Client()
        client.cookies["corner_shop_device"] = cookie

        assert [sign_in(client).status_code for _ in range(9)] == [422] * 8 + [429]

    def test_the_device_s_cookie_is_for_the_server_alone(self, owner):
        cookie = sign_in(Client(), PASSWORD).cookies["corner_shop_device"]

        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
        assert "owner" not in cookie.value


class TestStore:
    def test_tells_nobody_s_address(self):
        guess(3)

        keys = " ".join(SignInLimit.objects.values_list("key", flat=True))
        assert set(keys) <= set("0123456789abcdef ")

    def test_is_emptied_of_what_has_ended(self, clock, monkeypatch):
        guess(30, email="p{}@example.com", address="192.0.2.{}")
        clock.now += 3600
        monkeypatch.setattr(throttle, "PURGE_SHARE", 1)

        guess(1)
        assert SignInLimit.objects.count() == 3

    def test_has_a_bound(self, clock, monkeypatch):
        monkeypatch.setattr(throttle, "MAX_ROWS", 10)
        monkeypatch.setattr(throttle, "PURGE_SHARE", 1)

        guess(30, email="p{}@example.com", address="192.0.2.{}")
        assert SignInLimit.objects.count() <= 13


class TestAddress:
    @pytest.mark.parametrize(
        ("proxies", "forwarded", "network"),
        [
            (0, "203.0.113.1", "192.0.2.1"),
            (1, "", "192.0.2.1"),
            (1, "203.0.113.1", "203.0.113.1"),
            (1, "198.51.100.1, 203.0.113.1", "203.0.113.1"),
            (2, "10.9.9.9, 203.0.113.1, 198.51.100.1", "203.0.113.1"),
            (2, "203.0.113.1", "192.0.2.1"),
            (1, "203.0.113.1:4711", "203.0.113.1"),
            (1, "[2001:db8::1]:4711", "2001:db8::/64"),
            (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            (1, "fe80::1%eth0", "fe80::/64"),
            (1, "::ffff:203.0.113.1", "203.0.113.1"),
            (1, "unknown", "192.0.2.1"),
            (1, ",,,", "192.0.2.1"),
            (1, "203.0.113.1, <script>", "192.0.2.1"),
            (1, "9" * 5000, "192.0.2.1"),
            (1, "١.١.١.١", "192.0.2.1"),
        ],
    )
    def test_is_what_the_outermost_trusted_proxy_saw(self, settings, proxies, forwarded, network):
        settings.TRUSTED_PROXIES = proxies
        request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)

        assert client_network(request) == network

    def test_of_a_unix_socket_is_unknown(self):
        assert client_network(RequestFactory().get("/", REMOTE_ADDR="")) == "unknown"

    def test_that_the_caller_makes_up_frees_no_tries(self, settings):
        settings.TRUSTED_PROXIES = 1
        statuses = [
            Client()
            .post(
                SIGN_IN,
                {"username": "a@example.com", "password": "wrong"},
                headers={"X-Forwarded-For": f"10.0.0.{n}, 203.0.113.1"},
            )
            .status_code
            for n in range(10)
        ]

        assert statuses == [422] * 8 + [429] * 2
