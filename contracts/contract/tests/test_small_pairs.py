"""Each small pair is judged by the command line as its kind says, in both forms of a file."""

import json
from collections import Counter

import pytest
import yaml

from contract.cli import main
from contract.tests.pairs import PAIRS, chained, doc, wide

CODES = {"break": {1}, "safe": {0}, "source": {0}, "told": {0, 1}, "refused": {2}}


def test_each_kind_has_pairs(tell):
    kinds = Counter(kind for kind, *_ in PAIRS)
    tell(f"small pairs: {len(PAIRS)} ({', '.join(f'{kind} {count}' for kind, count in kinds.items())})")
    assert len({(kind, name) for kind, name, *_ in PAIRS}) == len(PAIRS)


@pytest.mark.parametrize(
    ("want", "old", "new"), [pytest.param(*case[2:], id=f"{case[0]}: {case[1]}") for case in PAIRS]
)
def test_a_pair_is_judged_as_semantics_say(tmp_path, capsys, want, old, new):
    (tmp_path / "old.json").write_text(json.dumps(old))
    (tmp_path / "new.yaml").write_text(yaml.safe_dump(json.loads(json.dumps(new))))
    code = main(["diff", str(tmp_path / "old.json"), str(tmp_path / "new.yaml")])
    out, error = capsys.readouterr()
    assert code in CODES[want], out + error
    if want == "refused":
        assert len(error.splitlines()) == 1
    elif want in ("told", "source"):
        assert out != "the same\n"
    if want == "source":
        assert "Source: " in out


@pytest.mark.parametrize(("count", "choices"), [(10, 3), (20, 5), (60, 8), (90, 10)])
def test_wide_recursion_ends_in_an_answer(tmp_path, capsys, count, choices, long):
    if count > 20 and not long:
        pytest.skip("only with --long")
    for name, more in (("old", None), ("new", {"extra": {"type": "string"}})):
        (tmp_path / f"{name}.json").write_text(json.dumps(wide(count, choices, more)))
    assert main(["diff", str(tmp_path / "old.json"), str(tmp_path / "new.json")]) in (1, 2)
    assert "Traceback" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("length", [50, 400, 3000])
def test_deep_recursion_ends_in_an_answer(tmp_path, capsys, length):
    for name, kind in (("old", "string"), ("new", "integer")):
        (tmp_path / f"{name}.json").write_text(json.dumps(chained(length, kind)))
    assert main(["diff", str(tmp_path / "old.json"), str(tmp_path / "new.json")]) in (1, 2)
    assert "Traceback" not in "".join(capsys.readouterr())


def test_equal_documents_in_another_order_are_the_same(tmp_path, capsys):
    (tmp_path / "old.json").write_text(json.dumps(doc({"tags": ["a"], "summary": "b"})))
    (tmp_path / "new.json").write_text(json.dumps(doc({"summary": "b", "tags": ["a"]}), sort_keys=True))
    assert main(["diff", str(tmp_path / "old.json"), str(tmp_path / "new.json")]) == 0
    assert capsys.readouterr().out == "the same\n"
