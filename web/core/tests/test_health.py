import pytest
from django.db import OperationalError, connection

from core.releases import why_not_spoken


def test_live_asks_nobody(client):
    assert client.get("/health/live").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_when_the_api_fits(client, api):
    api.plan("check_ready", 200, {"status": "ok"})

    response = client.get("/health/ready", headers={"Host": "10.0.0.7:8001"})

    assert response.status_code == 200


@pytest.mark.django_db
def test_not_ready_while_the_api_is_away(client, api):
    api.plan_failure("check_ready")

    response = client.get("/health/ready")

    assert response.status_code == 503
    assert "does not answer" in response.json()["reason"]


@pytest.mark.django_db
def test_not_ready_when_the_api_is_not(client, api):
    api.plan_problem("check_ready", 503)

    assert client.get("/health/ready").status_code == 503


def test_not_ready_without_its_accounts(client, monkeypatch):
    def fail():
        raise OperationalError("disk full")

    monkeypatch.setattr(connection, "ensure_connection", fail)

    assert "accounts" in client.get("/health/ready").json()["reason"]


@pytest.mark.parametrize(
    ("spoken", "needed", "ready"),
    [
        ("1.0.0", "1.0.0", True),
        ("1.10.0", "1.9.0", True),
        ("1.0.0", "1.1.0", False),
        ("1.1.0", "1.1.1", False),
        ("2.0.0", "1.1.0", False),
        ("", "1.0.0", False),
        ("latest", "1.0.0", False),
    ],
)
def test_same_major_and_not_older(spoken, needed, ready):
    assert (why_not_spoken(spoken, needed) == "") is ready


def test_reason_names_both_releases():
    assert why_not_spoken("1.0.0", "1.1.0") == "the API speaks 1.0.0, I need 1.1.0"
