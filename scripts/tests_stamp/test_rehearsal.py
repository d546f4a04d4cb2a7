"""Half a year of two teams and an app, played; the page of the docs is what was played."""

import sys

import pytest

from conftest import ROOT, run


def play(*options):
    run(sys.executable, ROOT / "scripts" / "rehearsal", "--check", *options)


def test_the_first_weeks_go_as_the_page_says():
    play("--weeks", "2", "--suites", "none")


@pytest.mark.long
def test_half_a_year_goes_as_the_page_says_and_no_suite_is_red():
    play("--suites", "all")
