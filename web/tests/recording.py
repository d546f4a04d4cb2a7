"""pytest plugin that records what this UI sends and reads: ``scripts/contract usage`` runs it.

Reads are noted by the tolerant reader while the pages' tests run; parameters and the fields of
bodies come from the source of the gateways. The run adds which of them are in every request, and
what a page reads of a refusal. What a test asks without a gateway is not this UI's and is left out.
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
        found = self.refusals if status >= 400 else self.reads[call.operation][str(status)]
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


def tests() -> list[str]:
    """Return the tests of the pages that ask gateways."""
    folders = [path.parent / "tests" for path in gateway_files()]
    apps = [str(folder) for folder in folders if folder.parent.name != "core" and folder.is_dir()]
    return [*apps, *(str(ROOT / "core" / "tests" / name) for name in CORE)]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --usage."""
    parser.addoption("--usage", type=Path, help="write what the API is used for to this file")


def pytest_configure(config: pytest.Config) -> None:
    """Run the pages' tests and all of them, whatever else is asked for."""
    config.args = tests()
    config.pluginmanager.register(Session(config.getoption("--usage")))


class Session:
    """Listens from the first test to the last."""

    def __init__(self, target: Path) -> None:
        self.target, self.recorder, self.partial = target, Recorder(), False

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave out the tests of wrong answers."""
        return collection_path.name in LEFT_OUT or None

    def pytest_deselected(self) -> None:
        """Note that a test was left out: a part of the suite knows a part of the usage."""
        self.partial = True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Iterator[None]:
        """Listen while the tests run."""
        with self.recorder.listening():
            return (yield)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write the file, unless a test failed or was left out."""
        if exitstatus == 0 and not self.partial:
            document = Document(json.loads(PATH.read_bytes()))
            operations = self.recorder.operations(gateway_files(), document)
            text = usage.text(CONSUMER, document, operations, self.recorder.refusals)
            self.target.write_text(text, encoding="utf-8")
