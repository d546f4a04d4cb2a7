"""A repository of an API beside a checkout of its contracts, both made up."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SECTIONS = {"2.0.0": "major", "1.10.0": "new", "1.9.0": "old"}
CHANGELOG = "# Changelog\n" + "".join(
    f"\n## [{one}] - x\n\n- {SECTIONS[one]}\n" for one in SECTIONS
)
PYTHON = '#!/bin/sh\nexec cat "$(dirname "$0")/../../served.json"\n'


def document(version: str, **schemas: Any) -> dict[str, Any]:
    fields = {"name": {"type": "string"}, "sku": {"type": "string", "maxLength": 9}}
    order = {"type": "object", "properties": fields, "required": ["name"]}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": version},
        "paths": {"/orders": {"get": {"operationId": "list_orders"}}},
        "components": {"schemas": {"Order": order, **schemas}},
    }


def dump(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def release(releases: Path, data: dict[str, Any], name: str | None = None) -> Path:
    """Write a release and list it."""
    path = releases / f"{name or data['info']['version']}.json"
    path.write_text(dump(data))
    with (releases / "SHA256SUMS").open("a") as sums:
        sums.write(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")
    return path


def make(tmp_path: Path) -> Path:
    """A repository pinned to 1.9.0 beside a contracts checkout that has 1.10.0 as its draft too.

    Its code serves what lies in served.json.
    """
    api, releases = tmp_path / "api", tmp_path / "contracts" / "releases"
    for folder in (api / "scripts", api / ".venv" / "bin", releases):
        folder.mkdir(parents=True)
    shutil.copytree(
        ROOT / "contract", api / "contract", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("contract", "upgrade"):
        shutil.copy(ROOT / "scripts" / name, api / "scripts")
    for path, text in (
        (api / "scripts" / "setup", "#!/bin/sh\n"),
        (api / ".venv" / "bin" / "python", PYTHON),
    ):
        path.write_text(text)
        path.chmod(0o755)
    for version in ("1.9.0", "1.10.0"):
        release(releases, document(version))
    (releases.parent / "CHANGELOG.md").write_text(CHANGELOG)
    (releases.parent / "NEXT.md").write_text("# Notes\n\nA word of somebody.\n")
    shutil.copy(releases / "1.9.0.json", api / "contract.json")
    shutil.copy(releases / "1.10.0.json", releases.parent / "openapi.json")
    return api


def contract(
    repository: Path,
    *arguments: str,
    script: str = "contract",
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    command = [str(repository / "scripts" / script), *arguments]
    variables = {"PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ["PATH"], **(environment or {})}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=variables)


def refusal(result: subprocess.CompletedProcess[str]) -> str:
    """The one line of a refusal."""
    assert (result.returncode, result.stdout) == (2, "")
    [line] = result.stderr.splitlines()
    return line


def files(folder: Path) -> dict[Path, bytes]:
    return {
        path: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def edit(path: Path, old: bytes, new: bytes) -> None:
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new))
