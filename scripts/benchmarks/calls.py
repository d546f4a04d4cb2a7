"""What the callers send: one endless run of requests for each."""

import itertools
import json
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

numbers = itertools.count(1)
NEW_PRODUCT = {
    "sku": "NEW-%012d",
    "name": "Blue mug",
    "description": "Holds 300 ml.",
    "price": {"amount_minor": 799, "currency": "EUR"},
}
BASIC = ("get", "list", "create")  # what every variant can do
BATCH = 500
KEY = "Idempotency-Key: %032d\r\n"
MOVEMENT = {"quantity": 1, "reason": "received"}
PAGES = {  # a list with one filter
    "list": "status=active",
    "by status, no hit": "status=archived",
    "by category": "category_id={category}",
    "by tag": "tag=gift",
    "by tag, no hit": "tag=nothing",
    "search": "q=teapot",
}
OPERATIONS = (
    "get", *PAGES, "create", "create with key", "patch", "status", "movement",
    "movement with key", "statistics", "bulk",
)  # fmt: skip
# What Python peers can do. They have neither keys nor conditions: they ignore both.
COMPARED = (
    *BASIC, "by category", "search", "create with key", "patch", "movement", "movement with key",
    "statistics", "bulk",
)  # fmt: skip


class Shop(NamedTuple):
    """What the callers know of the shop. ``versions`` has that of each product they have changed.

    ``etag`` is the ETag of a version, with ``%d`` in its place.
    """

    ids: list[str]
    category: str
    etag: str
    versions: dict[str, int]


def caller(operation: str, token: str, shop: Shop, number: int = 0, of: int = 1) -> Iterator[bytes]:
    """Return what one caller sends; no two of them change the same product."""
    own = shop.ids[number::of]
    if operation in PAGES:
        query = PAGES[operation].format(category=shop.category)
        return itertools.repeat(request("GET", f"/v1/products?{query}&limit=50", token))
    senders: dict[str, Callable[[], Iterator[bytes]]] = {
        "get": lambda: gets(token, shop.ids),
        "create": lambda: creates(token),
        "create with key": lambda: creates(token, KEY),
        "patch": lambda: patches(token, shop, own[0::3]),
        "status": lambda: statuses(token, shop, own[1::3]),
        "movement": lambda: movements(token, own[2::3]),
        "movement with key": lambda: movements(token, own[2::3], KEY),
        "statistics": lambda: itertools.repeat(request("GET", "/v1/statistics", token)),
        "bulk": lambda: batches(token, BATCH),
    }
    return senders[operation]()


def gets(token: str, ids: list[str]) -> Iterator[bytes]:
    """Return reads of products in any order."""
    asks = [request("GET", f"/v1/products/{each}", token) for each in ids]
    return itertools.cycle(random.sample(asks, len(asks)))


def creates(token: str, key: str = "") -> Iterator[bytes]:
    """Return new products, each with a key of its own if there is a header for it."""
    body = json.dumps(NEW_PRODUCT).encode()
    template = request("POST", "/v1/products", token, body, len(body % 0), key)
    return (template % ((n, n) if key else n) for n in numbers)


def patches(token: str, shop: Shop, ids: list[str]) -> Iterator[bytes]:
    """Return changes of names, each of the version before."""
    for each in itertools.cycle(ids):
        version = shop.versions[each] = shop.versions.get(each, 0) + 1
        body = json.dumps({"name": f"Blue mug {version:08}"}).encode()
        match = f"If-Match: {shop.etag % version}\r\n"
        yield request("PATCH", f"/v1/products/{each}", token, body, fields=match)


def statuses(token: str, shop: Shop, ids: list[str]) -> Iterator[bytes]:
    """Return steps between archived and active."""
    for each in itertools.cycle(ids):
        version = shop.versions[each] = shop.versions.get(each, 0) + 1
        body = json.dumps({"status": "archived" if version % 2 else "active"}).encode()
        match = f"If-Match: {shop.etag % version}\r\n"
        yield request("PUT", f"/v1/products/{each}/status", token, body, fields=match)


def movements(token: str, ids: list[str], key: str = "") -> Iterator[bytes]:
    """Return movements, each with a key of its own if there is a header for it."""
    body = json.dumps(MOVEMENT).encode()
    for each in itertools.cycle(ids):
        own = key % next(numbers) if key else ""
        yield request("POST", f"/v1/products/{each}/stock-movements", token, body, fields=own)


def request(
    method: str, target: str, token: str, body: bytes = b"", length: int | None = None,
    fields: str = "",
) -> bytes:  # fmt: skip
    """Return the bytes of a request; ``length`` if the body is still to be filled in."""
    head = f"{method} {target} HTTP/1.1\r\nHost: api.test\r\nAuthorization: Bearer {token}\r\n"
    if body:
        size = len(body) if length is None else length
        head += f"Content-Type: application/json\r\nContent-Length: {size}\r\n"
    return (head + fields).encode() + b"\r\n" + body


def batches(token: str, size: int) -> Iterator[bytes]:
    """Return batches of ``size`` products that were not there."""
    while True:
        items = [NEW_PRODUCT | {"sku": f"BULK-{next(numbers)}"} for _ in range(size)]
        body = json.dumps({"items": items}).encode()
        yield request("POST", "/v1/products/bulk", token, body)


def largest_batches(token: str) -> Iterator[bytes]:
    """Return batches as large as the API takes them: 500 descriptions of 4,000 letters."""
    while True:
        items = [
            NEW_PRODUCT | {"sku": f"LARGE-{next(numbers)}", "description": "é" * 4000}
            for _ in range(BATCH)
        ]
        body = json.dumps({"items": items}, ensure_ascii=False).encode()
        yield request("POST", "/v1/products/bulk", token, body)


def forever(requests: list[bytes]) -> Iterator[Any]:
    """Return the same requests over and over."""
    return itertools.cycle(requests)
