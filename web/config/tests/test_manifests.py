"""What runs this UI asks the addresses that it has, and waits longer than they take."""

import re

import pytest

from config.environment import BASE_DIR
from core.health import API_SECONDS

DATABASE_SECONDS = 2  # connect_timeout in settings.py
FILES = ["deploy/kubernetes/deployment.yaml", "Dockerfile", "compose.yaml"]


@pytest.mark.parametrize("file", FILES)
def test_probes_wait_longer_than_an_answer_takes(file):
    text = (BASE_DIR / file).read_text()
    paths = re.findall(r"/health/\w+", text)
    timeouts = re.findall(r"(?:timeoutSeconds: |timeout[:=] ?)(\d+)", text)

    assert set(paths) <= {"/health/live", "/health/ready"}
    assert len(timeouts) == len(paths)
    assert all(int(seconds) > API_SECONDS + DATABASE_SECONDS for seconds in timeouts)


def test_a_pod_is_restarted_for_its_own_sake_alone():
    """Neither the API nor the database is repaired by a restart of this UI."""
    text = (BASE_DIR / FILES[0]).read_text()
    probes = dict(re.findall(r"(\w+)Probe:\n\s+httpGet: \{path: (\S+),", text))

    assert probes == {
        "startup": "/health/live",
        "liveness": "/health/live",
        "readiness": "/health/ready",
    }
