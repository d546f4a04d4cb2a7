"""The room can be removed: its folder, and one line."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ASK = """
import asyncio, json
from httpx2 import ASGITransport, AsyncClient
from app.main import create_app

async def ask():
    app = create_app()
    async with AsyncClient(transport=ASGITransport(app), base_url="http://api.test") as client:
        answers = [await client.get(path) for path in ("/health/live", "/v1/identity")]
    print(json.dumps([[each.status_code for each in answers], app.openapi()]))

asyncio.run(ask())
"""


def test_all_works_as_before_without_it(tmp_path):
    shutil.copytree(ROOT / "app", tmp_path / "app")
    shutil.copy(ROOT / "contract.json", tmp_path)
    shutil.rmtree(tmp_path / "app" / "fast")
    router = tmp_path / "app" / "http" / "routing.py"
    line = "from app.fast import FastRouter as APIRouter"
    assert router.read_text().count(line) == 1
    router.write_text(router.read_text().replace(line, "from fastapi import APIRouter"))

    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=tmp_path, check=True, capture_output=True, text=True
    )

    statuses, document = json.loads(done.stdout.splitlines()[-1])
    assert statuses == [200, 401]
    assert document == json.loads((ROOT / "contract.json").read_text())
