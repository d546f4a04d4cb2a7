"""./scripts/run, as a newcomer types it, on a copy of what is tracked."""

import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers import ROOT, answers, free_port

LINK = """#!/usr/bin/env python3
import contextlib, pathlib
with contextlib.suppress(FileExistsError):
    pathlib.Path("{link}").symlink_to("{environment}")
"""


@pytest.fixture(scope="module")
def clone(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that a clone would have, edits included; only --long makes new environments."""
    target = tmp_path_factory.mktemp("clone")
    listed = subprocess.check_output(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, text=True
    )
    for name in filter(None, listed.split("\0")):
        source, copy = ROOT / name, target / name
        if source.is_file():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(source.read_bytes())
            copy.chmod(source.stat().st_mode)
    if not request.config.getoption("--long"):
        for side in ("api", "web"):
            (target / side / "scripts" / "setup").write_text(
                LINK.format(link=target / side / ".venv", environment=ROOT / side / ".venv")
            )
    return target


DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
# A company's, which reaches nothing on this machine.
PROXY = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")


def restore_signals() -> None:
    """Let the terminal's signals through, wherever the suite was started from."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


STARTED: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def _nothing_is_left_of_a_test_that_failed() -> Iterator[None]:
    yield
    while STARTED:
        process = STARTED.pop()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            process.communicate()


def run(clone: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [clone / "scripts" / "run", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=restore_signals,
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | environment,
    )
    STARTED.append(process)
    return process


def read_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if words in line:
            return seen
    assert process.stderr is not None
    raise AssertionError(seen + process.stderr.read())


def read_with_token(clone: Path, said: str, api: int) -> int:
    """Read from the API with what the printed command prints; return the status."""
    (line,) = (line for line in said.splitlines() if "prints a token" in line)
    command = line.split("  prints")[0]
    token = subprocess.check_output(["sh", "-c", command], cwd=clone, text=True).strip()
    request = urllib.request.Request(
        f"http://127.0.0.1:{api}/v1/products", headers={"Authorization": f"Bearer {token}"}
    )
    try:
        with DIRECT.open(request, timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as refusal:
        refusal.add_note(f"{refusal.read(500)!r}\n{(clone / 'api/var/run.log').read_text()}")
        raise


def test_serves_says_where_and_stops_with_control_c_then_goes_on_with_its_data(clone: Path):
    api, ui = free_port(), free_port()
    ports = ["--api-port", str(api), "--ui-port", str(ui)]
    kept = clone / "api" / "var"
    # The second time needs nothing from outside.
    for attempt, environment in (("first", {}), ("second", PROXY)):
        process = run(clone, *ports, **environment)
        said = read_until(process, "Ctrl-C")
        databases = sorted(path.name for path in kept.glob("*.sqlite3"))

        assert f"http://127.0.0.1:{ui}" in said
        assert f"http://127.0.0.1:{api}/docs" in said
        assert "editor@example.com" in said
        assert answers(f"http://127.0.0.1:{ui}/health/ready")
        assert databases
        assert read_with_token(clone, said, api) == 200

        if attempt == "first":
            (kept / "keep").touch()
        assert (kept / "keep").exists()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(20) == 0
        process.communicate()
        assert not answers(f"http://127.0.0.1:{ui}/health/live")
        assert not answers(f"http://127.0.0.1:{api}/health/live")


# A process that is paused receives both when it goes on.
AT_ONCE = ["STOP", "INT", "TERM", "CONT"]


@pytest.mark.parametrize(
    "stop",
    [["INT", "INT"], AT_ONCE, pytest.param(["HUP"], marks=pytest.mark.long)],
    ids=" ".join,
)
def test_however_it_is_stopped_no_server_is_left(clone: Path, stop: list[str]):
    api, ui = free_port(), free_port()
    process = run(clone, "--api-port", str(api), "--ui-port", str(ui))
    read_until(process, "Ctrl-C")

    for name in stop:
        os.killpg(process.pid, getattr(signal, f"SIG{name}"))
    assert_ends_with_both_sides(process, api, ui)


def assert_ends_with_both_sides(process: subprocess.Popen[str], api: int, ui: int) -> None:
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert not answers(f"http://127.0.0.1:{ui}/health/live")
    assert not answers(f"http://127.0.0.1:{api}/health/live")


def test_a_second_run_in_one_folder_is_refused_in_one_line_and_sigterm_stops_the_first(clone: Path):
    api, ui = free_port(), free_port()
    first = run(clone, "--api-port", str(api), "--ui-port", str(ui))
    read_until(first, "Ctrl-C")

    second = run(clone, "--api-port", str(free_port()), "--ui-port", str(free_port()))
    _, said = second.communicate(timeout=60)

    assert second.returncode == 2
    assert said == "scripts/run is already running in this folder; stop it first\n"
    os.killpg(first.pid, signal.SIGTERM)
    assert_ends_with_both_sides(first, api, ui)


def test_a_side_that_ends_by_itself_ends_the_other_and_its_words_are_said(clone: Path):
    api, ui = free_port(), free_port()
    ports = ["--api-port", str(api), "--ui-port", str(ui)]

    process = run(clone, *ports, RATE_LIMIT_PER_MINUTE="many")
    try:
        _, said = process.communicate(timeout=120)
    finally:
        process.send_signal(signal.SIGINT)  # does nothing to one that has ended

    assert process.returncode == 2
    last = said.splitlines()[-1]
    assert last.startswith("api has stopped: ")
    assert "RATE_LIMIT_PER_MINUTE" in last
    assert not answers(f"http://127.0.0.1:{ui}/health/live")
    assert not answers(f"http://127.0.0.1:{api}/health/live")


def test_a_port_in_use_is_said_in_one_line(clone: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        process = run(clone, "--ui-port", str(port), "--api-port", str(free_port()))
        _, said = process.communicate(timeout=20)

    assert process.returncode == 2
    assert said == f"port {port} is in use; choose another: --ui-port\n"
