"""A page of another origin works against the contract's mock, in a real browser."""

import re
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]

# What an application does: it lists, creates, reads the ETag, changes, and shows a refusal.
PROGRAM = """
async (mock) => {
  const headers = {Authorization: 'Bearer any', 'Content-Type': 'application/json'};
  const call = async (method, path, body, more = {}) => {
    const answer = await fetch(mock + path, {
      method, body: body && JSON.stringify(body),
      headers: {...headers, ...more}, credentials: 'include',
    });
    return {status: answer.status, etag: answer.headers.get('etag'), body: await answer.json()};
  };
  const listed = await call('GET', '/v1/categories');
  const key = {'Idempotency-Key': 'abcdefgh'};
  const made = await call('POST', '/v1/categories', {name: 'Kitchen'}, key);
  const path = '/v1/categories/' + made.body.id;
  const changed = await call('PATCH', path, {name: 'Garden'}, {'If-Match': made.etag});
  const stale = await call('PATCH', path, {name: 'Study'}, {'If-Match': made.etag});
  const refused = await call('POST', '/v1/categories', {});
  const asked = await call('GET', path, undefined, {Prefer: 'code=404'});
  return {
    statuses: [listed, made, changed, stale, refused, asked].map(each => each.status),
    name: changed.body.name, current: stale.body.current.name,
    fields: refused.body.errors.map(each => each.pointer),
  };
}
"""


@pytest.fixture
def mock() -> Iterator[str]:
    """The mock of the draft, as its command line starts it."""
    command = [
        str(ROOT / "contracts" / "scripts" / "contract"),
        "mock",
        "openapi.json",
        "--port",
        "0",
    ]
    folder = ROOT / "contracts"
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        said = next(line for line in program.stdout if "mocked at" in line)
        yield re.findall(r"http://[\d.:]+", said)[0]
        program.terminate()


@pytest.fixture
def page_url(tmp_path: Path) -> Iterator[str]:
    """A page on another port."""
    (tmp_path / "index.html").write_text("<!doctype html><title>Shop</title>")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    serving = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_port}/"
    serving.shutdown()
    serving.server_close()


def test_a_page_on_another_port_can_use_all_of_it(
    browser: Browser, mock: str, page_url: str
) -> None:
    page = browser.new_page()
    page.goto(page_url)

    assert page.evaluate(PROGRAM, mock) == {
        "statuses": [200, 201, 200, 412, 422, 404],
        "name": "Garden",
        "current": "Garden",
        "fields": ["#/name"],
    }
    page.close()
