"""The mock over HTTP: what it answers is what the contract allows."""

import json
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

from contract.mock.api import Api
from contract.mock.routes import Route, Routes, schema_of
from contract.mock.server import Faults, Mock, server
from contract.openapi.direction import Direction
from contract.openapi.document import load
from contract.schema.validator import Judge
from contract.schema.view import Side
from contract.tests.building import EXAMPLE

MUG = {"sku": "A-1", "name": "Mug", "price": {"amount_minor": 500, "currency": "EUR"}}


class Client:
    """Calls the mock, and holds every answer to the contract."""

    def __init__(self, document, port):
        self.document = document
        self.base = f"http://127.0.0.1:{port}"
        self.routes = Routes(document)
        self.judge = Judge(Side(document, Direction.RESPONSE, True))

    def __call__(self, method, path, body=None, token="any", **headers):
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        told |= {"Authorization": f"Bearer {token}"} if token else {}
        data = None if body is None else json.dumps(body).encode()
        accepted = urllib.request.Request(
            self.base + path, data, {"Content-Type": "application/json", **told}, method=method
        )
        try:
            answer = urllib.request.urlopen(accepted, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            raw = answer.read()
            told = json.loads(raw) if raw else None
            self._hold(method, path, answer, told)
            return answer.status, told, answer.headers

    def _hold(self, method, path, answer, told):
        route, _ = self.routes.find(method.lower(), path.split("?")[0])
        if isinstance(route, Route):
            responses = route.operation.data["responses"]
            if str(answer.status) in responses:
                schema = schema_of(self.document.resolve(responses[str(answer.status)]))
                assert schema is None or self.judge.allows((schema,), told), (method, path, told)
        assert answer.headers["Contract-Version"] == "1.0.0"


@contextmanager
def serving(faults=Faults(), seeds=0, without=()):  # noqa: B008 - frozen
    document = load(EXAMPLE)
    for path in without:
        del document.data["paths"][path]
    made = server(Mock(Api(document, seeds), faults), 0)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield Client(document, made.server_port)
    finally:
        made.shutdown()
        made.server_close()
        thread.join()


@pytest.fixture
def call():
    with serving() as client:
        yield client


def test_what_is_created_is_listed_where_no_operation_reads_one_of_it():
    below = "/v1/products/{product_id}/stock-movements"
    with serving(without=[f"{below}/{{movement_id}}"]) as call:
        _, product, _ = call("POST", "/v1/products", MUG)
        path = below.format(product_id=product["id"])
        status, moved, headers = call("POST", path, {"quantity": 3, "reason": "received"})

        assert (status, "Location" in headers) == (201, False)
        assert call("GET", path)[1]["items"] == [moved]


def test_what_is_created_is_there(call):
    status, made, headers = call("POST", "/v1/products", MUG)
    assert (status, headers["ETag"]) == (201, '"1"')
    assert headers["Location"] == f"/v1/products/{made['id']}"
    status, read, _ = call("GET", headers["Location"])
    assert (status, read) == (200, made)
    assert {**read, **MUG} == read
    assert read["description"] == ""
    assert call("GET", "/v1/products")[1]["items"] == [made]


def test_what_the_contract_forbids_is_refused_by_field(call):
    status, problem, _ = call(
        "POST", "/v1/products", {"name": "", "price": {"amount_minor": -1, "currency": "EUR"}, "x": 1}
    )
    assert status == 422
    pointers = {error["pointer"] for error in problem["errors"]}
    assert pointers == {"#/sku", "#/name", "#/price/amount_minor", "#/x"}
    assert call("GET", "/v1/products?limit=0")[1]["errors"][0]["pointer"] == "#/query/limit"


def test_a_change_wants_the_version_that_was_read(call):
    _, _made, headers = call("POST", "/v1/products", MUG)
    path = headers["Location"]
    assert call("PATCH", path, {"name": "Cup"})[0] == 428
    status, changed, after = call("PATCH", path, {"name": "Cup"}, If_Match=headers["ETag"])
    assert (status, changed["name"], changed["version"], after["ETag"]) == (200, "Cup", 2, '"2"')
    status, problem, _ = call("PATCH", path, {"name": "Jug"}, If_Match=headers["ETag"])
    assert (status, problem["current"]) == (412, changed)
    assert call("DELETE", path, If_Match='"2"')[0] == 204
    assert call("GET", path)[0] == 404


def test_a_read_that_is_current_is_short(call):
    _, _, headers = call("POST", "/v1/products", MUG)
    assert call("GET", headers["Location"], If_None_Match='"1"')[0] == 304


def test_a_part_of_a_thing_changes_the_thing(call):
    _, _made, headers = call("POST", "/v1/products", MUG)
    status, changed, _ = call("PUT", f"{headers['Location']}/status", {"status": "active"}, If_Match='"1"')
    assert (status, changed["status"], changed["version"]) == (200, "active", 2)


def test_things_below_a_thing_belong_to_it(call):
    _, made, headers = call("POST", "/v1/products", MUG)
    movement = {"quantity": 5, "reason": "received"}
    status, moved, _ = call("POST", f"{headers['Location']}/stock-movements", movement)
    assert (status, moved["quantity"], moved["product_id"]) == (201, 5, made["id"])
    assert call("GET", f"{headers['Location']}/stock-movements")[1]["items"] == [moved]
    nobody = "/v1/products/01936d5e-7c1a-7b3f-9c55-0f6a1f3c2d10/stock-movements"
    assert call("POST", nobody, movement)[0] == 404


def test_pages_follow_each_other(call):
    names = [f"Name {number}" for number in range(5)]
    for name in names:
        call("POST", "/v1/categories", {"name": name})
    _, first, headers = call("GET", "/v1/categories?limit=2")
    assert 'rel="next"' in headers["Link"]
    _, second, _ = call("GET", f"/v1/categories?limit=2&cursor={first['next_cursor']}")
    _, third, _ = call("GET", f"/v1/categories?limit=2&cursor={second['next_cursor']}")
    assert [one["name"] for page in (first, second, third) for one in page["items"]] == names
    assert third["next_cursor"] is None
    assert call("GET", f"/v1/categories?limit=2&cursor={third['prev_cursor']}")[1] == second
    assert call("GET", "/v1/categories?cursor=foreign")[0] == 422


def test_lists_filter_search_and_sort(call):
    for name in ("Cups", "Mugs", "Jugs"):
        call("POST", "/v1/categories", {"name": name})
    assert [one["name"] for one in call("GET", "/v1/categories?q=ug")[1]["items"]] == ["Mugs", "Jugs"]
    assert [one["name"] for one in call("GET", "/v1/categories?sort=-name")[1]["items"]] == ["Mugs", "Jugs", "Cups"]


def test_what_is_neither_list_nor_thing_answers_by_example(call):
    assert call("GET", "/v1/identity")[0] == 200
    status, answer, _ = call("POST", "/v1/products/bulk", {"items": [MUG, {**MUG, "sku": "A-2"}]})
    assert (status, [one["sku"] for one in answer["items"]]) == (200, ["A-1", "A-2"])


def test_a_token_is_needed_where_the_contract_says_so(call):
    status, _, headers = call("GET", "/v1/products", token=None)
    assert (status, headers["WWW-Authenticate"]) == (401, "Bearer")
    assert call("GET", "/health/live", token=None)[0] == 200


def test_unknown_field_is_named(call):
    status, problem, _ = call("POST", "/v1/products", MUG | {"price": {**MUG["price"], "net": 1}, "colour": "blue"})

    assert status == 422
    assert {(error["pointer"], error["detail"]) for error in problem["errors"]} == {
        ("#/colour", "colour is not a field"),
        ("#/price/net", "net is not a field"),
    }


def test_unknown_paths_and_methods_are_problems(call):
    assert call("GET", "/v1/nothing")[0] == 404
    assert call("PUT", "/v1/products", {})[0] == 405


def test_a_first_page_has_something_to_show():
    with serving(seeds=3) as call:
        assert len(call("GET", "/v1/products")[1]["items"]) == 3


def test_a_status_can_be_asked_for(call):
    status, problem, _ = call("POST", "/v1/products", MUG, Prefer="code=409")
    assert (status, problem["status"]) == (409, 409)


def test_it_can_be_told_to_fail_and_to_be_slow():
    with serving(Faults(status=503)) as call:
        status, _, headers = call("GET", "/v1/products")
        assert (status, headers["Retry-After"]) == (503, "1")
    with serving(Faults(fail_rate=1.0)) as call:
        assert call("GET", "/health/live")[0] == 503
    with serving(Faults(delay_ms=50)) as call:
        start = time.monotonic()
        call("GET", "/health/live")
        assert time.monotonic() - start >= 0.05
