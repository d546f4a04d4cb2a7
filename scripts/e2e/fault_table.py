"""Counts which rows of the fault table were held: ``@pytest.mark.fault("F5")`` names a test's."""

import pytest

# F27, large imports, is not there: this UI imports no files.
FAULTS = [f"F{number}" for number in range(1, 31) if number != 27]

marked: dict[str, list[str]] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Note the rows of each test."""
    for item in items:
        names = [name for mark in item.iter_markers("fault") for name in mark.args]
        assert set(names) <= set(FAULTS), f"{item.nodeid}: there is no such row"
        marked[item.nodeid] = names


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many rows were held, and by how many tests."""
    passed = [report for report in terminalreporter.getreports("passed") if report.when == "call"]
    held = [marked[report.nodeid] for report in passed if marked.get(report.nodeid)]
    rows = [name for name in FAULTS if any(name in names for names in held)]
    if held:
        text = f"{len(rows)} of {len(FAULTS)} faults held by {len(held)} tests: {' '.join(rows)}"
        terminalreporter.write_line(text)
