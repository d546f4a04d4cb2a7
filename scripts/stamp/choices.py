"""What the answers for licence and CI host change: which files stay, and which licence they name."""

import shutil
from pathlib import Path

from stamp.answers import Answers, Refused
from stamp.contract import LICENSES

# Files of the one host that the other does not read.
OF_HOST = {"github": [".github"], "gitlab": [".gitlab-ci.yml", "renovate.json"]}


def apply(root: Path, folder: Path, part: str, answers: Answers) -> None:
    """Leave one host's files and one licence."""
    for host, names in OF_HOST.items():
        for name in names if host != answers.ci else []:
            remove(folder / name)
    if answers.license == "MIT":
        return
    (folder / "LICENSE").unlink()
    if answers.license == "Apache-2.0":
        text = (root / "scripts" / "stamp" / "licenses" / "Apache-2.0").read_text(encoding="utf-8")
        (folder / "LICENSE").write_text(text, encoding="utf-8")
    if part == "api":
        stated_as = LICENSES[answers.license]
        stated = 'license_info={"name": "MIT", "identifier": "MIT"}'
        instead = f'license_info={{"name": "{stated_as["name"]}", "identifier": "{stated_as["identifier"]}"}}'
        edit(folder / "app" / "main.py", stated, instead)


def remove(path: Path) -> None:
    """Delete a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that the file has exactly once; raises Refused when it has not."""
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise Refused(f"the template does not fit together: {path.name} should contain once: {old!r}")
    path.write_text(text.replace(old, new), encoding="utf-8")
