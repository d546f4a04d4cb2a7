"""The running server by its document: requests, good and bad, and every answer is one that the
document promises. SCHEMATHESIS_EXAMPLES=2000 sends many more.
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
from tests.widgets.server import WidgetServer

# For each operation and phase; each operation gets at least a third as many.
EXAMPLES, LONG_EXAMPLES = 6, 80


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
        "--config-file", rules, "run", document,
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
    operations = sum(len(item) for item in DOCUMENT["paths"].values())
    assert generated >= examples * operations / 3
    record_property("requests by the document", generated)
