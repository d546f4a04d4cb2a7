"""pytest plugin that records what this UI sends and reads: usage.json, by contract/usage.py.

Reads are noted by the tolerant reader while the pages' tests run; parameters and the fields of
bodies come from the source of the gateways. The run adds which of them are in every request, and
what a page reads of a refusal. What a test asks without a gateway is not this UI's and is left out.
A run of all these tests tells the usage: ``scripts/contract usage`` writes it, a test compares it.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
import pytest

from contract import gateways, usage
from contract.call import Call
from contract.document import PATH, Document, Operation
from contract.reader import Answer
from core import api
from core.resource_gateway import ResourceGateway
from core.response import Reply

ROOT = PATH.parent
CONSUMER = "web"  # the folder in consumers/ of the contracts repository
# The tests of core run on widgets: these are about its own call, and about reading refusals.
CORE = ("test_home.py", "test_edit.py", "test_once.py", "test_resource_views.py")
# Answers with something wrong in them say nothing about what pages read.
LEFT_OUT = ("test_misread.py", "test_oracle.py")


class Recorder:
    """What was asked and read so far."""

    def __init__(self) -> None:
        self.callers: dict[str, set[str]] = defaultdict(set)
        self.reads: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.refusals: set[str] = set()
        self.requests: dict[str, list[dict[str, set[str]]]] = defaultdict(list)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note each answer of the API, and what is read of it."""
        plain = api.answer_of

        def answer_of(call: Call[Any], reply: Reply, remember: Callable[..., None]) -> Answer:
            answer = plain(call, reply, remember)
            return replace(answer, note=self.note(call, reply.status) or answer.note)

        api.answer_of = answer_of
        try:
            yield
        finally:
            api.answer_of = plain

    def note(self, call: Call[Any], status: int) -> Callable[[str], None] | None:
        """Note a request; return who hears what is read of its answer."""
        caller = gateway(sys._getframe(2))
        if caller is None:
            return None
        self.callers[call.operation].add(caller)
        self.requests[call.operation].append(sent(call))
        # One piece of code reads every refusal, whatever its operation and status.
        found = self.refusals if status >= 300 else self.reads[call.operation][str(status)]
        return lambda path: found.add(usage.without_indexes(path))

    def operations(self, files: list[Path], document: Document) -> dict[str, Any]:
        """Return the ``operations`` of usage.json.

        An operation that no test has called counts as read in whole.
        """
        found, unread = gateways.sent(files, document), gateways.unread(files)
        return {
            operation.id: {
                "by": sorted(self.callers[operation.id]),
                **{place: self.sent(operation, place, parts) for place in parts},
                "reads": self.read(operation.id)
                if self.callers[operation.id] or name in unread
                else gateways.answers(operation, document),
            }
            for name, parts in found.items()
            for operation in [document.operations[name]]
        }

    def sent(self, operation: Operation, place: str, parts: dict[str, set[str]]) -> list[str]:
        """Return what an operation may be sent in one place, with ``?`` where not always."""
        if place == "path":
            return sorted(parts[place])
        requests = [request[place] for request in self.requests[operation.id]]
        if place == "body" and operation.method == "PATCH":
            requests.append(set())  # A person may change any field, and leave any.
        return usage.marked(parts[place].union(*requests), requests)

    def read(self, name: str) -> dict[str, list[str]]:
        """Return what is read of an operation's successful answers, by status."""
        reads = sorted(self.reads[name].items())
        return {status: usage.leaves(paths) for status, paths in reads if paths}


def sent(call: Call[Any]) -> dict[str, set[str]]:
    """Return what one request has, by its place."""
    body = msgspec.to_builtins(call.body, enc_hook=str) if call.body is not msgspec.UNSET else None
    return {
        "query": {name for name, value in call.query.items() if value is not None},
        "header": {name.lower() for name, value in call.headers.items() if value is not None},
        "path": set(),
        "body": {usage.without_indexes(path) for path in usage.paths(body)},
    }


def gateway(frame: FrameType | None) -> str | None:
    """Return what called the API, as ``app.function``; None when a test did without a gateway."""
    while frame:
        path, caller = Path(frame.f_code.co_filename), frame.f_locals.get("self")
        if path.name == "gateway.py":
            return f"{path.parent.name}.{frame.f_code.co_name}"
        if isinstance(caller, ResourceGateway):
            return f"{app_of(caller)}.{frame.f_code.co_name}"
        if path.parent.name == "tests":
            return None
        frame = frame.f_back
    return None


def app_of(caller: ResourceGateway[Any, Any]) -> str:
    """Return the app whose gateway module has declared this one."""
    modules = (m for name, m in list(sys.modules.items()) if name.endswith(".gateway"))
    own = [m for m in modules if any(value is caller for value in vars(m).values())]
    names = [module.__name__.split(".")[-2] for module in own]
    return names[0] if names else "core"


def gateway_files() -> list[Path]:
    """Return the gateways of the apps and of core."""
    return sorted(ROOT.glob("*/gateway.py"))


def folders() -> list[Path]:
    """Return where the tests of pages that ask gateways are."""
    apps = [path.parent for path in gateway_files() if path.parent.name != "core"]
    return [app / "tests" for app in apps] + [ROOT / "core" / "tests" / name for name in CORE]


def is_recorded(path: Path) -> bool:
    """Tell whether the tests of a file say what pages send and read."""
    return path.name not in LEFT_OUT and any(path.is_relative_to(each) for each in folders())


def files() -> set[Path]:
    """Return every file of tests that says what pages send and read."""
    found = (each.rglob("test_*.py") if each.is_dir() else [each] for each in folders())
    return {path for each in found for path in each if is_recorded(path)}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --usage."""
    parser.addoption("--usage", type=Path, help="run the pages' tests, write what they use here")


def pytest_configure(config: pytest.Config) -> None:
    """Listen; with --usage, run the pages' tests and all of them, whatever else is asked for."""
    target = config.getoption("--usage")
    if target:
        config.args = sorted(map(str, files()))
    config.pluginmanager.register(Session(config, target), "recording")


class Session:
    """Listens while the tests of pages run; all others meet the reader as a page does."""

    def __init__(self, config: pytest.Config, target: Path | None) -> None:
        self.target, self.recorder = target, Recorder()
        self.left = files()
        self.is_partial = any("::" in argument for argument in config.args)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Note that a test was left out: a part of the tests knows a part of the usage."""
        self.is_partial = self.is_partial or any(is_recorded(item.path) for item in items)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Run the tests of the usage last."""
        items.sort(key=lambda item: item.path.name == "test_usage.py")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Listen while a test runs that says what pages send and read."""
        if not is_recorded(item.path):
            return (yield)
        self.left.discard(item.path)
        with self.recorder.listening():
            return (yield)

    def text(self, session: pytest.Session) -> str | None:
        """Return the file; None if a test failed or was left out."""
        if session.testsfailed or self.left or self.is_partial:
            return None
        document = Document(json.loads(PATH.read_bytes()))
        operations = self.recorder.operations(gateway_files(), document)
        return usage.text(CONSUMER, document, operations, self.recorder.refusals)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the file."""
        if self.target and (text := self.text(session)):
            self.target.write_text(text, encoding="utf-8")
