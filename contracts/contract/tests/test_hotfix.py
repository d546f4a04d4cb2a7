"""A hotfix of an older minor, and a minor of an older major, beside newer releases."""

import copy
import datetime as dt
import json

import pytest

from contract.openapi.document import DocumentError
from contract.release.plan import broken_pairs, plan
from contract.release.release import release
from contract.release.store import ReleaseStore, dump
from contract.tests.building import shop

DAY = dt.date(2026, 12, 24)


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


@pytest.fixture
def hotfix(tmp_path):
    """1.0.0, 1.1.0 and 2.0.0 are released; the draft of the next one is another document."""
    store = ReleaseStore(tmp_path)
    (tmp_path / "releases").mkdir()
    store.draft.write_text(dump(shop()))
    release(store, None, DAY)
    edit(store, add_field)
    release(store, None, DAY)
    edit(store, raise_minimum)
    release(store, "2.0.0", DAY)
    return ReleaseStore(store.root, store.root / "hotfix.json")


def begin(hotfix, version, *changes):
    hotfix.draft.write_bytes(hotfix.path(version).read_bytes())
    for change in changes:
        edit(hotfix, change)


def test_of_an_older_minor_is_released_beside_newer_releases(hotfix):
    draft = (hotfix.root / "openapi.json").read_bytes()
    begin(hotfix, (1, 0, 0), change_words)
    hotfix.notes.write_text("# Notes\n\nA wrong word.\n")

    assert release(hotfix, "1.0.1", DAY)[0] == (1, 0, 1)
    assert (hotfix.root / "openapi.json").read_bytes() == draft
    assert [broken_pairs(hotfix), hotfix.altered(), hotfix.latest()] == [[], [], (2, 0, 0)]
    log = hotfix.changelog.read_text()
    headings = [line[4:9] for line in log.splitlines() if line.startswith("## [")]
    assert headings == ["2.0.0", "1.1.0", "1.0.1", "1.0.0"]
    assert "A wrong word." in log


def test_an_older_major_goes_on_beside_a_newer_one(hotfix):
    def other_field(data):
        data["components"]["schemas"]["Product"]["properties"]["barcode"] = {"type": "string"}

    begin(hotfix, (1, 1, 0), other_field)

    judged = plan(hotfix)
    assert (judged.latest, judged.version) == ((1, 1, 0), (1, 2, 0))
    assert release(hotfix, None, DAY)[0] == (1, 2, 0)
    edit(hotfix, change_words)
    assert release(hotfix, None, DAY)[0] == (1, 2, 1)
    assert broken_pairs(hotfix) == []


def test_may_bring_what_the_next_minor_has_as_no_other_number_is_left(hotfix):
    begin(hotfix, (1, 0, 0), add_field)

    assert release(hotfix, "1.0.1", DAY)[0] == (1, 0, 1)
    assert broken_pairs(hotfix) == []


def test_what_the_next_minor_would_break_is_refused(hotfix):
    """1.1.0 has the field as a number, the hotfix as a text."""

    def as_text(data):
        data["components"]["schemas"]["Product"]["properties"]["weight_grams"] = {"type": "string"}

    begin(hotfix, (1, 0, 0), as_text)
    with pytest.raises(DocumentError, match=r"1\.1\.0 breaks clients of 1\.0\.1: .*weight_grams"):
        release(hotfix, "1.0.1", DAY)
    assert plan(hotfix, wanted=(1, 0, 1)).broken_by
    assert hotfix.versions() == [(1, 0, 0), (1, 1, 0), (2, 0, 0)]


def test_a_field_that_only_the_hotfix_has_is_refused(hotfix):
    """Clients of 1.0.1 would miss it in 1.1.0."""

    def only_here(data):
        product = data["components"]["schemas"]["Product"]
        product["properties"]["barcode"] = {"type": "string"}
        product["required"] = ["barcode"]

    begin(hotfix, (1, 0, 0), only_here)
    with pytest.raises(DocumentError, match=r"1\.1\.0 breaks clients of 1\.0\.1"):
        release(hotfix, "1.0.1", DAY)


def test_a_break_of_its_own_past_is_refused(hotfix):
    begin(hotfix, (1, 0, 0), raise_minimum)
    with pytest.raises(DocumentError, match=r"contract release 3\.0\.0"):
        release(hotfix, "1.0.1", DAY)


@pytest.mark.parametrize("wanted", ["1.1.0", "2.0.0", "1.0.0"])
def test_a_number_that_is_taken_is_refused(hotfix, wanted):
    begin(hotfix, (1, 0, 0), change_words)
    with pytest.raises(DocumentError, match="was released already"):
        release(hotfix, wanted, DAY)


def test_v2_of_a_path_beside_v1_is_a_minor_and_the_end_of_v1_another_one_after_its_day(tmp_path):
    store = ReleaseStore(tmp_path)
    (tmp_path / "releases").mkdir()
    store.draft.write_text(dump(shop()))
    release(store, None, DAY)

    def beside(data):
        product = copy.deepcopy(data["components"]["schemas"]["Product"])
        product["properties"]["title"] = product["properties"].pop("name")
        data["components"]["schemas"]["ProductV2"] = product
        data["paths"]["/v2/products"] = {"get": copy.deepcopy(data["paths"]["/v1/products"]["get"])}
        new = data["paths"]["/v2/products"]["get"]
        new["operationId"] = "list_products_v2"
        answer = new["responses"]["200"]["content"]["application/json"]
        answer["schema"] = {"type": "array", "items": {"$ref": "#/components/schemas/ProductV2"}}
        for item in ("/v1/products", "/v1/products/{id}"):
            for method in ("get", "post", "patch"):
                if method in data["paths"][item]:
                    data["paths"][item][method] |= {"deprecated": True, "x-sunset": "2027-06-30"}

    def without(data):
        for item in ("/v1/products", "/v1/products/{id}"):
            del data["paths"][item]

    edit(store, beside)
    assert release(store, None, DAY)[0] == (1, 1, 0)
    edit(store, without)
    with pytest.raises(DocumentError, match="may be removed from 2027-06-30 on"):
        release(store, None, dt.date(2027, 6, 29))
    assert release(store, None, dt.date(2027, 6, 30))[0] == (1, 2, 0)
