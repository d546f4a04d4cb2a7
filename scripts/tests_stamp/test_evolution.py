"""Whatever `contract check` calls compatible leaves the earlier UI and its import as they were.

Each change of evolution/ is made in a stamped repository of the contract. An API that has it serves; the UI that was
stamped beside it, and the client that was generated for it, do what people do. Changes that do not touch each other are
played together; when something goes wrong they are played apart, until those at fault are known.
"""

import json
import os
import random
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from conftest import ROOT, link_environment, run
from evolution.catalogue import apart, changes, kinds

TOGETHER, TOGETHER_LONG = 90, 24  # changes that are played at once before the earlier UI
SEED = 20261126
SERVER_ERROR = re.compile(r": 5\d\d instead of")
# Prints what the UI's own test leaves out, when it runs its suite after a pin: what meets no contract, and takes long.
LEFT_OUT = "import json; from contract.tests.test_changes import LEFT_OUT; print(json.dumps(LEFT_OUT))"


class Worker:
    """A program that answers each line with a line of JSON, in the environment of one side."""

    def __init__(self, repository, module, log):
        self.log = log.open("w")
        self.process = subprocess.Popen(
            [repository / ".venv" / "bin" / "python", "-m", f"evolution.{module}"], cwd=repository, text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.log,
        )  # fmt: skip

    def ask(self, question):
        assert self.process.stdin
        assert self.process.stdout
        print(question, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        assert answer, f"it ended:\n{Path(self.log.name).read_text()[-3000:]}"
        return json.loads(answer)

    def stop(self):
        self.process.communicate()
        self.log.close()


class Stamped:
    """A contract in which changes are made, and the UI in front of an API that has them."""

    def __init__(self, contracts, web, logs):
        self.contracts, self.web, self.logs = contracts, web, logs
        self.gate = Worker(contracts, "gate", logs / "gate.log")
        self.ui = Worker(web, "journeys", logs / "ui.log")
        self.changes = changes(json.loads((contracts / "openapi.json").read_bytes()))

    def stop(self):
        self.gate.stop()
        self.ui.stop()

    def judge(self, chosen):
        """Return what `contract check` says of these changes together."""
        return self.gate.ask(json.dumps([change.name for change in chosen]))

    def wrong(self, chosen):
        """Return what is wrong with these changes together, a line each."""
        verdict = self.judge(chosen)
        if verdict["code"] != 0:
            return [f"contract check says {verdict['verdict']}: {verdict['why']}"]
        failed = self.ui.ask(verdict["url"])
        return [f"{journey}: {words}" for journey, words in failed.items() if not excused(words, chosen)]

    def at_fault(self, chosen):
        """Return the fewest changes with which something is wrong, by name, and what it is."""
        wrong = self.wrong(chosen)
        if not wrong:
            return {}
        if len(chosen) == 1:
            return {chosen[0].name: wrong}
        half = len(chosen) // 2
        found = self.at_fault(chosen[:half]) | self.at_fault(chosen[half:])
        return found or {" and ".join(change.name for change in chosen): wrong}


def excused(words, chosen):
    """Tell whether a journey ended on what was announced, or on a refusal that its page shows as one."""
    if any(change.refuses for change in chosen):
        return not SERVER_ERROR.search(words)
    return any(re.search(said, words) for change in chosen for said in change.gone)


@pytest.fixture(scope="module")
def stamped(raeder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("evolution")
    for part in ("contracts", "web"):
        shutil.copytree(raeder / f"blue-sky-raeder-{part}", folder / part)
        link_environment(ROOT / part, folder / part)
    stamped = Stamped(folder / "contracts", folder / "web", folder)
    yield stamped
    stamped.stop()


@pytest.fixture
def long(pytestconfig):
    return pytestconfig.getoption("--long")


@pytest.fixture
def chosen(stamped, long):
    """One change of each kind, or all."""
    if long:
        return list(stamped.changes.values())
    pick = random.Random(SEED)
    return [pick.choice(found) for found in kinds(stamped.changes.values()).values()]


@pytest.fixture
def spread(stamped, long):
    """One change of each kind, where few others are made, so that many are played at once; or all."""
    if long:
        return list(stamped.changes.values())
    pick, chosen = random.Random(SEED), []
    altered: Counter[str] = Counter()
    for found in sorted(kinds(stamped.changes.values()).values(), key=len):
        change = min(pick.sample(found, len(found)), key=lambda one: altered[one.alters])
        altered[change.alters] += bool(change.alters)
        chosen.append(change)
    return chosen


def told(faults):
    return "\n".join(f"{name}\n    " + "\n    ".join(wrong[:5]) for name, wrong in faults.items())


def test_compatible_changes_leave_the_earlier_ui_and_its_import_as_they_were(stamped, spread, long, record_property):
    compatible = [change for change in spread if not change.stops]
    faults: dict[str, list[str]] = {}

    for group in apart(compatible, TOGETHER_LONG if long else TOGETHER):
        faults |= stamped.at_fault(group)

    assert not faults, told(faults)
    record_property("changes of the contract, played before the earlier UI", len(compatible))
    record_property("kinds of changes, played before the earlier UI", len(kinds(compatible)))


def test_changes_that_break_or_are_against_the_house_rules_are_stopped(stamped, chosen, record_property):
    stopping = [change for change in chosen if change.stops]

    passed = [change.name for change in stopping if stamped.judge([change])["code"] == 0]

    assert passed == []
    record_property("changes of the contract that are stopped", len(stopping))
    record_property("kinds of changes that are stopped", len(kinds(stopping)))


def test_the_ui_that_pins_them_does_what_it_did(stamped, chosen, long, tmp_path, subtests, record_property):
    kept = [change for change in chosen if not (change.stops or change.source or change.announce)]
    refusing = [change for change in kept if change.refuses]
    groups = apart([change for change in kept if not change.refuses], len(kept))

    for number, group in enumerate(groups if long else groups[:1]):
        with subtests.test(group=number):
            web = pinned(stamped, group, tmp_path / str(number))
            worker = Worker(web, "journeys", tmp_path / f"{number}.log")
            failed = worker.ask(stamped.judge(group)["url"])
            worker.stop()
            assert failed == {}, [change.name for change in group]
            red = suite(web) if long else []
            assert not red, [change.name for change in group] + red
    if long:
        red = suite(pinned(stamped, refusing, tmp_path / "refusing"))
        assert not red, [change.name for change in refusing] + red
    counted = kept if long else groups[0]
    record_property("changes of the contract, pinned by the UI", len(counted))
    record_property("kinds of changes, pinned by the UI", len(kinds(counted)))


def suite(web):
    """Run the tests of a UI; return their last lines when they are not green."""
    python = web / ".venv" / "bin" / "python"
    left_out = json.loads(run(python, "-c", LEFT_OUT, cwd=web).stdout)
    command = (python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"--ignore={path}" for path in left_out))
    done = run(*command, cwd=web, check=False)
    return [] if done.returncode == 0 else done.stdout[-5000:].splitlines()


def pinned(stamped, group, folder):
    """Return a copy of the UI that has pinned a release with these changes."""
    contracts = shutil.copytree(stamped.contracts, folder / "contracts", symlinks=True)
    web = shutil.copytree(stamped.web, folder / "web", symlinks=True)
    shutil.copy(stamped.judge(group)["draft"], contracts / "openapi.json")
    before = set((contracts / "releases").glob("*.json"))
    run(contracts / "scripts" / "contract", "release")
    (made,) = set((contracts / "releases").glob("*.json")) - before
    run(web / "scripts" / "contract", "pin", made.stem, "--contracts", contracts)
    return web
