"""What the menu asks of the template itself: where it is, and whether the answers can be used.

cookiecutter and cruft load this by its name and keep it loaded, so it does as little as it can.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from jinja2 import Environment
from jinja2.ext import Extension

ROOT = Path(__file__).resolve().parents[2]


class Template(Extension):
    """Adds ``template_root`` and ``target_folder`` to cookiecutter's templates."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals.update(template_root=str(ROOT), target_folder=target_folder)


def target_folder(answers: dict[str, str]) -> str:
    """Return the folder to make; answers that cannot be used end in one line, before it exists."""
    checked = subprocess.run(
        [sys.executable, "-m", "stamp", "folder", json.dumps(answers)],
        env=os.environ | {"PYTHONPATH": str(ROOT / "scripts"), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        check=False,
        text=True,
    )
    if checked.returncode:
        raise SystemExit(checked.returncode)
    return checked.stdout.strip()
