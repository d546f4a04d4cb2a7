"""Each stamped repository alone: moved away from the others, without a network, its own commands pass.

By default they share the environments of the template's folders, and of each suite runs what the sample's absence
may break. The API's types wait for --long: that its suite imports every module shows which names are gone, and the one
list that becomes empty has its type beside it. With --long each makes its own environment, and runs its whole check and
suite.
"""

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pytest

from conftest import PARTS, ROOT, link_environment, run

# Of a suite that each part's own scripts/test has run, what the sample's absence may break.
SHORT = {
    "contracts": "test_cli.py or test_live or test_mock.py or test_reference",  # all others bring their own documents
    "api": "test_contract.py or test_takes_a_release_byte_for_byte or test_documents or test_health or test_migrations"
    " or test_problems or test_bounds or test_recipe",
    "web": "test_gateways or test_generate or test_health or test_home or test_imports or test_pages or test_urls"
    " or test_usage or test_views or sign_in or settings",
}
WITHOUT_TYPES = ("ruff format --check --quiet .", "ruff check --quiet .", "lint-imports --no-cache")
CASES = [
    ("contracts", "none"),
    ("api", "none"),
    ("web", "none"),
    pytest.param("contracts", "shop", marks=pytest.mark.long),
    pytest.param("api", "shop", marks=pytest.mark.long),
    pytest.param("web", "shop", marks=pytest.mark.long),
]


@pytest.fixture(scope="module")
def stamped(raeder, without_sample):
    """What is stamped, with and without the sample."""
    return {"shop": raeder, "none": without_sample}


@pytest.fixture(scope="module")
def types(tmp_path_factory, request):
    """What mypy has found out about the libraries, for all repositories of a part; one alone need not write it."""
    folder = tmp_path_factory.mktemp("types")
    several = request.config.getoption("--long")
    return lambda part: {"MYPY_CACHE_DIR": str(folder / part) if several else os.devnull}


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


@pytest.fixture(scope="module")
def elsewhere():
    """A folder that every user may enter: the suite's PostgreSQL is not run by root, who owns those of pytest."""
    with tempfile.TemporaryDirectory(prefix="alone-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def alone(stamped, elsewhere, request):
    """Return a stamped repository that has been moved away from the others and set up."""

    @cache
    def get(part, sample):
        source = stamped[sample] / f"{stamped[sample].name}-{part}"
        repository = Path(shutil.copytree(source, elsewhere / sample / part, symlinks=True))
        if not request.config.getoption("--long"):
            link_environment(ROOT / part, repository)
        run(repository / "scripts" / "setup")
        return repository

    return get


@pytest.mark.parametrize(("part", "sample"), CASES)
def test_setup_check_and_test_pass(alone, types, part, sample, request):
    repository = alone(part, sample)

    long = request.config.getoption("--long")
    if long or part != "api":
        run(*without_network(repository / "scripts" / "check"), **types(part))
    else:
        for command in WITHOUT_TYPES:
            run(*without_network("sh", "-c", f".venv/bin/{command}"), cwd=repository)
    if long:
        run(*without_network(repository / "scripts" / "test"))
    elif sample == "none":
        run(*without_network(repository / "scripts" / "test", "-q", "-k", SHORT[part]))
    assert run("git", "-C", repository, "status", "--porcelain").stdout == ""


@pytest.mark.parametrize("part", PARTS)
def test_its_commands_explain_themselves(alone, part):
    for command in sorted((alone(part, "none") / "scripts").iterdir()):
        assert "usage" in run(command, "--help").stdout.lower(), command


def test_the_recipe_of_a_first_resource_has_its_source():
    for path in ("api/app/resources/categories", "web/categories"):
        assert (ROOT / path).is_dir()
