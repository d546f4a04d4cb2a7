"""What a person sees when as many pages wait for the API as may."""

import pytest

from core.api import bulkhead


@pytest.fixture
def full(monkeypatch):
    monkeypatch.setattr(bulkhead, "_inside", bulkhead.size)
    monkeypatch.setattr(bulkhead, "_is_quick", False)


@pytest.mark.usefixtures("full", "api")
class TestFull:
    def test_a_page_says_when_it_comes_back(self, viewer):
        response = viewer.get("/")

        assert response.status_code == 503
        assert response["Retry-After"] == "5"
        assert "Try again" in response.text

    def test_what_asks_nothing_of_the_api_answers(self, client, db):
        assert client.get("/accounts/sign-in/").status_code == 200
        assert client.get("/health/live").status_code == 200
