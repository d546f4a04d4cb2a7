"""Which way a message travels."""

from __future__ import annotations

from enum import StrEnum


class Direction(StrEnum):
    """What travels: a request (from clients to servers) or a response (from servers to clients).

    The body of a webhook or a callback is sent by a server, as responses are; what answers it travels as requests do.
    """

    REQUEST = "request"
    RESPONSE = "response"
