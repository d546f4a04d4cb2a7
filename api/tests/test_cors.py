"""Browsers of other origins: none by default, exactly those that are configured."""

import pytest
from httpx2 import ASGITransport, AsyncClient

from app.main import create_app

ALLOWED = "https://app.example.com"
PREFLIGHT = {
    "Access-Control-Request-Method": "PATCH",
    "Access-Control-Request-Headers": "authorization, if-match, content-type",
}


async def preflight(settings, origins, origin):
    app = create_app(settings.model_copy(update={"cors_origins": origins}))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://api.test") as client:
        return await client.options("/v1/products", headers=PREFLIGHT | {"Origin": origin})


async def test_no_origin_is_allowed_by_default(settings):
    response = await preflight(settings, [], ALLOWED)

    assert "access-control-allow-origin" not in response.headers


async def test_the_configured_origin_is_allowed_and_the_answer_is_cached(settings):
    response = await preflight(settings, [ALLOWED], ALLOWED)

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == ALLOWED
    assert "access-control-max-age" in response.headers


@pytest.mark.parametrize(
    "origin",
    ["null", f"{ALLOWED}.evil.test", "https://evil-app.example.com", "http://app.example.com"],
)
async def test_an_origin_that_only_looks_like_it_is_not(settings, origin):
    response = await preflight(settings, [ALLOWED], origin)

    assert "access-control-allow-origin" not in response.headers
