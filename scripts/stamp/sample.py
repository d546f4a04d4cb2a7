"""What ``sample=none`` leaves out: what each repository's own ``scripts/without-sample`` deletes, and that script."""

import subprocess
import sys
from pathlib import Path

from stamp.answers import Refused

SCRIPT = "scripts/without-sample"
# The API's tests hold this file to the document that it serves without the sample.
CONTRACT = "api/app/sample/contract-without-sample.json"


def remove(folder: Path) -> None:
    """Take the sample out of a repository that has one; raises Refused with its script's one line."""
    script = folder / SCRIPT
    if script.exists():
        done = subprocess.run([sys.executable, "-B", script], check=False, capture_output=True, text=True)
        if done.returncode:
            raise Refused(f"{folder.name}/{SCRIPT}: {done.stderr.strip().splitlines()[-1]}")
        script.unlink()


def contract(root: Path) -> str:
    """Return the document that the API serves without the sample."""
    return (root / CONTRACT).read_text(encoding="utf-8")
