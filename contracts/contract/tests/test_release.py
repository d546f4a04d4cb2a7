"""The life of a release: judged, computed, frozen, told."""

import datetime as dt
import json
import shutil

import pytest

from contract.document import DocumentError
from contract.release import plan, release
from contract.release_store import ReleaseStore, dump
from contract.tests.building import EXAMPLE

DAY = dt.date(2026, 12, 24)


@pytest.fixture
def store(tmp_path):
    """A contract with its first release and a draft to edit."""
    (tmp_path / "releases").mkdir()
    shutil.copy(EXAMPLE, tmp_path / "releases" / "1.0.0.json")
    made = ReleaseStore(tmp_path)
    made.draft.write_text(dump(json.loads(EXAMPLE.read_text())))
    made.record(made.path((1, 0, 0)))
    return made


def edit(store, change):
    data = json.loads(store.draft.read_text())
    change(data)
    store.draft.write_text(dump(data))


def add_field(data):
    data["components"]["schemas"]["Product"]["properties"]["weight_grams"] = {"type": "integer"}


def raise_minimum(data):
    data["components"]["schemas"]["Money"]["properties"]["amount_minor"]["minimum"] = 1


def change_words(data):
    data["info"]["description"] = "Other words."


def test_an_altered_release_is_found_and_stops_the_next(store):
    store.path((1, 0, 0)).write_text("{}")
    assert store.altered() == ["releases/1.0.0.json was changed after its release"]
    with pytest.raises(DocumentError):
        release(store, None, DAY)


@pytest.mark.parametrize(
    ("change", "version"), [(add_field, "1.1.0"), (change_words, "1.0.1"), (raise_minimum, "2.0.0")]
)
def test_the_version_follows_from_the_differences(store, change, version):
    edit(store, change)
    assert ".".join(map(str, plan(store).version)) == version


def test_nothing_is_released_twice(store):
    with pytest.raises(DocumentError, match="nothing to release"):
        release(store, None, DAY)


def test_a_release_freezes_the_draft_and_tells_what_changed(store):
    edit(store, add_field)
    version, _ = release(store, None, DAY)
    frozen = json.loads(store.path(version).read_text())
    assert frozen["info"]["version"] == "1.1.0"
    assert store.altered() == []
    assert store.draft.read_text() == store.path(version).read_text()
    log = store.changelog.read_text()
    assert "## [1.1.0] - 2026-12-24\n\n### Added\n\n- `list_products` (GET /v1/products), 200 response:" in log
    assert "weight_grams was added (also `" in log


def test_a_smaller_version_is_refused(store):
    edit(store, add_field)
    with pytest.raises(DocumentError, match=r"1\.0\.1 is too small: the differences ask for 1\.1\.0"):
        release(store, "1.0.1", DAY)


def test_a_major_release_has_to_be_asked_for(store):
    edit(store, raise_minimum)
    with pytest.raises(DocumentError, match=r"contract release 2\.0\.0"):
        release(store, None, DAY)
    version, _ = release(store, "2.0.0", DAY)
    assert version == (2, 0, 0)
    assert (
        "**Breaking:** `create_product` (POST /v1/products), request body: price.amount_minor"
        in store.changelog.read_text()
    )


def test_a_waiver_with_a_reason_lets_a_break_through(store):
    edit(store, raise_minimum)
    [stop] = [finding for finding in plan(store).findings if finding.stops]
    store.notes.write_text(f"# Notes\n\nFree goods are gone.\n\n## Waived\n\n- `{stop.name}`: nobody sends zero\n")
    assert plan(store).version == (1, 1, 0)
    release(store, None, DAY)
    log = store.changelog.read_text()
    assert "Free goods are gone." in log
    assert "accepted: nobody sends zero" in log
    assert store.waivers() == {}


def test_a_waiver_needs_a_reason_and_a_difference(store):
    store.notes.write_text("## Waived\n\n- `a/b`: because\n")
    assert plan(store).stale == ("a/b",)
    store.notes.write_text("## Waived\n\n- `a/b`:\n")
    with pytest.raises(DocumentError, match="no reason"):
        plan(store)


def test_the_first_release_is_one(tmp_path, store):
    shutil.rmtree(tmp_path / "releases")
    assert release(store, None, DAY)[0] == (1, 0, 0)
    assert "- `create_product` (POST /v1/products)" in store.changelog.read_text()
