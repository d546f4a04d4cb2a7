"""May this be deployed? Each kind of change, in each situation, by a consumer that uses it, and by others."""

import json
from collections import Counter

import pytest

from contract.cli import main
from contract.release.store import ReleaseStore, dump
from contract.tests.kinds_of_use import KINDS, USED, contract_of, usage_of
from contract.tests.sampling import sample

VARIANTS = ("uses it", "uses what is beside it", "calls another operation", "handed in no usage")
SITUATIONS = ("an API before its UI", "a UI before its API", "the API rolled back", "the UI rolled back", "both at once",
              "a major beside the old one", "the same again")  # fmt: skip
# What breaks only who may use everything, strictly.
STRICT = frozenset({
    ("there", "answer: a text may be longer"), ("there", "answer: one more value"), ("back", "success: another status"),
})  # fmt: skip
OLD, NEW, MAJOR = (1, 0, 0), (1, 1, 0), (2, 0, 0)


def text(version):
    return ".".join(map(str, version))


def repository(root, *releases):
    """A contract with releases that no gate has judged."""
    (root / "releases").mkdir(parents=True)
    store = ReleaseStore(root)
    for version, document in releases:
        data = {**document.data, "info": {"title": "Test", "version": text(version)}}
        store.path(version).write_text(dump(data))
        store.record(store.path(version))
    return root


def run(root, *words):
    return main(["--root", str(root), *words])


def usage_file(root, usage, version, contract):
    """A consumer's usage as a file in its place; nothing where it handed in none."""
    if usage.operations is not None:
        data = {"usage": 1, "consumer": usage.consumer, "api": "Test", "contract": contract}
        data |= {"refusals": list(usage.refusals), "operations": dict(usage.operations)}
        path = root / "consumers" / usage.consumer / f"{version}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data))


def environment(root, api, **consumers):
    path = root / "environments" / "production.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"api": [text(one) for one in api], "consumers": consumers}))


def played(root, kind, variant, situation):
    """The answer's exit code in a situation."""
    last = MAJOR if situation == "a major beside the old one" else NEW
    repository(root, (OLD, contract_of()), (last, contract_of(kind.edit)))
    usage = usage_of(kind, variant)
    usage_file(root, usage, "1.0", text(OLD))
    usage_file(root, usage, "1.1", text(last))
    old, new = {"1.0": text(OLD)}, {"1.1": text(last)}
    api, runs, words = {
        "an API before its UI": ([OLD], old, [f"api={text(last)}"]),
        "a UI before its API": ([OLD], old, ["web=1.1", "--pin", text(last)]),
        "the API rolled back": ([last], new, [f"api={text(OLD)}"]),
        "the UI rolled back": ([last], new, ["web=1.0", "--pin", text(OLD)]),
        "both at once": ([OLD], old, [f"api={text(last)}", "web=1.1", "--pin", text(last)]),
        "a major beside the old one": ([OLD], old, [f"api={text(OLD)}", f"api={text(last)}"]),
        "the same again": ([last], new, [f"api={text(last)}", "web=1.1", "--pin", text(last)]),
    }[situation]
    environment(root, api, web=runs)
    return run(root, "can-i-deploy", *words, "--to", "production")


def expected(kind, variant, situation):
    """Whether it may go: the pin's release is held against the one that the API speaks afterwards."""
    way = {
        "an API before its UI": "there", "the UI rolled back": "there",
        "a UI before its API": "back", "the API rolled back": "back",
    }.get(situation, "")  # fmt: skip
    breaks = {"there": kind.there, "back": kind.back, "": False}[way]
    if variant == "handed in no usage":
        breaks = breaks or (way, kind.name) in STRICT
    return not (breaks and variant in ("uses it", "handed in no usage"))


def test_each_kind_of_change_in_each_situation(tmp_path, capsys, tell, long):
    cases = [(kind, variant, one) for one in SITUATIONS for variant in VARIANTS for kind in KINDS]
    counts, wrong = Counter(), []
    for number, (kind, variant, situation) in enumerate(sample(cases, lambda one: one[1:], 4, long)):
        code = played(tmp_path / str(number), kind, variant, situation)
        answer = capsys.readouterr()
        counts[code] += 1
        if code != (0 if expected(kind, variant, situation) else 1) or (code == 1) is not ("breaks web" in answer.out):
            wrong.append((kind.name, variant, situation, code, answer))
    tell(
        f"can-i-deploy: {len(KINDS)} kinds, {len(VARIANTS)} ways of use, {len(SITUATIONS)} situations: "
        f"{counts[0]} yes, {counts[1]} no, {len(wrong)} judged wrong"
    )
    assert wrong == []


def without_note(data):
    del data["components"]["schemas"]["Thing"]["properties"]["note"]


@pytest.fixture
def root(tmp_path):
    """Two releases, the newer without a field that one of three consumers reads; all of it runs in production."""
    repository(tmp_path, (OLD, contract_of()), (NEW, contract_of(without_note)))
    reads = {"web": USED, "mobile": {"list_things": {"reads": {"200": ["items[].id"]}}}}
    for name, operations in reads.items():
        data = {"usage": 1, "consumer": name, "api": "Test", "contract": "1.0.0", "operations": operations}
        (tmp_path / "usage.json").write_text(json.dumps(data))
        assert run(tmp_path, "consumer", "add", str(tmp_path / "usage.json"), "--version", "1.3") == 0
    assert run(tmp_path, "deployed", "api=1.0.0", "web=1.3", "mobile=1.3", "--to", "production") == 0
    assert run(tmp_path, "deployed", "report=7", "--pin", "1.0.0", "--to", "production") == 0
    return tmp_path


def test_each_consumer_that_breaks_is_named_with_the_reason(root, capsys):
    capsys.readouterr()
    assert run(root, "can-i-deploy", "api=1.1.0", "--to", "production") == 1
    out = capsys.readouterr().out
    assert out.startswith("api=1.1.0 to production: no\n")
    assert "breaks web 1.3 (pins 1.0.0; the API speaks 1.1.0) at list_things (things.list_things): reads " in out
    assert "breaks report 7 (pins 1.0.0; the API speaks 1.1.0): handed in no usage" in out
    assert "mobile" not in out


def test_a_deployment_of_one_consumer_asks_nothing_of_the_others(root, capsys):
    environment(root, [NEW], web={"1.3": "1.0.0"}, mobile={"1.3": "1.0.0"})
    capsys.readouterr()
    assert run(root, "can-i-deploy", "mobile=1.3", "--to", "production") == 0
    assert capsys.readouterr().out == "mobile=1.3 to production: yes\n"


def test_what_is_recorded_replaces_what_ran_under_that_name_and_leaves_the_rest(root):
    run(root, "deployed", "api=1.1.0", "--to", "production")
    run(root, "deployed", "web=1.4", "--pin", "1.1.0", "--to", "production")
    data = json.loads((root / "environments" / "production.json").read_text())
    assert data == {
        "api": ["1.1.0"],
        "consumers": {"mobile": {"1.3": "1.0.0"}, "report": {"7": "1.0.0"}, "web": {"1.4": "1.1.0"}},
    }


def test_several_versions_of_one_consumer_run_and_go(root):
    run(root, "deployed", "mobile=1.3", "mobile=1.10", "mobile=1.9", "--pin", "1.1.0", "--to", "production")
    data = json.loads((root / "environments" / "production.json").read_text())
    assert list(data["consumers"]["mobile"].items()) == [("1.3", "1.0.0"), ("1.9", "1.1.0"), ("1.10", "1.1.0")]
    run(root, "deployed", "mobile=", "--to", "production")
    assert "mobile" not in json.loads((root / "environments" / "production.json").read_text())["consumers"]


def test_an_older_api_that_lacks_nothing_may_stay_and_is_noted(root, capsys):
    data = {"usage": 1, "consumer": "web", "api": "Test", "contract": "1.1.0", "operations": {"check_ready": {}}}
    (root / "usage.json").write_text(json.dumps(data))
    run(root, "consumer", "add", str(root / "usage.json"), "--version", "1.4")
    capsys.readouterr()
    assert run(root, "can-i-deploy", "web=1.4", "--to", "production") == 0
    assert "web 1.4 pins 1.1.0, and the API speaks 1.0.0" in capsys.readouterr().out


def test_a_consumer_where_no_api_runs_may_not_go(root, capsys):
    run(root, "deployed", "--to", "staging")
    capsys.readouterr()
    assert run(root, "can-i-deploy", "web=1.3", "--to", "staging") == 1
    assert capsys.readouterr().out == "web=1.3 to staging: no\n  breaks web 1.3: no API runs there\n"
    assert run(root, "can-i-deploy", "api=1.0.0", "web=1.3", "--to", "staging") == 0


def test_a_handwritten_environment_may_leave_out_pins(root, capsys):
    path = root / "environments" / "production.json"
    path.write_text(json.dumps({"api": "1.0.0", "consumers": {"web": "1.3", "report": "?", "shop": "5"}}))
    for _ in "before", "after it was written again":
        capsys.readouterr()
        assert run(root, "can-i-deploy", "api=1.1.0", "--to", "production") == 1
        out = capsys.readouterr().out
        assert "breaks web 1.3 (pins 1.0.0" in out
        assert "breaks report ? (pins 1.0.0" in out
        assert "breaks shop 5 (pins 1.0.0" in out
        assert run(root, "deployed", "mobile=1.3", "--to", "production") == 0


QUESTIONS = {
    "an unknown environment": (["api=1.0.0", "--to", "prod"], "there is no environments/prod.json; there are: production"),
    "an environment elsewhere": (["api=1.0.0", "--to", "../x"], "is not a name such as production"),
    "an unknown release": (["api=9.9.9", "--to", "production"], "there is no release 9.9.9; there are: 1.0.0, 1.1.0"),
    "no release": (["api=latest", "--to", "production"], "'latest' is not a version such as 1.2.3"),
    "no version": (["web", "--to", "production"], "'web' is not NAME=VERSION"),
    "a strange name": (["We b=1", "--to", "production"], "is not a name such as web"),
    "a strange version": (["web=../1", "--to", "production"], "is not a version such as 1.3"),
    "an unknown version": (["web=9", "--to", "production"], "there are usages of web 1.3, none of 9"),
    "an unknown consumer": (["shop=1", "--to", "production"], "shop handed in no usage, none of 1"),
    "an unknown pin": (["shop=1", "--pin", "9.9.9", "--to", "production"], "there is no release 9.9.9"),
    "a strange pin": (["shop=1", "--pin", "x", "--to", "production"], "'x' is not a version such as 1.2.3"),
}  # fmt: skip


# The first deployment makes its environment.
ASKED = [("can-i-deploy", name) for name in QUESTIONS] + [("deployed", name) for name in list(QUESTIONS)[1:]]


@pytest.mark.parametrize(("verb", "name"), ASKED)
def test_a_question_that_cannot_be_answered_is_two_and_one_line(root, capsys, verb, name):
    words, told = QUESTIONS[name]
    before = (root / "environments" / "production.json").read_text()
    capsys.readouterr()
    assert run(root, verb, *words) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert told in line
    assert (root / "environments" / "production.json").read_text() == before


@pytest.mark.parametrize("deployments", [["web="], ["api=1.1.0", "web="], ["api="]])
def test_a_question_without_a_version_is_two_because_a_variable_may_be_unset(root, capsys, deployments):
    capsys.readouterr()
    assert run(root, "can-i-deploy", *deployments, "--to", "production") == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "names no version to deploy" in line


def test_the_first_deployment_to_an_environment_says_that_it_is_new(root, capsys):
    for told in ("new; commit it", "production.json: commit it"):
        capsys.readouterr()
        run(root, "deployed", "api=1.0.0", "--to", "staging" if "new" in told else "production")
        assert told in capsys.readouterr().out


FILES = {
    "no JSON": ("environments/production.json", "{", "not JSON"),
    "nothing": ("environments/production.json", "", "the file is empty"),
    "a merge": ("environments/production.json", "<<<<<<< ours\n{}\n", "not"),
    "no API": ("environments/production.json", '{"consumers": {}}', "'api' is a required property"),
    "a strange API": ("environments/production.json", '{"api": "one", "consumers": {}}', "/api"),
    "a strange consumer": ("environments/production.json", '{"api": "1.0.0", "consumers": {"web": 5}}', "/consumers/web"),
    "another pin": ("environments/production.json", '{"api": "1.0.0", "consumers": {"web": {"1.3": "1.1.0"}}}', "web 1.3 pins 1.0.0, and not 1.1.0"),
    "an API that is no release": ("environments/production.json", '{"api": "3.0.0", "consumers": {"web": "1.3"}}', "there is no release 3.0.0"),
    "a list of versions": ("environments/production.json", '{"api": "1.0.0", "consumers": {"web": ["1.3", "1.4"]}}', '["1.3", "1.4"] is not allowed. A version, such as'),
    "the API as a consumer": ("environments/production.json", '{"api": "1.0.0", "consumers": {"api": "1.0.0"}}', "`api` is the API itself"),
    "a usage that is none": ("consumers/web/1.3.json", "[]", "consumers/web/1.3.json"),
    "a usage of another": ("consumers/web/1.3.json", '{"usage": 1, "consumer": "x", "api": "Test", "contract": "1.0.0", "operations": {}}', "it is a usage of x, not of web"),
    "an altered release": ("releases/1.1.0.json", "{}", "releases/1.1.0.json was changed after its release"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_broken_is_two_and_one_line(root, capsys, name):
    file, content, told = FILES[name]
    (root / file).write_text(content)
    capsys.readouterr()
    assert run(root, "can-i-deploy", "web=1.3", "mobile=1.3", "--to", "production") == 2
    [line] = capsys.readouterr().err.splitlines()
    assert told in line
