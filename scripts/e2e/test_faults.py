"""The fault table between UI and API, one mark a row. What is beneath: test_faults_beneath.py."""

import base64
import json
import os
import secrets
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from playwright.sync_api import expect

from conftest import EDITOR, PASSWORD, SignIn
from proxies import Exchange, HttpProxy, changed, drip, first, hang, problem
from servers import ROOT, Program, free_port
from visitor import Visitor
from world import LIST, World, log_lines, memory, names, status, wait_until

NOTICE = "This is what was known as of"
MEBIBYTE = 2**20


@pytest.mark.fault("F1")
class TestRefused:
    def test_a_page_says_so_at_once_and_then_the_breaker_opens(self, proxy, person, world):
        with proxy.refusing():
            for _ in range(5):
                answer = person.new_search()
                assert answer.status_code == 503
                assert int(answer.headers["Retry-After"]) > 0
            state = httpx2.get(f"{world.ui.url}/health/ready").json()["breaker"]
            live = httpx2.get(f"{world.ui.url}/health/live").status_code

        assert state == "open"
        assert live == 200
        assert "the breaker of the API is open" in world.ui.log()

    def test_a_form_comes_back_with_what_was_typed(self, proxy, person):
        form = person.form("/categories/new/") | {"name": "Patient people"}
        with proxy.refusing():
            answer = person.send_form("/categories/new/", form)

        assert answer.status_code == 503
        assert "Patient people" in answer.text

    @pytest.mark.parametrize(
        ("path", "script"),
        [("/categories/", True), ("/products/", False), ("/", True)],
        ids=["list", "list, no javascript", "start page"],
    )
    def test_a_page_shows_what_was_known_and_comes_back_by_itself(
        self, proxy, world, sign_in: SignIn, path, script
    ):
        page = sign_in(EDITOR, shop=world, java_script_enabled=script)
        page.goto(path)
        heading = page.get_by_role("heading", level=1).text_content()
        with proxy.refusing():
            page.reload()
            expect(page.get_by_text(NOTICE)).to_be_visible()
            assert page.get_by_role("heading", level=1).text_content() == heading
            expect(page.get_by_role("link", name="New")).to_have_count(0)

        expect(page.get_by_text(NOTICE)).to_have_count(0, timeout=30_000)
        expect(page.get_by_role("heading", level=1)).to_have_text(str(heading))

    def test_a_form_that_could_not_be_saved_says_so_and_comes_back(self, proxy, world, sign_in):
        page = sign_in(EDITOR, shop=world)
        page.goto("/products/new/")
        with proxy.refusing():
            page.reload()
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            expect(page.get_by_label("SKU")).to_have_count(0)
        expect(page.get_by_label("SKU")).to_be_visible(timeout=30_000)


@pytest.mark.fault("F2")
def test_an_api_that_never_answers_holds_a_page_for_three_seconds_and_then_no_more(
    proxy, person, world
):
    proxy.set(hang, meets=LIST)
    began = time.monotonic()
    assert person.new_search().status_code == 503
    longest = time.monotonic() - began
    people = [threading.Thread(target=person.new_search) for _ in range(12)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    asked = len(proxy.seen)
    statuses = [person.new_search().status_code for _ in range(10)]

    assert longest < 10  # three seconds; the API would hang for sixty
    assert set(statuses) == {503}
    assert len(proxy.seen) <= asked + 2  # a trial that may be tried again, on a slow machine


@pytest.mark.fault("F3")
def test_a_second_of_latency_is_waited_for(proxy, person):
    def late(exchange: Exchange) -> bool:
        exchange.wait(1)
        return exchange.reply(*exchange.forward())

    proxy.set(late)

    assert person.new_search().status_code == 200


@pytest.mark.fault("F4")
def test_an_answer_that_drips_is_cut(proxy, person):
    proxy.set(drip, meets=LIST)
    began = time.monotonic()

    assert person.new_search().status_code == 503
    assert time.monotonic() - began < 10  # three seconds; the drip would take a hundred


@pytest.mark.fault("F5")
class TestClosed:
    @pytest.mark.parametrize("end", [Exchange.reset, lambda exchange: False], ids=["RST", "FIN"])
    def test_a_read_is_tried_again(self, proxy, person, end):
        proxy.set(first(1, end), meets=LIST)

        assert [person.new_search().status_code for _ in range(3)] == [200] * 3

    def test_a_write_whose_answer_was_lost_is_done_once(self, proxy, person, world):
        def lose(exchange: Exchange) -> bool:
            exchange.forward()
            return exchange.reset()

        name = f"Once {secrets.token_hex(4)}"
        proxy.set(first(2, lose), meets="^POST")
        answer = person.create_category(name)

        assert answer.status_code == 302
        assert names(world, name) == [name]


@pytest.mark.fault("F6")
class TestTruncated:
    @staticmethod
    def truncate(exchange: Exchange) -> bool:
        status, headers, body = exchange.forward()
        return exchange.reply(status, headers, body, length=len(body) + 10)

    def test_a_read_is_tried_again(self, proxy, person):
        proxy.set(first(1, self.truncate), meets=LIST)

        assert person.new_search().status_code == 200

    def test_it_is_never_shown(self, proxy, person):
        proxy.set(self.truncate, meets=LIST)
        answer = person.new_search()

        assert answer.status_code == 503
        assert "</table>" not in answer.text


@pytest.mark.fault("F7")
def test_html_of_a_broken_api_is_not_shown(proxy, person):
    page = b"<h1>nginx was here</h1>"
    proxy.set(lambda each: each.reply(500, {"content-type": "text/html"}, page), meets=LIST)
    answer = person.get("/categories/")

    assert answer.status_code == 503
    assert "nginx" not in answer.text
    assert "trace <code>" in answer.text


@pytest.mark.fault("F8")
class TestRetryAfter:
    def test_a_second_is_waited_for(self, proxy, person):
        proxy.set(first(1, problem(503, Retry_After="1")), meets=LIST)

        assert person.new_search().status_code == 200
        assert len(proxy.seen) == 2

    def test_a_day_is_not(self, proxy, person):
        proxy.set(problem(503, Retry_After="86400"), meets=LIST)
        answer = person.new_search()

        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "86400"
        assert len(proxy.seen) == 1


@pytest.mark.fault("F9")
class TestTooMany:
    def test_a_short_wait_is_waited_for(self, proxy, person):
        proxy.set(first(1, problem(429, Retry_After="1")), meets=LIST)

        assert person.new_search().status_code == 200

    def test_a_long_one_is_said(self, proxy, person):
        proxy.set(problem(429, Retry_After="60"), meets=LIST)
        answer = person.new_search()

        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "60"
        assert len(proxy.seen) == 1


@pytest.mark.fault("F10")
@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"items": 3}', b'{"items"', b"\xff\xfe"])
def test_an_answer_that_the_contract_does_not_promise_is_said_and_logged(
    proxy, person, world, body
):
    proxy.set(lambda exchange: exchange.reply(200, {}, body), meets=LIST)
    logged = log_lines(world.ui, "NotUnderstood: list_categories")
    answer = person.new_search()

    assert answer.status_code == 502
    assert "Unexpected answer from the API" in answer.text
    assert log_lines(world.ui, "NotUnderstood: list_categories") == logged + 1


@pytest.mark.fault("F11")
class TestOtherAnswers:
    @staticmethod
    def each(**values: Any) -> Callable[[Any], Any]:
        def change(page: Any) -> Any:
            items = [{**item, **values} for item in page["items"]]
            return {**page, "items": [{k: v for k, v in i.items() if v != "GONE"} for i in items]}

        return change

    @pytest.mark.parametrize(
        ("values", "status", "shown"),
        [
            ({"mood": {"new": True}}, 200, "Bakery"),
            ({"version": "GONE"}, 200, "Bakery"),
            ({"name": "GONE"}, 502, "list_categories"),
        ],
        ids=["one more", "one less that no page reads", "one less that is read"],
    )
    def test_of_fields(self, proxy, person, values, status, shown):
        proxy.set(changed(self.each(**values)), meets=LIST)
        answer = person.get("/categories/")

        assert answer.status_code == status
        assert shown in answer.text

    def test_a_state_that_is_not_known_is_shown_as_it_is(self, proxy, person):
        proxy.set(changed(self.each(status="postponed")), meets="^GET /v1/products")
        answer = person.get("/products/")

        assert answer.status_code == 200
        assert "ostponed" in answer.text


@pytest.mark.fault("F12")
def test_an_endless_answer_is_cut_and_takes_no_memory(proxy, person, world):
    sent = []

    def flood(exchange: Exchange) -> bool:
        exchange.connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            exchange.connection.sendall(b"10000\r\n" + b"[" * 65536 + b"\r\n")
            sent.append(65536)

    person.new_search()
    before = memory(world.ui)
    proxy.set(flood, meets=LIST)

    assert person.new_search().status_code == 503
    assert sum(sent) < 16 * MEBIBYTE
    assert memory(world.ui) - before < 20 * MEBIBYTE


@pytest.mark.fault("F13")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_and_no_token_leaves(proxy, person, status):
    elsewhere = HttpProxy(free_port())
    location = {"location": f"{elsewhere.url}/v1/categories"}
    proxy.set(lambda exchange: exchange.reply(status, location, b""), meets=LIST)

    assert person.new_search().status_code == 502
    assert elsewhere.seen == []
    elsewhere.refuse()


@pytest.mark.fault("F14")
class TestKeys:
    def test_a_token_that_is_refused_is_replaced_without_a_word(self, proxy, person):
        proxy.set(first(1, problem(401)), meets=LIST)

        assert person.new_search().status_code == 200
        assert len({each.headers["Authorization"] for each in proxy.seen}) == 2

    def test_keys_are_used_while_the_issuer_cannot_be_reached(self, proxy, person, world):
        world.issuer.refuse()
        try:
            assert [person.new_search().status_code for _ in range(3)] == [200] * 3
        finally:
            world.issuer.listen()

    def test_a_new_key_is_fetched_when_it_is_first_seen(self, proxy, person, world):
        new = ECKey.generate_key("P-256", auto_kid=True)
        published = {"keys": [own_key(world).as_dict(private=False), new.as_dict(private=False)]}
        answer = json.dumps(published).encode()
        world.issuer.set(lambda exchange: exchange.reply(200, {}, answer))
        statuses = []

        def taken() -> bool:
            statuses.append(call(world, token(world, new)))
            return statuses[-1] == 200

        try:
            wait_until(taken, 90)  # at most one fetch in thirty seconds for keys that are new
            fetches = len(world.issuer.seen)
        finally:
            world.issuer.set()

        assert fetches <= 4  # two workers
        assert set(statuses) <= {200, 401}


def own_key(world: World) -> ECKey:
    key = ECKey.import_key(Path(world.ui.environment["SIGNING_KEY_FILE"]).read_bytes())
    key.ensure_kid()
    return key


def token(world: World, key: ECKey, *, ahead: int = 0) -> str:
    now = int(time.time()) + ahead
    claims = {
        "iss": world.ui.url,
        "aud": "corner-shop-api",
        "sub": "1",
        "client_id": "corner-shop-web",
        "iat": now,
        "nbf": now,
        "exp": now + 60,
        "jti": secrets.token_hex(8),
        "scope": "categories:read",
    }
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, claims, key)


def call(world: World, bearer: str) -> int:
    headers = {"Authorization": f"Bearer {bearer}"}
    return httpx2.get(f"{world.api.url}/v1/categories", headers=headers).status_code


@pytest.mark.fault("F15")
@pytest.mark.parametrize(("ahead", "status"), [(25, 200), (-80, 200), (120, 401), (-180, 401)])
def test_clocks_may_differ_by_half_a_minute(world, ahead, status):
    # A token lasts a minute here: one that is 80 seconds old ended 20 seconds ago.
    assert call(world, token(world, own_key(world), ahead=ahead)) == status


@pytest.mark.fault("F16")
class TestConflicts:
    def test_a_change_by_another_is_shown_with_both_versions(self, person):
        name = f"Clash {secrets.token_hex(4)}"
        url = person.create_category(name).headers["Location"]
        form = person.form(f"{url}edit/") | {"name": f"{name} mine"}
        theirs = person.form(f"{url}edit/") | {"name": f"{name} theirs"}
        assert person.send_form(f"{url}edit/", theirs).status_code == 302
        answer = person.send_form(f"{url}edit/", form)

        assert answer.status_code == 409
        assert f"{name} mine" in answer.text
        assert f"{name} theirs" in answer.text

    @pytest.mark.parametrize("status", [409, 428])
    def test_another_refusal_leaves_what_was_typed(self, proxy, person, status):
        url = person.create_category(f"Kept {secrets.token_hex(4)}").headers["Location"]
        form = person.form(f"{url}edit/") | {"name": "What was typed"}
        proxy.set(problem(status), meets="^PATCH")
        answer = person.send_form(f"{url}edit/", form)

        assert answer.status_code >= 400
        assert "What was typed" in answer.text


@pytest.mark.fault("F17")
def test_an_api_one_release_ahead_serves_reads_and_writes(proxy, person):
    major, minor, _ = map(int, pinned()["info"]["version"].split("."))

    def newer(exchange: Exchange) -> bool:
        status, headers, body = exchange.forward()
        if body and status < 300:
            body = json.dumps({**json.loads(body), "of_a_later_release": {"new": [1]}}).encode()
        headers["contract-version"] = f"{major}.{minor + 1}.0"
        return exchange.reply(status, headers, body)

    proxy.set(newer)
    url = person.create_category(f"Newer {secrets.token_hex(4)}").headers["Location"]

    assert [person.get(path).status_code for path in ("/", "/products/", url)] == [200] * 3


def pinned() -> Any:
    return json.loads((ROOT / "web" / "contract.json").read_text())


@pytest.mark.fault("F28")
@pytest.mark.parametrize("url", ["http://api.invalid:8000", "http://[::1]:9"])
def test_a_name_without_an_address_and_a_proxy_of_the_environment_give_an_error_page(
    world, tmp_path, url
):
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), world.between.url)
    ui = Program("web", free_port(), tmp_path, world.ui.environment | proxies)
    ui.environment |= {"API_URL": url, "PUBLIC_URL": ui.url}
    ui.start("/health/ready")
    world.between.set()
    try:
        with Visitor(ui.url, EDITOR, PASSWORD) as person:
            assert person.new_search().status_code == 503
    finally:
        ui.stop()
    assert world.between.seen == []


@pytest.mark.fault("F29")
@pytest.mark.parametrize("side", ["web", "api"])
def test_a_log_that_nobody_reads_holds_no_page_up(world, tmp_path, side):
    of = world.ui if side == "web" else world.api
    program = Program(side, free_port(), tmp_path, of.environment)
    path = "/accounts/sign-in/" if side == "web" else "/v1/categories"
    headers = {"Authorization": f"Bearer {world.ui.token(EDITOR)}"}
    nobody, log = os.pipe()
    program.process = subprocess.Popen(
        ["scripts/run", "--port", str(program.port)],
        cwd=program.folder,
        env=os.environ | program.environment,
        stderr=log,
        stdout=log,
        start_new_session=True,
    )
    try:
        wait_until(lambda: status(program, "/health/live") == 200)
        with httpx2.Client(base_url=program.url, headers=headers, timeout=30) as client:
            asked = [client.get(path).status_code for _ in range(400)]
    finally:
        os.close(nobody)
        os.close(log)
        program.stop()

    assert set(asked) == {200}


@pytest.mark.fault("F30")
def test_what_one_person_saw_is_never_shown_to_another(proxy, person, other):
    secret = f"Secret of one {secrets.token_hex(4)}"

    def only_for_one(exchange: Exchange) -> bool:
        status, headers, body = exchange.forward()
        page = json.loads(body)
        if "products:write" in claims_of(exchange)["scope"]:
            page["items"][0]["name"] = secret
        return exchange.reply(status, headers, json.dumps(page).encode())

    proxy.set(only_for_one, meets=LIST)
    assert secret in person.get("/categories/").text
    assert secret not in other.get("/categories/").text
    with proxy.refusing():
        assert secret in person.get("/categories/").text
        assert secret not in other.get("/categories/").text


def claims_of(exchange: Exchange) -> Any:
    part = exchange.headers["Authorization"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
