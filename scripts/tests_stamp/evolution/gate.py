"""Judges changes by `contract check`, and serves an API for those that pass; in the environment of contracts/.

It reads names of changes, a JSON list a line, and answers each with one line of JSON. The folder that it stands in is
a stamped repository of the contract.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
import tempfile
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import contract.mock.api
from contract import cli
from contract.mock.server import Mock, server
from contract.openapi.document import load
from contract.release.release import release
from contract.release.store import ReleaseStore, dump, write

from evolution.catalogue import changes
from evolution.changes import Change, Json, nodes, operations
from evolution.shop import PAGE, Shop

contract.mock.api.PAGE = PAGE
HERE = Path.cwd()


def drop_dead_links(raw: Json) -> None:
    """Drop links to an operation or from a header that is gone, as an API does that derives its links."""
    known = {spec["operationId"] for _, _, spec in operations(raw)}
    for node in nodes(raw):
        links = node.get("links")
        if isinstance(links, dict):
            headers = {name.lower() for name in node.get("headers") or {}}
            for name, link in list(links.items()):
                takes_etag = "$response.header.ETag" in (link.get("parameters") or {}).values()
                if link.get("operationId") not in known or (takes_etag and "etag" not in headers):
                    del links[name]
            if not links:
                del node["links"]


class Gate:
    """A contract's repository in which each change is the draft, in turn."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.number = folder, 0
        self.released = json.loads((HERE / "openapi.json").read_bytes())
        self.changes = changes(self.released)
        self.serving: ThreadingHTTPServer | None = None

    def judge(self, names: list[str]) -> Json:
        """Return what `contract check` says of these changes together, and where the API is that has them."""
        self.number += 1
        root = self.folder / str(self.number)
        root.mkdir()
        shutil.copytree(HERE / "releases", root / "releases")
        for name in ("NEXT.md", ".contract.toml"):
            shutil.copy(HERE / name, root)
        store, chosen = ReleaseStore(root), [self.changes[name] for name in names]
        draft = json.loads(json.dumps(self.released))
        self._announce(store, draft, chosen)
        for change in chosen:
            change.apply(draft)
        drop_dead_links(draft)
        write(store.draft, dump(draft))
        said = io.StringIO()
        errors = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(errors):
            code = cli.main(["--root", str(root), "check", "--format", "json"])
        found = json.loads(said.getvalue()) if code in (0, 1) else {"verdict": "none", "findings": []}
        answer = {
            "code": code,
            "verdict": found["verdict"] if code == 0 or found["verdict"] == "breaking" else "refused",
            "source": any(one.get("verdict") == "source" for one in found["findings"]),
            "why": [one.get("text", "") for one in found["findings"]][:3] + errors.getvalue().splitlines()[:3],
            "draft": str(store.draft),
            "url": "",
        }
        if code == 0:
            answer["url"] = self.serve(store, chosen)
        return answer

    def _announce(self, store: ReleaseStore, draft: Json, chosen: list[Change]) -> None:
        """Release what announces the end of what is removed, until today."""
        announcements = [change.announce for change in chosen if change.announce]
        for announce in announcements:
            announce(draft)
        if announcements:
            write(store.draft, dump(draft))
            release(store, None)
            draft.update(json.loads(store.draft.read_bytes()))

    def serve(self, store: ReleaseStore, chosen: list[Change]) -> str:
        """Start the API of a draft, as of its next release; the one before ends."""
        self.stop()
        document = load(store.draft)
        major, minor, _ = document.data["info"]["version"].split(".")
        document.data["info"]["version"] = f"{major}.{int(minor) + 1}.0"
        shown: dict[str, Json] = {}
        refuses: dict[str, int] = {}
        for change in chosen:
            refuses |= change.refuses
            for place, values in change.stored.items():
                shown.setdefault(place, {}).update(values)
        self.serving = server(Mock(Shop(document, shown, refuses)), 0)
        self.serving.daemon_threads = True
        threading.Thread(target=self.serving.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{self.serving.server_port}"

    def stop(self) -> None:
        """End the API that is served."""
        if self.serving:
            self.serving.shutdown()
            self.serving.server_close()


def main() -> None:
    """Judge until the input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr  # The API's log is no answer.
    with tempfile.TemporaryDirectory() as folder:
        gate = Gate(Path(folder))
        for line in sys.stdin:
            answer: Any = gate.judge(json.loads(line))
            print(json.dumps(answer), file=answers, flush=True)
        gate.stop()


if __name__ == "__main__":
    main()
