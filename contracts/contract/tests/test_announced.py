"""What may be removed within a major version: the kinds of elements, times the ways to announce their end."""

import json

import pytest

from contract.cli import main
from contract.openapi.document import Document, DocumentError
from contract.release.announced import take_out
from contract.release.plan import broken_pairs, plan
from contract.release.release import release
from contract.release.store import ReleaseStore, dump
from contract.tests.histories import ANNOUNCEMENTS, PAST, REMOVABLE, SAME_ONLY, TODAY, answer, base, record, until

# Those that are tried with everything that a release does; the others differ in the announcement alone.
PLANNED = ("none", "deprecated without a day", "tomorrow", "today", "past", "moved to a later day that has not")


def made(folder, *releases, draft):
    """A store with these releases of major 1, and a draft."""
    store = ReleaseStore(folder)
    for minor, data in enumerate(releases):
        data = {**data, "info": {**data["info"], "version": f"1.{minor}.0"}}
        (folder / "releases").mkdir(parents=True, exist_ok=True)
        store.path((1, minor, 0)).write_text(dump(data))
        store.record(store.path((1, minor, 0)))
    store.draft.write_text(dump(draft))
    return store


def stops(judged):
    return [finding for finding in judged.findings if finding.stops]


def announced(judged):
    return [finding.text for finding in judged.findings if "announced since" in finding.text]


def wrong(store, verdict):
    """What is not as the table says, as a sentence; empty when all is."""
    judged = plan(store, TODAY)
    if verdict:
        told = f"announced since {verdict[0]} until {verdict[1]}"
        if stops(judged):
            return f"refused: {stops(judged)[0].text}"
        if not judged.version or judged.version[:2] != (1, 3) or not any(told in text for text in announced(judged)):
            return f"not told: {judged.version} {[finding.text for finding in judged.findings]}"
        return ""
    if not stops(judged) or announced(judged) or not all(finding.releases for finding in stops(judged)):
        return f"allowed: {[(finding.text, finding.releases) for finding in judged.findings]}"
    return ""


def judged_alone(make, marks):
    """What is announced, without a comparison: since when and until which day; None when it may not go."""
    try:
        releases = [(f"1.{minor}.0", Document(make(one), "release.json")) for minor, one in enumerate(marks)]
    except DocumentError:
        return {None}  # A mark that is none is no document for a stricter reader.
    removals = take_out(releases, Document(make(None), "draft.json"), TODAY)
    return {(removal.since, str(removal.until)) if removal.due else None for removal in removals} or {None}


def test_an_end_is_announced_by_each_release_up_to_the_last_and_its_day_has_come(tell):
    failures, counts = [], {True: 0, False: 0}
    for element, make in REMOVABLE.items():
        for way, (marks, verdict) in ANNOUNCEMENTS.items():
            counts[bool(verdict)] += 1
            told = judged_alone(make, marks)
            if told != {verdict}:
                failures.append((element, way, told))
    tell(
        f"removals: {len(REMOVABLE)} kinds of elements, {len(ANNOUNCEMENTS)} announcements, {counts[True]} allowed, "
        f"{counts[False]} refused, {len(failures)} judged wrong"
    )
    assert failures == []


def test_an_element_goes_only_when_its_end_was_announced_and_its_day_has_come(tmp_path, tell):
    failures, counts = [], {True: 0, False: 0}
    for element, make in REMOVABLE.items():
        for way in PLANNED:
            marks, verdict = ANNOUNCEMENTS[way]
            store = made(tmp_path / f"{sum(counts.values())}", *map(make, marks), draft=make(None))
            counts[bool(verdict)] += 1
            if found := wrong(store, verdict):
                failures.append((element, way, found))
    tell(f"removals planned: {counts[True]} allowed, {counts[False]} refused, {len(failures)} judged wrong")
    assert failures == []


@pytest.mark.parametrize("element", REMOVABLE)
def test_no_minor_release_is_made_of_an_unannounced_removal(tmp_path, element):
    make = REMOVABLE[element]
    store = made(tmp_path, make({}), make({}), draft=make(None))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    for wanted in (None, "1.2.0", "1.9.0"):
        with pytest.raises(DocumentError):
            release(store, wanted, TODAY)

    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("element", REMOVABLE)
def test_what_went_in_time_stops_no_later_release(tmp_path, element):
    make = REMOVABLE[element]
    there, gone = [make({}), make(until(PAST))], make(None)
    store = made(tmp_path, *there, gone, draft={**gone, "info": {**gone["info"], "description": "More words."}})

    judged = plan(store, TODAY)

    assert (stops(judged), announced(judged), judged.version) == ([], [], (1, 2, 1))
    assert broken_pairs(store, TODAY) == []


@pytest.mark.parametrize("element", [element for element in REMOVABLE if element not in SAME_ONLY])
def test_what_comes_back_has_its_old_meaning(tmp_path, element):
    make = REMOVABLE[element]
    history = [make({}), make(until(PAST)), make(None)]

    same = made(tmp_path / "same", *history, draft=make({}))
    other = made(tmp_path / "other", *history, draft=make({"other": True}))

    assert [one for one in stops(plan(same, TODAY)) if "1.0.0" in one.releases] == []
    broken = {version for finding in stops(plan(other, TODAY)) for version in finding.releases}
    assert {"1.0.0", "1.1.0"} <= broken


def test_what_went_unannounced_breaks_every_later_release(tmp_path):
    store = made(tmp_path, base(**answer(record({}))), base(**answer(record(None))), draft=base(**answer(record(None))))

    [finding] = stops(plan(store, TODAY))
    assert finding.releases == ["1.0.0"]
    [pair] = broken_pairs(store, TODAY)
    assert pair.startswith("1.1.0 breaks 1.0.0: POST-products/200-response/old/required")


def test_a_break_names_the_releases_that_it_breaks(tmp_path, capsys):
    def limit(length):
        return base(**answer({"type": "string", **({"maxLength": length} if length else {})}))

    store = made(tmp_path, limit(5), limit(4), draft=limit(5))

    [finding] = stops(plan(store, TODAY))
    assert finding.releases == ["1.1.0"]
    assert main(["--root", str(tmp_path), "check"]) == 1
    assert "      breaks 1.1.0\n" in capsys.readouterr().out
    main(["--root", str(tmp_path), "check", "--format", "markdown"])
    assert "  - breaks 1.1.0\n" in capsys.readouterr().out
    main(["--root", str(tmp_path), "check", "--format", "json"])
    found = [one["releases"] for one in json.loads(capsys.readouterr().out)["findings"] if one["verdict"] == "wire"]
    assert found == [["1.1.0"]]


def test_another_major_is_another_promise(tmp_path):
    store = made(tmp_path, base(**answer(record({}))), draft=base(**answer(record(None))))
    release(store, "2.0.0", TODAY)

    assert stops(plan(store, TODAY)) == []
    assert broken_pairs(store, TODAY) == []


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        ({"deprecated": True}, "is deprecated in 1.0.0 without an `x-sunset` of the form 2027-01-31"),
        (until("2026-6-1"), "is deprecated in 1.0.0 without an `x-sunset` of the form 2027-01-31"),
        (until("2026-06-02"), "may be removed from 2026-06-02 on (announced since 1.0.0); today is 2026-06-01"),
    ],
)
def test_a_refusal_says_what_the_announcement_lacks(tmp_path, marks, words):
    store = made(tmp_path, REMOVABLE["operation"](marks), draft=REMOVABLE["operation"](None))

    with pytest.raises(DocumentError) as refused:
        release(store, None, TODAY)

    assert words in str(refused.value)
    assert str(refused.value).startswith("GET /old ")


def lost_in_one_use(folder, use):
    """Of one field of one schema one use is gone; the other uses are promised as before, and changed."""
    old, new = (REMOVABLE["field of a shared schema"](until(PAST, other=other)) for other in (False, True))
    for data in (old, new):
        data["components"]["schemas"]["Product"]["required"] = ["name"]
    holder = new["paths"]["/products"]["post"][use]
    (holder if use == "requestBody" else holder["200"])["content"]["application/json"]["schema"] = record(None)
    return plan(made(folder, old, draft=new), TODAY)


@pytest.mark.parametrize("use", ["requestBody", "responses"])
def test_a_field_that_one_operation_lost_and_another_changed_is_held_to_the_change(tmp_path, use):
    assert "type" in {finding.rule for finding in stops(lost_in_one_use(tmp_path, use))}


@pytest.mark.parametrize("use", ["requestBody", "responses"])
def test_a_field_that_one_operation_lost_and_another_has_is_not_told_as_removed(tmp_path, use):
    assert announced(lost_in_one_use(tmp_path, use)) == []


def test_releases_are_taken_to_pieces_only_where_something_is_announced():
    data = base(**answer(record({})))
    document, text = Document(data, "a.json"), json.dumps(data)

    assert take_out([("1.0.0", document)], Document(base(), "b.json"), TODAY) == []
    assert json.dumps(document.data) == text


def test_the_changelog_says_since_when_it_was_announced(tmp_path):
    store = made(tmp_path, REMOVABLE["operation"](until(PAST)), draft=REMOVABLE["operation"](None))
    release(store, None, TODAY)

    told = store.changelog.read_text()
    assert "### Removed\n\n- GET /old: was removed; announced since 1.0.0 until 2026-05-01; regenerated code" in told


def test_two_releases_differ_less_what_those_between_announced(tmp_path, capsys):
    history = [REMOVABLE["response field"](marks) for marks in ({}, until(PAST), None)]
    made(tmp_path, *history, draft=history[2])

    assert main(["--root", str(tmp_path), "diff", "1.0.0", "1.2.0"]) == 0
    assert "old was removed; announced since 1.1.0 until 2026-05-01" in capsys.readouterr().out
    paths = [str(tmp_path / "releases" / f"1.{minor}.0.json") for minor in (0, 2)]
    assert main(["diff", *paths]) == 1


@pytest.mark.parametrize(("day", "stopped"), [("2020-01-01", ["sunset"]), ("2999-01-01", [])])
def test_a_day_that_is_over_is_no_notice_for_what_was_deprecated_without_one(tmp_path, day, stopped):
    def told(**marks):
        data = base()
        data["paths"]["/late"] = {"get": {"deprecated": True, "responses": {"204": {"description": "Done."}}, **marks}}
        return data

    store = made(tmp_path, told(), draft=told(**{"x-sunset": day}))
    assert [finding.rule for finding in stops(plan(store))] == stopped
