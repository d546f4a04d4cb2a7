"""The option for long runs, and the counts of what was tried, told at the end of the run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

_TOLD = pytest.StashKey[list[str]]()
# Random schemas: the same few each time, or many, and others each time.
_ANY = settings(deadline=None, suppress_health_check=list(HealthCheck))
settings.register_profile("short", _ANY, derandomize=True, max_examples=60)
settings.register_profile("long", _ANY, derandomize=False, max_examples=2000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="try every case of each matrix, not a sample of each kind")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_TOLD] = []
    settings.load_profile("long" if config.getoption("--long") else "short")


@pytest.fixture(scope="session")
def long(pytestconfig: pytest.Config) -> bool:
    """Whether every case is tried."""
    return bool(pytestconfig.getoption("--long"))


@pytest.fixture(scope="session")
def tell(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Add a line with counts to the summary."""
    return pytestconfig.stash[_TOLD].append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash[_TOLD]:
        terminalreporter.write_line(line)
