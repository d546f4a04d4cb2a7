"""A real HTTP server that misbehaves as a script says, and a person to call it as."""

import socket
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec

from contract.document import pinned
from contract.tests.examples import body

HEALTH = msgspec.json.encode(body("Health", status="ok"))
PROBLEM = body("ProblemDetails", type="/x", title="No", instance="/", trace_id="abc")
PROBLEM |= {"detail": "", "errors": [], "current": {}}


class Tokens:
    """A person whose tokens are numbered."""

    subject = "1"
    scopes = frozenset({"widgets:read"})

    def __init__(self):
        self.number = 1

    def token(self, *, fresh=False):
        self.number += fresh
        return f"token-{self.number}"


class Server(ThreadingHTTPServer):
    """A real HTTP server that answers from a list of scripts, one a request."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.scripts = []
        self.seen = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, *args):
        """Stay quiet."""

    def answer(self):
        length = int(self.headers.get("Content-Length", 0))
        self.server.seen.append(
            (self.command, self.path, dict(self.headers), self.rfile.read(length))
        )
        scripts = self.server.scripts
        (scripts.pop(0) if len(scripts) > 1 else scripts[0])(self)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer


def release(*, majors=0, minors=0):
    """Return a release that is so many majors and minors after the pinned one."""
    major, minor, _ = map(int, pinned().version.split("."))
    return f"{major + majors}.{minor + minors}.0"


def reply(status=200, body=HEALTH, **headers):
    def script(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return script


def problem(status, **fields):
    body = msgspec.json.encode(PROBLEM | {"status": status} | fields)
    return reply(status, body, Content_Type="application/problem+json")


def hang_up(handler):
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def endless(pause, chunk):
    def script(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(chunk)
                time.sleep(pause)
        except OSError:
            handler.close_connection = True

    return script
