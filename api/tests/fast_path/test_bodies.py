"""JSON, well formed or not: with the fast path the same value is read as without, or none."""

import json
import random
from typing import Annotated, Any

from fastapi import Body, FastAPI

from app.fast import FastRouter
from tests.fast_path.comparison import Make, ask, plain
from tests.fast_path.devices import SILENT

SEED = 20261126
BODIES, LONG_BODIES = 400, 20_000
NUMBERS = [
    "0", "-0", "-0.0", "1.0", "1E400", "-1e400", "1e-400", "0.1", "01", "1.", ".5", "+1", "NaN",
    "-Infinity", "9007199254740993", "9223372036854775808", "-9223372036854775809", "9" * 400,
    "9" * 5000, "2.2250738585072011e-308", "123456789012345678901234567890.5",
]  # fmt: skip
TEXTS = [
    '"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\\u0000"', '"\x00"', '"\t"', '"\x7f"',
    '"\\/"', '"\\x"', '"\u2028"', "'a'", '"', '"\\', '"\ufeff"', '""', '"a"', '"ä€😀"',
]  # fmt: skip
WORDS = ["null", "true", "false", "tru", "True"]
AROUND = ["\x0c", "\ufeff", ",", "]", "//", "\x00", "[" * 3000, " ", "1"]
CODINGS = ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252"]


def value(by: random.Random, depth: int = 3) -> str:
    """Return a JSON text; some of its numbers, texts and words are none."""
    match by.randrange(6 if depth else 4):
        case 0:
            return by.choice([*NUMBERS, str(by.getrandbits(70)), repr(by.lognormvariate(0, 99))])
        case 1:
            return by.choice([*TEXTS, json.dumps(chr(by.randrange(0x110000)))])
        case 2:
            return by.choice(WORDS)
        case 3:
            return by.choice(("[]", "{}", "1", '"b"'))
        case 4:
            return f"[{', '.join(value(by, depth - 1) for _ in range(by.randrange(4)))}]"
    fields = (f"{by.choice(TEXTS)}:{value(by, depth - 1)}" for _ in range(by.randrange(4)))
    return f"{{{','.join(fields)}}}"


def body(by: random.Random) -> bytes:
    """Return a value as bytes; one of four with something around it, one of eight not in UTF-8."""
    text = value(by)
    if by.random() < 0.25:
        text = by.choice((f"{text}{by.choice(AROUND)}", f"{by.choice(AROUND)}{text}"))
    coding = by.choice(CODINGS) if by.random() < 0.125 else "utf-8"
    return text.encode(coding, "replace")


def echo(make: Make) -> FastAPI:
    """Return an application that answers with what it has read."""
    app, router = FastAPI(telemetry=SILENT), make()

    @router.post("/")
    async def read(value: Annotated[Any, Body()]) -> str:
        return ascii(value)

    app.include_router(router)
    return app


async def test_a_body_is_read_as_without_the_fast_path(long, record_property):
    by = random.Random(SEED)  # noqa: S311
    apps, sent = (echo(FastRouter), echo(plain)), LONG_BODIES if long else BODIES
    taken = 0
    for _ in range(sent):
        sample = body(by)
        headers = {"content-type": "application/json"}
        fast, other = [await ask(app, "POST /", headers, sample) for app in apps]
        assert fast == other, sample[:200]
        taken += fast[0]["status"] == 200
    record_property("bodies that are read, and the others refused, as by FastAPI", (taken, sent))
