"""What the callers send: one endless run of requests for each."""

import itertools
import json
import random
from collections.abc import Iterator

numbers = itertools.count(1)
NEW_PRODUCT = {
    "sku": "NEW-%012d",
    "name": "Blue mug",
    "description": "Holds 300 ml.",
    "price": {"amount_minor": 799, "currency": "EUR"},
}
OPERATIONS = ("get", "list", "create")


def caller(operation: str, token: str, ids: list[str]) -> Iterator[bytes]:
    """Return what one caller sends for an operation."""
    if operation == "get":
        asks = [request("GET", f"/v1/products/{each}", token) for each in ids]
        return itertools.cycle(random.sample(asks, len(asks)))
    if operation == "list":
        return itertools.repeat(request("GET", "/v1/products?status=active&limit=50", token))
    body = json.dumps(NEW_PRODUCT).encode()
    template = request("POST", "/v1/products", token, body, len(body % 0))
    return (template % n for n in numbers)


def request(
    method: str, target: str, token: str, body: bytes = b"", length: int | None = None
) -> bytes:
    """Return the bytes of a request; ``length`` if the body is still to be filled in."""
    head = f"{method} {target} HTTP/1.1\r\nHost: api.test\r\nAuthorization: Bearer {token}\r\n"
    if body:
        size = len(body) if length is None else length
        head += f"Content-Type: application/json\r\nContent-Length: {size}\r\n"
    return head.encode() + b"\r\n" + body


def batches(token: str, size: int) -> Iterator[bytes]:
    """Return batches of ``size`` products that were not there."""
    while True:
        items = [NEW_PRODUCT | {"sku": f"BULK-{next(numbers)}"} for _ in range(size)]
        body = json.dumps({"items": items}).encode()
        yield request("POST", "/v1/products/bulk", token, body)


def forever(requests: list[bytes]) -> Iterator[bytes]:
    """Return the same requests over and over."""
    return itertools.cycle(requests)
