"""The running server by the pinned contract: thousands of requests, good and bad, and every answer
is one that the contract promises. SCHEMATHESIS_EXAMPLES=2000 sends many more.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import make_token
from tests.server import ROOT, Server

EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "80")  # for each operation and phase
AT_LEAST = 2000


@pytest.fixture
def server(tmp_path, database):
    server = Server(tmp_path, database)
    server.migrate()
    yield server.start()
    server.stop()


def test_every_answer_is_in_the_contract(server, tmp_path):
    report = tmp_path / "report.json"
    token = make_token(exp=int(time.time()) + 3600)
    command = [
        Path(sys.executable).with_name("schemathesis"),
        "--config-file", ROOT / "tests" / "schemathesis.toml", "run", ROOT / "contract.json",
        "--url", server.url, "--header", f"Authorization: Bearer {token}",
        "--max-examples", EXAMPLES, "--workers", "2", "--continue-on-failure",
        "--report", "json", "--report-json-path", report,
    ]  # fmt: skip
    environment = os.environ | {"NO_COLOR": "1"}
    run = subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )

    assert run.returncode == 0, run.stdout[-8000:]
    assert json.loads(report.read_text())["test_cases"]["generated"] >= AT_LEAST
