"""The servers that are measured, each one process on its port."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import jwt as hs256
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

HERE = Path(__file__).resolve().parent
API = HERE.parents[1] / "api"
ISSUER, AUDIENCE = "https://issuer.test", "corner-shop-api"
KEY = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
SECRET = secrets.token_hex(32)
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """One variant."""

    def __init__(self, name: str, command: list[str], folder: Path, **variables: str) -> None:
        self.name, self.command, self.folder, self.variables = name, command, folder, variables
        self.root = API if name == "api" else HERE
        self.port, self.workers = free_port(), 1
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *cores: int) -> float:
        """Start it on ``cores``; return the seconds until it answered."""
        started = time.monotonic()
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.command, "--port", str(self.port)],
                cwd=self.root,
                env=os.environ | self.variables,
                stdout=log,
                stderr=log,
                preexec_fn=lambda: os.sched_setaffinity(0, cores),
            )
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() - started > 60:
                said = (self.folder / f"{self.name}.log").read_text()[-2000:]
                raise RuntimeError(f"{self.name} did not start: {said}")
            time.sleep(0.01)
        return time.monotonic() - started

    def stop(self) -> None:
        """Stop it."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)

    def cpu_seconds(self) -> float:
        """Return the processor time that it has used."""
        assert self.process
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def exact_cpu_seconds(self) -> float:
        """Return the same to the nanosecond, of its workers too; not of threads that have ended."""
        assert self.process
        tasks = [task for each in tree(self.process.pid) for task in _tasks(each)]
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def memory_mib(self) -> float:
        """Return the memory that is its own alone (USS), in MiB."""
        assert self.process
        return _memory_mib(self.process.pid, "Private_")

    def worker_memory_mib(self) -> list[float]:
        """Return the memory of each worker with its share of what they have in common (PSS)."""
        assert self.process
        found = [_memory_mib(pid, "Pss:") for pid in tree(self.process.pid)[1:]]
        return sorted(found)[-self.workers :]  # one process more tracks their resources

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=2).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True


def _memory_mib(pid: int, kind: str) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(x.split()[1]) for x in lines if x.startswith(kind)) / 1024


def tree(pid: int) -> list[int]:
    """Return a process and those that descend from it."""
    children = [int(c) for task in _tasks(pid) for c in (task / "children").read_text().split()]
    return [pid, *(each for child in children for each in tree(child))]


def _tasks(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/task").iterdir())


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def api(folder: Path, database_url: str) -> Server:
    """The API as it is, everything on."""
    jwks = folder / "jwks.json"
    jwks.write_text(json.dumps(KeySet([KEY]).as_dict(private=False)))
    return Server(
        "api",
        [str(API / ".venv/bin/python"), "-m", "app", "serve"],
        folder,
        DATABASE_URL=database_url.replace("postgresql://", "postgresql+asyncpg://"),
        AUTH_ISSUER=ISSUER,
        AUTH_AUDIENCE=AUDIENCE,
        AUTH_JWKS=str(jwks),
        RATE_LIMIT_PER_MINUTE="100000000",  # on, and never reached
        MALLOC_MMAP_THRESHOLD_="65536",  # as in the image
        MALLOC_TRIM_THRESHOLD_="65536",
        ENVIRONMENT="production",
    )


def migrate(server: Server) -> None:
    """Make the tables, as its owners do."""
    subprocess.run(
        [str(API / ".venv/bin/python"), "-m", "app", "migrate"],
        cwd=API,
        env=os.environ | server.variables,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def peer(name: str, folder: Path, database_url: str) -> Server:
    """One of peers/."""
    command = [sys.executable, "-m", "uvicorn", f"peers.{name}:app", "--no-access-log"]
    variables = {"PEER_DATABASE_URL": database_url, "PEER_SECRET": SECRET}
    return Server(name, [*command, "--log-level", "warning"], folder, **variables)


def fastify(folder: Path, database_url: str) -> Server | None:
    """Node's fastify and pg; None where Node or a package is missing."""
    node, peer = shutil.which("node"), HERE / "peers" / "fastify_pg"
    if not node or not (peer / "node_modules" / "installed").exists():
        return None
    command = [node, str(peer / "server.js")]
    return Server("fastify", command, folder, PEER_DATABASE_URL=database_url)


def api_token(caller: int) -> str:
    """Return a token of the API's issuer."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": f"user-{caller}",
        "client_id": "bench",
        "jti": str(uuid.uuid4()),
        "iat": now,
        "exp": now + 3600,
        "scope": "products:read products:write stock:read stock:write categories:read",
    }
    header = {"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid}
    return jwt.encode(header, claims, KEY)


def sqlmodel_token(user: str) -> str:
    """Return a token of the SQLModel peer."""
    return hs256.encode({"sub": user, "exp": int(time.time()) + 3600}, SECRET, algorithm="HS256")
