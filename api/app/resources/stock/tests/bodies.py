"""What a body must be besides what its schema says."""

from typing import Any

WAYS = {"received": "in", "sold": "out", "returned": "in"}


def one_movement(body: dict[str, Any]) -> dict[str, Any]:
    """Return a movement whose fields do not contradict each other."""
    sent = dict(body)
    direction = sent.pop("direction", None)
    if "pieces" not in sent:
        return sent
    if sent["reason"] not in WAYS:
        return sent | {"direction": direction or "out"}
    return sent | ({"direction": WAYS[sent["reason"]]} if direction else {})


MADE_VALID = {"create_stock_movement": one_movement}
