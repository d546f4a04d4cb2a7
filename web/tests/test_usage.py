"""usage.json is what the pages send and read; its schema is that of the format."""

import json
import sys

import jsonschema_rs
import pytest

from contract import gateways, usage
from contract.cli import record
from contract.document import PATH, Document
from contract.usage import SCHEMA, USAGE

STALE = "usage.json is not what the pages send and read: run scripts/contract usage"


@pytest.fixture(scope="module")
def recorded():
    return record([sys.executable, "-m", "pytest"])


def test_usage_is_of_the_format(recorded):
    jsonschema_rs.validate(json.loads(SCHEMA.read_bytes()), json.loads(recorded))


def test_every_path_is_one_of_the_contract(recorded):
    document = Document(json.loads(PATH.read_bytes()))
    for name, use in json.loads(recorded)["operations"].items():
        operation = document.operations[name]
        answers = operation.spec["responses"]
        for place in gateways.PLACES:
            known = {
                p["name"].lower() if place == "header" else p["name"]
                for p in operation.parameters
                if p["in"] == place
            }
            assert {one.removesuffix("?") for one in use.get(place, ())} <= known
        for status, paths in use.get("reads", {}).items():
            (media,) = answers[status]["content"].values()
            assert set(paths) <= set(usage.schema_paths(document, media["schema"]))


def test_usage_is_current(recorded):
    if not USAGE.is_file():
        pytest.skip("there is no usage.json, so every change counts: run scripts/contract usage")
    made_for, pin = (json.loads(text)["contract"] for text in (USAGE.read_bytes(), recorded))
    if made_for != pin:
        pytest.skip(f"usage.json is of {made_for}, the pin is {pin}: run scripts/contract usage")
    if USAGE.read_bytes() != recorded:
        pytest.fail(STALE, pytrace=False)
