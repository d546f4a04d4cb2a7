"""After any sequence of valid requests everything can be read (sequences.py makes them)."""

import time

from conftest import make_token
from tests.sequences import Api, record, run_sequences

COUNT, LONG_COUNT = 5, 150


async def test_after_any_valid_writes_everything_can_be_read(
    client_for, empty_tables, long, record_property
):
    api = Api(client_for(make_token(exp=int(time.time()) + 86_400)))

    await run_sequences(api, empty_tables, LONG_COUNT if long else COUNT)

    record(api, record_property, "in sequences")
    assert api.counts["steps"]
    names = [name[:-5] for name in api.counts if name.endswith(" sent")]
    rare = [name for name in names if api.counts[f"{name} good"] < 0.3 * api.counts[f"{name} sent"]]
    assert not long or rare == []
