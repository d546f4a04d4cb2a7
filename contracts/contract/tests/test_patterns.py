"""Patterns mean what ECMA 262 says, whatever Python's `re` makes of the same text."""

import re

import pytest

from contract.schema.ecma import python
from contract.tests.building import S, asks, found

MEANT = [
    (r"\cA", ["\x01"], ["A", "cA"]),
    (r"^\p{L}+$", ["é", "漢"], ["1", ""]),
    (r"^\P{Lu}$", ["a", "1"], ["A"]),
    (r"^\p{Uppercase_Letter}$", ["Ä"], ["ä"]),
    (r"^[\p{Nd}_]$", ["4", "٣", "_"], ["a"]),
    (r"^(?<year>\d{4})-\k<year>$", ["2026-2026"], ["2026-2025"]),
    (r"(?<!a)b", ["cb", "b"], ["ab"]),
    (r"(?<=a)b", ["ab"], ["cb"]),
    (r"^\u{1F600}$", ["😀"], ["u"]),
    (r"^\uD83D\uDE00$", ["😀"], ["x"]),
    (r"^[\d-x]$", ["5", "-", "x"], ["a"]),
    (r"^[a-\d]$", ["a", "-", "4"], ["b"]),
    (r"^[^]$", ["\n", "a"], ["ab"]),
    ("[]", [], ["a", ""]),
    (r"^a{,3}$", ["a{,3}"], ["aa"]),
    (r"^\d$", ["1"], ["\u0661"]),
    (r"^\w$", ["a"], ["é"]),
    (r"^\s$", ["\ufeff", "\xa0"], ["\x85", "\x1c"]),
    (r"^a$", ["a"], ["a\n"]),
    ("^.$", ["a", "\x85"], ["\u2028", "\n"]),
    (r"^[\w.%+-]+@x$", ["a-b@x"], ["@x"]),
    ("^[+-]$", ["-", "+"], [","]),
    ("^[!-/]$", ["#"], ["a"]),
    (r"^[a-z\-_]$", ["-", "_", "q"], ["A"]),
    (r"^[\x41-\x43]$", ["B"], ["D"]),
    (r"^[^\W_]$", ["a"], ["_", "-"]),
    (r"^\D$", ["a", "é"], ["1"]),
    ("^a}]$", ["a}]"], ["a"]),
    (r"\bfoo\b", ["a foo b", "éfoo"], ["afoo"]),
    (r"^[/\\]$", ["/", "\\"], ["a"]),
    (r"^[\b]$", ["\x08"], ["b"]),
    (r"^\0$", ["\x00"], ["0"]),
]
NOT_TRANSLATED = [
    r"\p{Nope}", r"\p{Script=Greek}", "(?<!a+)b", "a{2}{3}", r"\z", r"\A", r"a\Z", "(?P<n>a)", "(?i)a", "a++", "(?>a)",
    "^*", "(", "[z-a]", "*a", "a**", r"\u{}", "a{99999999999}", r"\8", "a|*", "[a", r"[\ud83d]", "(?#c)a",
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "taken", "refused"), MEANT)
def test_a_pattern_takes_what_ecma_262_says(pattern, taken, refused):
    made = python(pattern)
    assert made is not None
    assert [text for text in taken if not re.search(made, text)] == []
    assert [text for text in refused if re.search(made, text)] == []


@pytest.mark.parametrize("pattern", NOT_TRANSLATED)
def test_what_cannot_be_translated_is_named_and_stops(pattern):
    assert python(pattern) is None
    of_texts = [one for one in found(asks(S), asks({**S, "pattern": pattern})) if one.stops]
    of_names = [one for one in found(asks({"type": "object"}), asks({"patternProperties": {pattern: S}})) if one.stops]
    for finding in (*of_texts, *of_names):
        assert finding.verdict == "unproven"
    assert [one.rule for one in of_texts] == ["pattern"]
    assert [one.rule for one in of_names] == ["unreadable"]
    assert not [one for one in found(asks({**S, "pattern": pattern}), asks({**S, "pattern": pattern})) if one.stops]


def test_the_texts_of_a_finding_show_the_pattern_as_it_is_written():
    [finding] = found(asks(S), asks({**S, "pattern": r"^\d\cA$"}))
    assert finding.after == r"^\d\cA$"
    assert re.search("^[0-9]\x01\\Z", finding.witness.value) is None
