"""Git servers over HTTP: one host each, some only with a token (git-http-backend behind a small server)."""

import base64
import contextlib
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Host:
    """A host of bare repositories below a folder, `owner/name.git`, and of files below `published`.

    With a token it is private: every request has to bring it. `tokens` has what was brought.
    """

    def __init__(self, folder, token=""):
        self.folder, self.token, self.tokens = folder, token, []
        self.server = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def create(self, name, repository, run):
        """Make a bare repository of what another one has; return its address."""
        run("git", "clone", "--quiet", "--bare", repository, self.folder / name)
        return f"{self.url}/{name}"

    @contextlib.contextmanager
    def serving(self):
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                host.answer(self)

            do_POST = do_GET

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            thread.join()
            self.server.server_close()

    def answer(self, request):
        """Answer as a git host does."""
        given = request.headers.get("Authorization", "")
        self.tokens.append(given)
        if self.token and self.token not in given and self.token not in _decoded(given):
            request.send_response(401)
            request.send_header("WWW-Authenticate", 'Basic realm="git"')
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        path, _, query = request.path.partition("?")
        published = self.folder / path.lstrip("/")
        if path.startswith("/published/"):
            _send(request, 200 if published.is_file() else 404, published.read_bytes() if published.is_file() else b"")
        else:
            self._backend(request, path, query)

    def _backend(self, request, path, query):
        variables = {
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "REMOTE_USER": "somebody",
            "REQUEST_METHOD": request.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            "PATH": os.environ["PATH"],
        }
        body = _body(request)
        variables["CONTENT_LENGTH"] = str(len(body))
        done = subprocess.run(["git", "http-backend"], input=body, env=variables, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
        _send(request, int(headers.pop("Status", "200")[:3]), content, headers)


def _body(request):
    if request.headers.get("Transfer-Encoding") != "chunked":
        return request.rfile.read(int(request.headers.get("Content-Length") or 0))
    parts = []
    while size := int(request.rfile.readline(), 16):
        parts.append(request.rfile.read(size))
        request.rfile.readline()
    request.rfile.readline()
    return b"".join(parts)


def _send(request, status, content, headers=None):
    request.send_response(status)
    for name, value in (headers or {}).items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)


def _decoded(header):
    with contextlib.suppress(ValueError):
        return base64.b64decode(header.partition(" ")[2]).decode(errors="replace")
    return ""
