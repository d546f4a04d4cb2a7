"""scripts/pairs: how well the comparison does on a folder of labelled pairs."""

import json
import subprocess
import sys
from pathlib import Path

from contract.tests.building import S, asks

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "pairs"


def pairs(folder):
    command = [sys.executable, SCRIPT, folder]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_counts_what_was_found_and_names_what_was_not(tmp_path):
    short, free = (json.dumps(asks(schema).data) for schema in ({**S, "maxLength": 3}, S))
    labels = {"1": ("yes", free, short), "2": ("yes", short, free), "3": ("no", short, free), "4": ("no", free, short)}
    for case, (_, base, revision) in labels.items():
        place = tmp_path / "all" / case
        place.mkdir(parents=True)
        (place / "base.yaml").write_text(base)
        (place / "revision.yaml").write_text(revision)
    table = "".join(f"{case}\t{label}\n" for case, (label, _, _) in labels.items())
    (tmp_path / "all.tsv").write_text(f"case\texpected_breaking\n{table}")
    told = pairs(tmp_path).stdout.splitlines()
    assert told[0] == "recall of yes: 1 of 2 (50.0%); others: 2"
    assert told[1] == "false alarms on no: 1 of 2 (50.0%); others: 4"
    assert told[2] == "findings that stop: 2, with a witness 2 (100.0%)"


def test_a_folder_without_a_table_is_two_and_one_line(tmp_path):
    done = pairs(tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
