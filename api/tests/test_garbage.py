"""A request leaves nothing of ours that only the garbage collector frees.

Such circles hold the request's body until then, and what comes next finds no memory that is warm.
"""

import gc
import json
import uuid
from typing import Any

from conftest import make_token
from tests.bounds import READS, WRITES, Operation, Walk, example, fill, with_ids
from tests.fast_path.comparison import ask

OURS = ("app.", "fastapi.", "starlette.", "contextlib")


def left_by_kind() -> set[str]:
    """Return the types of ours that the collector finds now."""
    gc.collect()
    kinds = {f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.garbage}
    gc.garbage.clear()
    return {kind for kind in kinds if kind.startswith(OURS)}


async def test_a_request_leaves_no_circle(app, client, record_property):
    walk = Walk(client)
    await fill(walk)
    headers = {
        "authorization": f"Bearer {make_token()}", "content-type": "application/json",
        "if-match": "*",
    }  # fmt: skip
    statuses: list[int] = []

    async def send(operation: Operation, body: Any, **more: str) -> None:
        place = walk.place(operation, lambda known: known[-1])
        content = with_ids(json.dumps(body), walk.ids).encode() if operation.body else b""
        length = {"content-length": str(len(content))} if content else {}
        target = f"{operation.method.upper()} {operation.url(place)}"
        head, *_ = await ask(app, target, headers | length | more, content)
        statuses.append(head["status"])

    found = {}
    gc.collect()
    gc.freeze()  # what was there before is not looked at
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for operation in [*READS, *WRITES]:
            key = {"idempotency-key": uuid.uuid4().hex} if operation.method == "post" else {}
            body = example(operation.body) if operation.body else None
            await send(operation, body, **key)  # the first one fills caches
            left_by_kind()
            await send(operation, body)
            await send(operation, body, **key)
            await send(operation, {"x": 1})
            found[operation.spec["operationId"]] = left_by_kind()
    finally:
        gc.set_debug(0)
        gc.unfreeze()

    assert {name: kinds for name, kinds in found.items() if kinds} == {}
    assert {200, 201, 204, 404, 409, 422} <= {*statuses}
    record_property("requests that leave no circle", len(statuses))
