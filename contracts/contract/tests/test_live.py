"""What this repository holds today: the only tests that look at it."""

from pathlib import Path

from contract.cli import main
from contract.release.plan import broken_pairs
from contract.release.store import ReleaseStore

ROOT = Path(__file__).resolve().parents[2]


def test_every_release_is_what_its_checksum_says():
    assert ReleaseStore(ROOT).altered() == []


def test_no_release_breaks_an_older_one_of_its_major(tell):
    """Every pair of a major, less what was announced in time and what releases/WAIVED.md says."""
    versions = ReleaseStore(ROOT).versions()
    pairs = sum(one[0] == other[0] and one < other for one in versions for other in versions)
    tell(f"releases: {len(versions)}, {pairs} pairs of one major")
    assert broken_pairs(ReleaseStore(ROOT)) == []


def test_the_draft_is_fit_to_be_released():
    assert main(["--root", str(ROOT), "check"]) == 0


def test_the_reference_of_the_draft_can_be_written(tmp_path):
    store = ReleaseStore(ROOT)
    assert main(["--root", str(ROOT), "docs", str(store.draft), "--out", str(tmp_path / "draft.html")]) == 0
