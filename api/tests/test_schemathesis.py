"""The running server by the pinned contract: requests, good and bad, and every answer is one that
the contract promises. SCHEMATHESIS_EXAMPLES=2000 sends many more.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app import contract
from conftest import make_token
from tests.server import ROOT, Server

# For each operation and phase; each operation gets at least a third as many.
EXAMPLES, LONG_EXAMPLES = 10, 80


@pytest.fixture
def server(tmp_path, database):
    server = Server(tmp_path, database)
    server.migrate()
    yield server.start()
    server.stop()


@pytest.fixture
def examples(long) -> int:
    return int(os.environ.get("SCHEMATHESIS_EXAMPLES", LONG_EXAMPLES if long else EXAMPLES))


def test_every_answer_is_in_the_contract(server, examples, tmp_path, record_property):
    report = tmp_path / "report.json"
    token = make_token(exp=int(time.time()) + 3600)
    command = [
        Path(sys.executable).with_name("schemathesis"),
        "--config-file", ROOT / "tests" / "schemathesis.toml", "run", ROOT / "contract.json",
        "--url", server.url, "--header", f"Authorization: Bearer {token}",
        "--max-examples", str(examples), "--workers", "2", "--continue-on-failure",
        "--report", "json", "--report-json-path", report,
    ]  # fmt: skip
    environment = os.environ | {"NO_COLOR": "1"}
    run = subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )

    assert run.returncode == 0, run.stdout[-8000:]
    generated = json.loads(report.read_text())["test_cases"]["generated"]
    operations = sum(len(item) for item in contract.pinned()["paths"].values())
    assert generated >= examples * operations / 3
    record_property("requests by the contract", generated)
