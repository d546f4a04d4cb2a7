"""This UI as people meet it: gunicorn in a process of its own, with accounts in a file."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent.parent
EMAIL, PASSWORD = "editor@example.com", "corner-shop-demo"
PATIENCE = 120  # seconds, for what takes as long as the machine is busy


class Site:
    """A server that was started and is ready for requests."""

    def __init__(self, folder: Path, api_url: str, *options: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.folder, self.api_url = folder, api_url
        self.cookies: dict[str, str] = {}
        if not (folder / "web.sqlite3").exists():
            self._manage("prepare", "--port", str(self.port))
        self._log = (folder / "gunicorn.log").open("w")
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(
            [*command, "--config", "config/gunicorn.py", "--no-control-socket", *options],
            cwd=ROOT,
            env=self._environment(),
            stdout=self._log,
            stderr=self._log,
        )
        wait_until(lambda: self.status("/health/live") == 200)

    def __enter__(self) -> "Site":
        return self

    def __exit__(self, *exc: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()

    def get(self, path, *, body=None, anonymous=False):
        """Return status, headers and text; cookies are sent and taken over unless anonymous."""
        conn = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        cookies = {} if anonymous else self.cookies
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = f"http://127.0.0.1:{self.port}"
        try:
            conn.request(
                "POST" if body else "GET", path, urlencode(body) if body else None, headers
            )
            response = conn.getresponse()
            text = response.read().decode(errors="replace")
        finally:
            conn.close()
        for value in response.headers.get_all("Set-Cookie", []) if not anonymous else []:
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return response.status, response.headers, text

    def status(self, path):
        """Return the status that somebody unknown gets; 0 when nobody answers."""
        try:
            return self.get(path, anonymous=True)[0]
        except OSError:
            return 0

    def try_sign_in(self, password, email=EMAIL):
        """Send the form, and return its status and headers."""
        _, _, page = self.get("/accounts/sign-in/")
        token = found(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        body = {"csrfmiddlewaretoken": token, "username": email, "password": password}
        return self.get("/accounts/sign-in/", body=body)[:2]

    def style_sheet(self):
        """Return the address of a static file."""
        page = self.get("/accounts/sign-in/", anonymous=True)[2]
        return found(r'href="(/static/[^"]+\.css)"', page)

    def workers(self):
        """Return the process ids of the workers."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return {int(child) for child in children.split()}

    def kill_a_worker(self):
        """Kill one, and wait for another in its place."""
        before = self.workers()
        os.kill(min(before), signal.SIGKILL)
        wait_until(lambda: len(self.workers() - before) == 1)

    def _environment(self):
        return os.environ | {
            "API_URL": self.api_url,
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "DATABASE_URL": f"sqlite:///{self.folder}/web.sqlite3",
            "SIGNING_KEY_FILE": f"{self.folder}/key.pem",
        }

    def _manage(self, *command):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self._environment(),
            check=True,
            capture_output=True,
        )


def wait_until(condition):
    """Return when it holds; a busy machine has time."""
    until = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < until, "waited in vain"
        sleep(0.02)


def found(pattern, text):
    """Return the first group of what matches."""
    match = re.search(pattern, text)
    assert match, f"no {pattern} in {text[:200]}"
    return match[1]
