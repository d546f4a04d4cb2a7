"""Whether the texts of one pattern are among those of another, in the spellings that documents use."""

import pytest

from contract.schema.languages import contains


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        (r"^[^\u0000]*[^\s\u0000][^\u0000]*$", r"^[^\u0000]*$"),
        (r"^[^\u0000]+$", r"^[\s\S]*$"),
        (r"^[\u0041-\u0043]+$", "^[A-D]+$"),
        (r"^[a-z\u3042]$", r"^[a-z\u3041-\u3096]$"),
        ('^"?[A-Za-z0-9._:+/=-]+"?$', '^"?[A-Za-z0-9._:+/=~-]+"?$'),
        ("^[-a]+$", "^[-ab]+$"),
        ("^[^-a]$", r"^[^-]$"),
        (r"^[\w.-]+$", r"^[\w.\/-]+$"),
        (r"^\d+\/\d+$", r"^\d+[/:]\d+$"),
        ("^[a-z0-9]+(-[a-z0-9]+)*$", "^[a-z0-9_]+(-[a-z0-9_]+)*$"),
    ],
)
def test_what_one_pattern_takes_another_takes_too(inner, outer):
    assert contains(inner, outer)
    assert not contains(outer, inner)


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        (r"^[^\u0000]*$", r"^[^\u0000]*[^\s\u0000][^\u0000]*$"),
        (r"^[\s\S]*$", r"^[^\u0000]+$"),
        ("^[a=~-]+$", "^[a=-]+$"),
        (r"^\\u0041$", "^A$"),
        (r"^[\ud83d\ude00]$", "^[a]$"),
    ],
)
def test_what_one_pattern_takes_and_the_other_does_not(inner, outer):
    assert not contains(inner, outer)
