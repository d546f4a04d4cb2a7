"""A repository's own scripts/setup on the machines that people have: it works, or ends in one right line."""

import base64
import hashlib
import io
import os
import shutil
import ssl
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from conftest import PARTS, ROOT, run_in

UV = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
BLOCKED = """
import os, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name in os.environ["BLOCKED"].split():
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocked())
"""


def make_wheel():
    """Return the bytes of a package that holds one module."""
    files = {
        "tiny.py": "",
        "tiny-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        "tiny-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},\n"
        for name, text in files.items()
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in {**files, "tiny-1.0.dist-info/RECORD": record}.items():
            archive.writestr(name, text)
    return content.getvalue()


WHEEL = make_wheel()
DIGEST = hashlib.sha256(WHEEL).hexdigest()


class Index(BaseHTTPRequestHandler):
    """A package index that has one package, and is a proxy to itself."""

    def do_GET(self):
        path = "/" + self.path.split("://", 1)[-1].split("/", 1)[-1]
        if path == "/simple/tiny/":
            self.answer(200, "text/html", f'<a href="/tiny-1.0-py3-none-any.whl#sha256={DIGEST}">t</a>'.encode())
        elif path == "/tiny-1.0-py3-none-any.whl":
            self.answer(200, "application/octet-stream", WHEEL)
        else:
            self.answer(404, "text/plain", b"")

    do_HEAD = do_GET

    def answer(self, status, kind, content):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A company's own: the path of its certificate, and what a server shows."""
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return path, context


@pytest.fixture(scope="module")
def indexes(authority):
    """The index over HTTP and over HTTPS: their ports."""
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Index) for _ in range(2)]
    servers[1].socket = authority[1].wrap_socket(servers[1].socket, server_side=True)
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield [server.server_address[1] for server in servers]
    for server in servers:
        server.shutdown()
        server.server_close()


# Which modules this Python lacks, whether there is uv.
MACHINES = {
    "uv": ("", True),
    "uv, no pip": ("pip ensurepip", True),
    "pip": ("", False),
    "no python3-venv": ("ensurepip", False),
    "neither": ("pip ensurepip", False),
}


def networks(indexes, authority):
    """Return the environment of each network, and whether packages can be had there."""
    http, https = indexes
    plain, secure = f"http://127.0.0.1:{http}/simple", f"https://127.0.0.1:{https}/simple"
    hidden = "http://index.test/simple"
    proxy = {"PIP_TRUSTED_HOST": "index.test", "http_proxy": f"http://127.0.0.1:{http}"}
    return {
        "open": ({"UV_DEFAULT_INDEX": plain, "PIP_INDEX_URL": plain}, True),
        "own authority": (
            {"UV_DEFAULT_INDEX": secure, "PIP_INDEX_URL": secure, "SSL_CERT_FILE": str(authority[0])},
            True,
        ),
        "unknown authority": ({"UV_DEFAULT_INDEX": secure, "PIP_INDEX_URL": secure}, False),
        "proxy": ({"UV_DEFAULT_INDEX": hidden, "PIP_INDEX_URL": hidden} | proxy, True),
        "none": ({"UV_DEFAULT_INDEX": "http://127.0.0.1:9/", "PIP_INDEX_URL": "http://127.0.0.1:9/"}, False),
    }


NETWORKS = ("open", "own authority", "unknown authority", "proxy", "none")
# Every machine and every network; the other pairs take long.
USUAL = {
    ("uv", "open"),
    ("uv", "proxy"),
    ("uv, no pip", "own authority"),
    ("uv, no pip", "unknown authority"),
    ("neither", "none"),
    ("pip", "own authority"),
    ("no python3-venv", "open"),
    ("neither", "open"),
}
PAIRS = [
    pytest.param(*pair, marks=[] if pair in USUAL else pytest.mark.long)
    for pair in ((machine, network) for machine in MACHINES for network in NETWORKS)
]


@pytest.mark.parametrize(("machine", "network"), PAIRS)
def test_the_environment_is_made_or_one_line_says_what_to_do(machine, network, indexes, authority, tmp_path):
    blocked, has_uv = MACHINES[machine]
    environment, reachable = networks(indexes, authority)[network]
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "contracts" / "scripts" / "setup", tmp_path / "scripts")
    (tmp_path / "requirements-dev.txt").write_text(f"tiny==1.0 --hash=sha256:{DIGEST}\n")
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "sitecustomize.py").write_text(BLOCKED)
    (tmp_path / "bin").mkdir()
    if has_uv:
        (tmp_path / "bin" / "uv").symlink_to(UV)
    environment |= {
        "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(tmp_path / "modules"),
        "BLOCKED": blocked,
        "PIP_CONFIG_FILE": os.devnull,
        "UV_NO_CONFIG": "1",
        "UV_HTTP_RETRIES": "0",
        "PIP_RETRIES": "0",
    }

    done = run_in(environment, sys.base_prefix + "/bin/python3", tmp_path / "scripts" / "setup")

    if reachable and machine != "neither":
        assert done.returncode == 0, done.stderr
        run_in(environment, tmp_path / ".venv" / "bin" / "python", "-c", "import tiny", check=True)
    else:
        assert done.returncode == 2, done.stderr
        assert "Traceback" not in done.stderr
        wanted = "python3-venv" if machine == "neither" else "SSL_CERT_FILE"
        assert wanted in done.stderr.splitlines()[-1]


PRETEND = """
import runpy, sys

sys.version_info, sys.version = (3, 10, 14, "final", 0), "3.10.14 (pretended)"
runpy.run_path(sys.argv[1], run_name="__main__")
"""
# Where this machine has them; one that only says that it is old shows the order of things everywhere.
PYENV = Path.home() / ".pyenv" / "versions"
OLD = [str(path) for minor in (6, 7, 8, 9, 10) for path in PYENV.glob(f"3.{minor}.*/bin/python3")]
SCRIPTS = ["run", "test", "new", "setup", "bench", *(f"../{part}/scripts/setup" for part in PARTS)]


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("python", ["pretended", *OLD])
def test_an_old_python_is_told_so_in_one_line(python, script):
    command = [sys.executable, "-c", PRETEND] if python == "pretended" else [python]

    done = run_in({"PATH": os.environ["PATH"]}, *command, ROOT / "scripts" / script)

    assert done.returncode == 2
    assert done.stderr.startswith("Python 3.11 or newer is needed; this is 3.")
    assert len(done.stderr.splitlines()) == 1


def test_the_copies_of_setup_are_the_same():
    one, *others = ((ROOT / part / "scripts" / "setup").read_text() for part in PARTS)

    assert others == [one, one]


def test_the_template_s_own_setup_makes_the_environment_of_a_folder(indexes, authority, tmp_path):
    environment, _ = networks(indexes, authority)["open"]
    for name in ("scripts/setup", "contracts/scripts/setup"):
        (tmp_path / name).parent.mkdir(parents=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "scripts" / "e2e").mkdir()
    (tmp_path / "scripts" / "e2e" / "requirements.txt").write_text(f"tiny==1.0 --hash=sha256:{DIGEST}\n")
    environment |= {"PATH": f"{Path(UV).parent}:/usr/bin:/bin", "HOME": str(tmp_path), "UV_NO_CONFIG": "1"}

    run_in(environment, sys.executable, tmp_path / "scripts" / "setup", "e2e", check=True)

    run_in(environment, tmp_path / "scripts" / "e2e" / ".venv" / "bin" / "python", "-c", "import tiny", check=True)


def test_another_comment_in_the_requirements_needs_no_new_environment(indexes, authority, tmp_path):
    environment, _ = networks(indexes, authority)["open"]
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "contracts" / "scripts" / "setup", tmp_path / "scripts")
    requirements = tmp_path / "requirements-dev.txt"
    environment |= {"PATH": f"{Path(UV).parent}:/usr/bin:/bin", "HOME": str(tmp_path), "UV_NO_CONFIG": "1"}
    line = f"tiny==1.0 --hash=sha256:{DIGEST}\n"

    outputs = []
    other = line.rstrip() + f" --hash=sha256:{'0' * 64}\n"
    for text in (line, line + "    # via acme\n", other + "# more\n"):
        requirements.write_text(text)
        outputs.append(run_in(environment, sys.executable, tmp_path / "scripts" / "setup").stderr)

    assert ["Setting up" in output for output in outputs] == [True, False, True]
