"""Whom a break hurts: consumers hand in what they use, and each finding says what it does to them."""

import copy
import json
from collections import Counter

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from contract.cli import main
from contract.compare import compare
from contract.consumers.harm import effect, matters
from contract.consumers.usage import Usage, as_text, concern, is_within
from contract.findings.sentences import effect_sentences
from contract.openapi.direction import Direction
from contract.openapi.document import Document, load
from contract.openapi.place import Part
from contract.release.store import ReleaseStore, dump
from contract.schema.sample import Sampler
from contract.schema.validator import Judge
from contract.schema.view import Side
from contract.tests.building import EXAMPLE, S, document, obj
from contract.tests.kinds_of_use import KINDS, NEEDS, USED, contract_of, usage_of
from contract.tests.mutations import schema_mutants
from contract.tests.sampling import sample

VARIANTS = ("uses it", "uses what is beside it", "calls another operation", "handed in no usage")


@pytest.mark.parametrize("way", ["there", "back"])
def test_each_kind_of_change_breaks_those_who_use_what_changed(way, tell):
    counts, wrong = Counter(), []
    for kind in KINDS:
        old, new = contract_of(), contract_of(kind.edit)
        (old, new), breaks = ((old, new), kind.there) if way == "there" else ((new, old), kind.back)
        findings = [one for one in compare(old, new) if matters(one)]
        for variant in VARIANTS:
            usage = usage_of(kind, variant)
            expected = bool(findings) if variant == "handed in no usage" else breaks and variant == "uses it"
            hurt = any(effect(finding, usage).harms for finding in findings)
            counts["hurt" if expected else "harmless"] += 1
            if hurt is not expected:
                wrong.append((kind.name, variant, [(one.rule, one.place.where, one.field) for one in findings]))
    tell(
        f"consumers, {way}: {len(KINDS)} kinds of change, {len(VARIANTS)} ways of use, {counts['hurt']} hurt, "
        f"{counts['harmless']} harmless, {len(wrong)} judged wrong"
    )
    assert wrong == []


def test_what_has_to_be_sent_now_breaks_those_who_do_not_always_send_it(tell):
    wrong = []
    for need in NEEDS:
        usage = Usage("web", "1.3", "1.0.0", {need.operation: need.sends})
        findings = [one for one in compare(contract_of(), contract_of(need.edit)) if matters(one)]
        if any(effect(one, usage).harms for one in findings) is not need.breaks or not findings:
            wrong.append((need.name, need.sends))
    tell(f"needs: {len({need.name for need in NEEDS})} kinds, {len(NEEDS)} ways to send, {len(wrong)} judged wrong")
    assert wrong == []


READS = {
    "list_products": ["items[].id", "items[].name", "items[].price.amount_minor", "items[].status", "next_cursor"],
    "read_product": ["category_id", "created_at", "description", "name", "price", "sku", "tags", "version"],
    "list_categories": ["items[].id", "items[].name"],
    "read_category": ["description", "name", "updated_at"],
    "read_statistics": ["categories[].name", "computed_at", "lowest_stock[].stock", "stock_values[].currency"],
}


@pytest.fixture(scope="module")
def shop():
    return load(EXAMPLE)


def reader():
    """A consumer of the example that reads some of each answer."""
    return Usage("web", "1.3", "1.0.0", {name: {"reads": {"200": paths}} for name, paths in READS.items()})


def alone(data, name):
    """A document with one of its operations, so that its findings have witnesses of their own."""
    kept = {
        path: {key: value for key, value in item.items() if not isinstance(value, dict) or value["operationId"] == name}
        for path, item in data["paths"].items()
    }
    return {**data, "paths": kept}


def is_readable(document, name, finding):
    """Whether a reader of an answer gets all that it reads, if the answer is the witness of a finding."""
    [operation] = [one.data for one in document.operations() if one.data["operationId"] == name]
    response = document.resolve(operation["responses"][finding.place.status])
    schema = next(iter(response["content"].values()))["schema"]
    paths = READS[name] if finding.place.status == "200" else []
    steps = ([step for step in path.replace("[]", ".[]").split(".") if step] for path in paths)
    return all(can_be_read(document, schema, finding.witness.value, one) for one in steps)


def loose(node):
    """A schema without what a tolerant reader does not look at."""
    if isinstance(node, list):
        return [loose(one) for one in node]
    if not isinstance(node, dict):
        return node
    dropped = {"enum", "const", "pattern", "additionalProperties", "not"}
    dropped |= {word for word in node if word.startswith(("min", "max", "exclusive", "unique", "multiple"))}
    return {key: loose(value) if key != "properties" else {name: loose(one) for name, one in value.items()}
            for key, value in node.items() if key not in dropped or isinstance(value, dict)}  # fmt: skip


def can_be_read(shop, schema, value, steps):
    """Whether a tolerant reader gets what it reads, at the end of some steps into a value."""
    schema = shop.resolve(schema)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return any(can_be_read(shop, one, value, steps) for one in schema[word])
    if value is None and "null" in schema.get("type", ()):
        return schema["type"] == "null" or isinstance(schema["type"], list)
    if not steps:
        whole = {**loose(schema), "components": loose(shop.data["components"])}
        return Draft202012Validator(whole, format_checker=FormatChecker()).is_valid(value)
    step, *rest = steps
    if step == "[]":
        return isinstance(value, list) and all(can_be_read(shop, schema["items"], one, rest) for one in value)
    if not isinstance(value, dict) or step not in schema.get("properties", {}):
        return False
    if step not in value:
        return step not in schema.get("required", ())
    return can_be_read(shop, schema["properties"][step], value[step], rest)


def test_harm_is_what_a_reader_of_the_witness_meets(shop, tell, long):
    """The witnesses of single edits are read field by field, by a reader that knows nothing of findings."""
    usage, counts, missed = reader(), Counter(), []
    numbered = [(index, kind.name) for index, (kind, _, _) in enumerate(schema_mutants(shop))]
    chosen = {index for index, _ in sample(numbered, lambda one: one[1], 3, long)}
    for index, (kind, site, data) in enumerate(schema_mutants(shop)):
        for name in READS if index in chosen and kind.tells else ():
            old, new = (Document(alone(one, name), EXAMPLE) for one in (shop.data, data))
            for finding in compare(old, new, relaxations=False):
                if finding.witness is None or finding.place.part is not Part.RESPONSE:
                    continue
                fails = not is_readable(old, name, finding)
                foretold = bool(effect(finding, usage).harms)
                counts[fails, foretold] += 1
                if fails and not foretold:
                    missed.append((kind.name, site.place, name, finding.rule, finding.field))
    hits, alarms = counts[True, True], counts[False, True]
    recall, precision = hits / max(1, hits + len(missed)), hits / max(1, hits + alarms)
    tell(
        f"harm: {counts.total()} witnesses read, {hits} foretold, {len(missed)} missed, {alarms} false alarms "
        f"(recall {recall:.3f}, precision {precision:.3f})"
    )
    assert recall >= 0.95
    assert precision >= 0.94


SENDS = {
    "create_product": ["description?", "name", "price", "price.amount_minor", "price.currency", "sku"],
    "update_product": ["name?", "tags?"],
    "create_category": ["name"],
    "create_stock_movement": ["note?", "quantity", "reason"],
}


def sent(document, name):
    """The schema of an operation's body, and a judge of what the API takes."""
    [operation] = [one.data for one in document.operations() if one.data["operationId"] == name]
    schema = next(iter(document.resolve(operation["requestBody"])["content"].values()))["schema"]
    return schema, Judge(Side(document, Direction.REQUEST, True))


def is_sent(path, names):
    return any(is_within(path, name.removesuffix("?")) or is_within(name, path) for name in names)


def of_consumer(value, names, usual, path=""):
    """A body with the fields that a consumer sends, and with those that it always sends."""
    if not isinstance(value, dict):
        return value
    usual = usual if isinstance(usual, dict) else {}
    below = {name: f"{path}.{name}".removeprefix(".") for name in {**value, **usual}}
    return {
        name: of_consumer(value.get(name, usual.get(name)), names, usual.get(name), inner)
        for name, inner in below.items()
        if (name in value and is_sent(inner, names)) or inner in names
    }


def test_harm_is_what_a_sender_of_the_witness_meets(shop, tell, long):
    """The witnesses of single edits, as a consumer would send them, are given to the old and the new API."""
    usage = Usage("web", "1.3", "1.0.0", {name: {"body": names} for name, names in SENDS.items()})
    counts, missed = Counter(), []
    known = [one.data["operationId"] for one in shop.operations() if one.data["operationId"] in SENDS]
    numbered = [(index, kind.name) for index, (kind, _, _) in enumerate(schema_mutants(shop))]
    chosen = {index for index, _ in sample(numbered, lambda one: one[1], 3, long)}
    for index, (kind, site, data) in enumerate(schema_mutants(shop)):
        for name in known if index in chosen and kind.asks else ():
            old, new = (Document(alone(one, name), EXAMPLE) for one in (shop.data, data))
            schema, judge = sent(old, name)
            usual = full(judge, schema)
            for finding in compare(old, new, relaxations=False):
                if finding.witness is None or finding.place.part is not Part.BODY:
                    continue
                body = of_consumer(finding.witness.value, SENDS[name], usual)
                if not judge.allows((schema,), body):
                    continue
                now, its_judge = sent(new, name)
                fails, foretold = not its_judge.allows((now,), body), bool(effect(finding, usage).harms)
                counts[fails, foretold] += 1
                if fails and not foretold:
                    missed.append((kind.name, site.place, name, finding.rule, finding.field, body))
    hits, alarms = counts[True, True], counts[False, True]
    recall, precision = hits / max(1, hits + len(missed)), hits / max(1, hits + alarms)
    tell(
        f"harm of requests: {counts.total()} witnesses sent, {hits} foretold, {len(missed)} missed, {alarms} false "
        f"alarms (recall {recall:.3f}, precision {precision:.3f})"
    )
    assert recall >= 0.95, missed
    assert precision >= 0.94


def full(judge, schema):
    """A body with every field."""
    made = [one for one in Sampler(judge, judge.side).some((schema,), count=40) if isinstance(one, dict)]
    return max(made, key=len)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("price", "price.amount", True), ("price.amount", "price", True), ("price", "price_2", False),
        ("items[].id", "items[].id", True), ("items", "items[].id", True), ("", "a", True),
        ("more.*", "more.left", True), ("more.*.x", "more.left.y", False), ("tags[]", "tags", True),
        ("a.b", "a.c", False),
    ],
)  # fmt: skip
def test_a_path_concerns_what_is_in_it_and_around_it(one, other, expected):
    assert concern(one, other) is expected
    assert concern(other, one) is expected


@pytest.mark.parametrize(
    ("reads", "status", "expected"),
    [({}, "200", True), ({"200": ["a"]}, "200", True), ({"201": ["a"]}, "200", False), ({"2XX": ["a"]}, "200", True)],
)
def test_a_success_that_goes_breaks_those_who_expect_it(reads, status, expected):
    def answers(*statuses):
        held = {one: {"description": "Done.", "content": {"application/json": {"schema": S}}} for one in statuses}
        return document({"operationId": "make_thing", "responses": held})

    [finding] = [one for one in compare(answers(status, "202"), answers("202")) if matters(one)]
    usage = Usage("web", "1.3", "1.0.0", {"make_thing": {"reads": reads}})
    assert bool(effect(finding, usage).harms) is expected


@pytest.mark.parametrize("status", ["301", "304", "3XX"])
@pytest.mark.parametrize(
    ("reads", "refusals", "expected"),
    [
        ({}, ["a"], True), ({}, ["b"], False), ({}, [], False), ({"200": ["a"]}, [], False),
        ({"3XX": ["a"]}, [], True), ({"3XX": ["b"]}, ["a"], False), ({"304": ["b"], "301": ["b"]}, ["b"], False),
    ],
)  # fmt: skip
def test_a_redirect_is_read_as_a_refusal_unless_it_is_listed(status, reads, refusals, expected):
    def answers(schema):
        held = {"description": "Elsewhere.", "content": {"application/json": {"schema": obj(a=schema, b=S)}}}
        return document({"operationId": "make_thing", "responses": {status: held}})

    [finding] = [one for one in compare(answers(S), answers({"type": "integer"})) if matters(one)]
    usage = Usage("web", "1.3", "1.0.0", {"make_thing": {"reads": reads}}, tuple(refusals))
    assert bool(effect(finding, usage).harms) is expected


# The command line.


@pytest.fixture
def root(tmp_path):
    """A contract with a release, and two consumers."""
    store = ReleaseStore(tmp_path)
    (tmp_path / "releases").mkdir()
    store.path((1, 0, 0)).write_text(dump(contract_of().data))
    store.record(store.path((1, 0, 0)))
    store.draft.write_text(dump(contract_of().data))
    return tmp_path


def web(**changes):
    return {"usage": 1, "consumer": "web", "api": "Test", "contract": "1.0.0", "operations": USED, **changes}


def hand_in(root, data, version="1.3"):
    file = root / "usage.json"
    file.write_text(data if isinstance(data, str) else json.dumps(data))
    return main(["--root", str(root), "consumer", "add", str(file), "--version", version])


def draft(root, change):
    store = ReleaseStore(root)
    data = json.loads(store.draft.read_text())
    change(data)
    store.draft.write_text(dump(data))


def price_as_text(data):
    data["components"]["schemas"]["Thing"]["properties"]["price"]["properties"]["amount"]["type"] = "string"


def test_check_says_whom_a_break_hurts_and_whom_not(root, capsys):
    hand_in(root, web())
    hand_in(root, web(consumer="mobile", operations={"list_things": {"reads": {"200": ["items[].id"]}}}), "2.0")
    draft(root, price_as_text)
    capsys.readouterr()
    assert main(["--root", str(root), "check"]) == 1
    out = capsys.readouterr().out
    assert "      breaks web 1.3 at list_things (things.list_things): reads `items[].price.amount`\n" in out
    assert "      harmless to mobile 2.0\n" in out


@pytest.mark.parametrize("form", ["json", "markdown"])
def test_the_other_forms_say_it_too(root, capsys, form):
    hand_in(root, web())
    draft(root, price_as_text)
    capsys.readouterr()
    main(["--root", str(root), "check", "--format", form])
    assert "breaks web 1.3 at list_things (things.list_things): reads `items[].price.amount`" in capsys.readouterr().out


def test_a_harmless_break_is_one_all_the_same_and_a_waiver_may_cite_it(root, capsys):
    hand_in(root, web(operations={}))
    draft(root, price_as_text)
    capsys.readouterr()
    assert main(["--root", str(root), "check", "--format", "json"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    names = [one["name"] for one in findings if one["verdict"] in ("wire", "unproven")]
    notes = "".join(f"- `{name}`: harmless to web 1.3, the only consumer\n" for name in names)
    (root / "NEXT.md").write_text(f"# Notes\n\n## Waived\n\n{notes}")
    main(["--root", str(root), "check"])
    out = capsys.readouterr().out
    assert "      waived: harmless to web 1.3, the only consumer\n" in out
    assert "\ncompatible (1 waived)\n" in out


def test_a_consumer_that_runs_nowhere_is_judged_by_its_newest_version(root, capsys):
    for version in ("1.9", "1.10"):
        hand_in(root, web(), version)
    draft(root, price_as_text)
    capsys.readouterr()
    main(["--root", str(root), "check"])
    out = capsys.readouterr().out
    assert "breaks web 1.10 at" in out
    assert "web 1.9" not in out


def test_a_consumer_is_judged_by_the_versions_that_run(root, capsys):
    for version in ("1.9", "1.10"):
        hand_in(root, web(), version)
    main(["--root", str(root), "deployed", "api=1.0.0", "web=1.9", "--to", "production"])
    main(["--root", str(root), "deployed", "report=7", "--pin", "1.0.0", "--to", "staging"])
    draft(root, price_as_text)
    capsys.readouterr()
    main(["--root", str(root), "check"])
    out = capsys.readouterr().out
    assert "breaks web 1.9 at" in out
    assert "web 1.10" not in out
    assert "breaks report 7: handed in no usage" in out


def test_a_version_never_changes(root, capsys):
    assert hand_in(root, web()) == 0
    assert hand_in(root, web()) == 0
    assert hand_in(root, web(operations={})) == 2
    assert "web 1.3 was handed in already" in capsys.readouterr().err


def test_what_is_stored_is_sorted_whatever_was_handed_in(root):
    disordered = json.loads(json.dumps(web()), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    disordered["operations"]["list_things"]["query"].reverse()
    assert hand_in(root, disordered) == 0
    assert (root / "consumers" / "web" / "1.3.json").read_text() == as_text(web())


BAD = {
    "no json": ("{", "not JSON"),
    "a list": ("[]", "is not of type 'object'"),
    "nothing": ("", "the file is empty"),
    "a later format": (web(usage=2), "/usage: 1 was expected"),
    "no contract": ({key: value for key, value in web().items() if key != "contract"}, "'contract' is a required"),
    "an unknown key": (web(extra=1), "Additional properties are not allowed"),
    "an unknown part": (web(operations={"list_things": {"cookies": []}}), "/operations/list_things"),
    "a name with a slash": (web(consumer="../web"), "/consumer"),
    "the API's own name": (web(consumer="api"), "is the API itself"),
    "another API": (web(api="Another"), "it is a usage of 'Another', and this is 'Test'"),
    "an unknown release": (web(contract="9.9.9"), "there is no release 9.9.9; there are: 1.0.0"),
    "no release": (web(contract="draft"), "/contract"),
    "an unknown operation": (web(operations={"list_thing": {}}), "/operations/list_thing is no operation of release"),
    "a status that is none": (web(operations={"list_things": {"reads": {"404": []}}}), "/reads"),
    "a number for a path": (web(operations={"list_things": {"query": [1]}}), "/query/0"),
    "a path twice": (web(operations={"list_things": {"query": ["q", "q"]}}), "non-unique"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_usage_that_is_wrong_is_refused_in_one_line_and_nothing_is_stored(root, capsys, name):
    data, words = BAD[name]
    assert hand_in(root, data) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert words in line
    assert not (root / "consumers").exists()


@pytest.mark.parametrize("version", ["", "../1", "1 3", "-1", "a/b"])
def test_a_version_that_is_no_name_of_a_file_is_refused(root, capsys, version):
    assert main(["--root", str(root), "consumer", "add", "usage.json", f"--version={version}"]) == 2
    assert "is not a version such as 1.3" in capsys.readouterr().err


def test_a_stored_usage_that_was_broken_by_hand_is_named(root, capsys):
    hand_in(root, web())
    (root / "consumers" / "web" / "1.3.json").write_text("{}")
    draft(root, price_as_text)
    capsys.readouterr()
    assert main(["--root", str(root), "check"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "consumers/web/1.3.json" in line


def test_a_finding_that_breaks_other_releases_only_is_harmless(root, capsys):
    store = ReleaseStore(root)
    newer = copy.deepcopy(contract_of().data)
    price_as_text(newer)
    store.path((1, 1, 0)).write_text(dump({**newer, "info": {"title": "Test", "version": "1.1.0"}}))
    store.record(store.path((1, 1, 0)))
    store.draft.write_text(store.path((1, 1, 0)).read_text())
    hand_in(root, web(contract="1.1.0"))
    capsys.readouterr()
    main(["--root", str(root), "check"])
    out = capsys.readouterr().out
    assert "breaks 1.0.0\n" in out
    assert "harmless to web 1.3" in out


def test_each_use_has_a_sentence():
    old = contract_of()
    told = set()
    for kind in KINDS:
        for finding in filter(matters, compare(old, contract_of(kind.edit))):
            for line in effect_sentences(effect(finding, usage_of(kind, "uses it"))):
                told.add(line.partition(": ")[2].partition(" `")[0])
    assert told >= {"reads", "sends", "expects", "calls it"}
