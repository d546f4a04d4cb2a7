"""The package that other repositories install: built, installed into an empty environment, and run there."""

import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from contract.tests.building import CODE, S, asks

UV = shutil.which("uv") or Path(CODE) / ".venv" / "bin" / "uv"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run([Path(CODE) / "scripts" / "wheel", folder], capture_output=True, text=True, check=True)
    return Path(done.stdout.strip())


@pytest.fixture(scope="module")
def command(wheel, tmp_path_factory):
    """The installed command, in an environment that has the runtime requirements and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    if Path(UV).exists():
        install = [UV, "pip", "install", "--quiet", "--offline", "--python", python]
    else:
        install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index"]
    subprocess.run([*install, "--no-deps", wheel], check=True, cwd=folder)
    [packages] = folder.glob("lib/python*/site-packages")
    for name in re.findall(r"^([\w.-]+)==", (Path(CODE) / "requirements.txt").read_text("utf-8"), re.MULTILINE):
        distribution = importlib.metadata.distribution(name)
        for top in {file.parts[0] for file in distribution.files or () if file.parts[0] != ".."}:
            if not (packages / top).exists():
                (packages / top).symlink_to(distribution.locate_file(top))
    return folder / "bin" / "contract"


def test_it_is_installed_and_run_outside_of_the_repository(command, tmp_path):
    for name, one in (("old.yaml", asks(S)), ("new.yaml", asks({**S, "maxLength": 3}))):
        (tmp_path / name).write_text(json.dumps(one.data))
    ends = []
    for words in ("--version", "diff old.yaml new.yaml", "lint old.yaml", "lint old.yaml --rules treaty"):
        done = subprocess.run([command, *words.split()], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.stderr == ""
        ends.append(done.returncode)
    assert ends == [0, 1, 0, 1]


def test_it_has_a_name_of_its_own_and_no_tests(wheel):
    assert wheel.name.startswith("treaty_contract-")
    assert not [name for name in zipfile.ZipFile(wheel).namelist() if "/tests/" in name]
