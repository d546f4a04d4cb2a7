"""A short soak test: an event that takes something away, once. load_tests/soak_test.py judges."""

from pathlib import Path

import pytest

from load_tests.soak_test import Soak

EVENTS = ["kill_database"]
LONG_EVENTS = ["kill_worker", "kill_database", "read_only_database", "issuer_drips"]


@pytest.fixture
def soak(postgres_folder: Path, long: bool):
    folder = postgres_folder / "soak"
    folder.mkdir()
    soak = Soak(folder, seed=1, recovery=5 if long else 2)
    yield soak
    soak.close()


def test_what_goes_away_comes_back_and_nothing_is_lost(soak, long, record_property):
    soak.run(1, LONG_EVENTS if long else EVENTS)

    assert soak.broken == []
    assert soak.report["acknowledged"] > 0
    record_property("answers in a soak", sum(soak.report["answers"].values()))
