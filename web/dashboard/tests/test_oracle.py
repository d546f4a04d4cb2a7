"""usage.json tells which changes of the API break these pages; the pages are the judge."""

import json
from functools import partial
from itertools import chain

import pytest

from contract.document import pinned
from contract.usage import USAGE
from core.tests.misread import wrongs
from core.tests.oracle import RULES, Judgement, edits, larger, reads, requests_of, sends, values
from dashboard.tests import shop
from tests.sampling import sample


@pytest.fixture
def usage():
    """What the file says, if it is of this pin."""
    found = json.loads(USAGE.read_bytes()) if USAGE.is_file() else {"contract": "none"}
    if found["contract"] != pinned().version:
        pytest.skip(f"usage.json is of {found['contract']}: run scripts/contract usage")
    return found["operations"]


@pytest.fixture
def planned(api):
    """Plan a right answer of every operation."""
    found = shop.answers(api)
    for operation, (status, body) in found.items():
        api.plan(operation, status, body)
    return found


def witnesses(answers):
    """Return each answer that an API may give after an edit, with the rule that it breaks."""
    for operation, (status, body) in answers.items():
        for wrong in wrongs(operation, status, body) if body else ():
            is_break = not wrong.is_promised or wrong.kind not in ("null", "missing")
            if wrong.kind in RULES and is_break:
                yield operation, RULES[wrong.kind], wrong.path, wrong.body
        for path, rule, changed in larger(body):
            yield operation, rule, path, changed


def test_answers(editor, api, planned, usage, pytestconfig, record_property, monkeypatch):
    acts = {operation: done[:1] for operation, done in shop.writes(editor, api).items()}
    for url, operations in shop.READS.items():
        for operation in operations:
            acts.setdefault(operation, []).append(partial(editor.get, url))
    tried = sample(pytestconfig, witnesses(planned), lambda each: each[0], each=10)
    monkeypatch.setattr(api, "_check", lambda *_: None)  # what was answered may be sent on
    judgement = Judgement()
    for operation, rule, path, body in tried:
        status, right = planned[operation]
        api.planned[operation] = [(status, body, 0)]
        broke = any(act().status_code >= 500 for act in acts[operation])
        api.planned[operation] = [(status, right, 0)]
        foretold = reads(rule, path, usage[operation], status)
        judgement.add(f"{operation}: {path} {rule}", foretold=foretold, broke=broke)

    record_property(f"changes of answers, {judgement}", len(tried))
    assert judgement.recall >= 0.95, judgement.wrong
    if pytestconfig.getoption("long"):  # a sample has too few for a ratio
        assert judgement.precision >= 0.94, judgement.wrong


def test_requests(editor, api, planned, usage, record_property):
    for act in chain(shop.reads(editor), *shop.writes(editor, api).values()):
        assert act().status_code < 400
    requests, judgement, count = requests_of(api), Judgement(), 0
    for operation in pinned().operations.values():
        if operation.id not in planned:
            continue  # a page of your own calls it, and is not visited here
        sent = [request for request in requests if request.operation == operation.id]
        bodies = [values(request.body, "", lambda value: value) for request in sent]
        known = {path for found in bodies for path, _, _ in found}
        for edit in edits(operation, pinned(), sent):
            within = edit.field.rpartition(".")[0] if edit.rule == "required" else edit.field
            if edit.place == "body" and within and within not in known:
                continue  # People may send it; these requests, which are older, do not.
            broke = not all(map(edit.accepts, sent))
            foretold = operation.id in usage and sends(edit, usage[operation.id])
            judgement.add(str(edit), foretold=foretold, broke=broke)
            count += 1

    record_property(f"changes of requests, {judgement}", count)
    assert judgement.recall >= 0.95, judgement.wrong
    assert judgement.precision >= 0.94, judgement.wrong
