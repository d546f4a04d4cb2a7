"""Requests made from the document by schemathesis, good and bad, and what is answered.

Every answer of the running server is one that the document promises. SCHEMATHESIS_EXAMPLES=2000
sends many more. The document's links reach each operation with ids and ETags that there are.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import DOCUMENT, make_token
from tests.server import ROOT
from tests.walks import OPERATIONS, SOURCES, Walks
from tests.widgets.server import WidgetServer

# For each operation and phase; each operation gets at least a third as many.
EXAMPLES, LONG_EXAMPLES = 4, 80
# To each operation; and the least share of 2xx.
WALKS, LONG_WALKS = 4, 30
LEAST = 0.3


@pytest.fixture
def server(tmp_path, database):
    server = WidgetServer(tmp_path, database)
    server.migrate()
    yield server.start()
    server.stop()


@pytest.fixture
def examples(long) -> int:
    return int(os.environ.get("SCHEMATHESIS_EXAMPLES", LONG_EXAMPLES if long else EXAMPLES))


def test_every_answer_is_in_the_document(server, examples, tmp_path, record_property):
    report, rules, document = (
        tmp_path / name for name in ("report.json", "rules.toml", "document.json")
    )
    document.write_text(json.dumps(DOCUMENT))
    own = sorted(ROOT.glob("app/**/tests/schemathesis.toml"))
    found = [ROOT / "tests" / "schemathesis.toml", *own]
    rules.write_text("\n".join(path.read_text() for path in found))
    token = make_token(exp=int(time.time()) + 3600)
    command = [
        Path(sys.executable).with_name("schemathesis"),
        "--config-file", rules, "run", document, "--phases", "examples,coverage,fuzzing",
        "--url", server.url, "--header", f"Authorization: Bearer {token}",
        "--max-examples", str(examples), "--workers", "1", "--continue-on-failure",
        "--report", "json", "--report-json-path", report,
    ]  # fmt: skip
    environment = os.environ | {"NO_COLOR": "1"}
    run = subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )

    assert run.returncode == 0, run.stdout[-8000:]
    generated = json.loads(report.read_text())["test_cases"]["generated"]
    operations = sum(len(item) for item in DOCUMENT["paths"].values())
    assert generated >= examples * operations / 3
    record_property("requests by the document", generated)


def test_what_takes_an_id_is_led_to_from_where_it_is_made_and_listed():
    for name, (path, _) in OPERATIONS.items():
        verbs = {source.partition("_")[0] for source in SOURCES[name]}

        assert {"create", "list"} <= verbs or "{" not in path, name


@pytest.mark.any_engine
async def test_valid_requests_with_ids_from_links_are_done(
    client, empty_tables, long, record_property
):
    walks = Walks(client, empty_tables)
    rare = []
    for name in OPERATIONS:
        share = await walks.run(name, LONG_WALKS if long else WALKS)
        if share < LEAST and not long:  # its rules refuse much, or these few did not meet them
            share = await walks.run(name, LONG_WALKS)
        rare += [name] if share < LEAST else []

    for name, answers in walks.answers.items():
        by_links = " by links" if SOURCES[name] else ""
        record_property(f"requests {name}{by_links}: 2xx", (answers[True], answers.total()))
    assert rare == []
