"""Each stamped repository alone: moved away from the others, without a network, its own commands pass.

Without options the short way: what has its whole suite run elsewhere is checked only; --all runs everything.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from conftest import PARTS, ROOT, run

# What takes long and is the same with and without the sample has been run by each part's own scripts/test.
SHORT = {
    "contracts": ["-k", "cli or release or lint or mock or reference"],
    "api": [
        "-k",
        "not crash and not schemathesis and not tracing and not rate_limit and not stop and not abuses and not soak"
        " and not odd and not database_errors and not keys and not jwks",
    ],
    "web": [],
}


@pytest.fixture(scope="module", params=["shop", "none"])
def sample(request):
    return request.param


@pytest.fixture(scope="module")
def stamped(template, tmp_path_factory, sample):
    name = "An Exceedingly Long Brand Name" if sample == "none" else "Blue Sky Räder"
    return template.stamp(tmp_path_factory.mktemp("alone"), name, "--sample", sample)


def without_network(*command):
    """Return the command in a network of its own that has a loopback and no way out; as it is without the right to."""
    if os.geteuid() or not (shutil.which("unshare") and shutil.which("ip")):
        return command
    return (
        "unshare",
        "--net",
        "sh",
        "-c",
        'ip link set lo up && exec "$@"',
        "sh",
        *map(str, command),
    )


@pytest.fixture
def elsewhere():
    """A folder that every user may enter: the suite's PostgreSQL is not run by root, who owns those of pytest."""
    with tempfile.TemporaryDirectory(prefix="alone-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("part", PARTS)
def test_setup_check_and_test_pass(stamped, sample, part, request, elsewhere):
    repository = Path(shutil.move(stamped / f"{stamped.name}-{part}", elsewhere / "alone"))
    everything = request.config.getoption("--all")
    run(repository / "scripts" / "setup")

    run(*without_network(repository / "scripts" / "check"))
    if everything:
        run(*without_network(repository / "scripts" / "test"))
    elif sample == "none":
        run(*without_network(repository / "scripts" / "test", "-q", *SHORT[part]))
    assert run("git", "-C", repository, "status", "--porcelain").stdout == ""


@pytest.mark.parametrize("part", PARTS)
def test_its_commands_explain_themselves(raeder, part, tmp_path):
    copy = shutil.copytree(raeder / f"blue-sky-raeder-{part}", tmp_path / "copy")
    for command in sorted((copy / "scripts").iterdir()):
        assert "usage" in run(command, "--help").stdout.lower(), command


def test_the_recipe_of_a_first_resource_has_its_source():
    for path in ("api/app/resources/categories", "web/categories"):
        assert (ROOT / path).is_dir()
