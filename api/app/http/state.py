"""What hangs on ``app.state``: typed here alone. ``create_app`` and its lifespan fill it."""

from typing import Any

from starlette.datastructures import State
from starlette.types import Scope

from app.database.connections import Database
from app.database.redis import RedisClient
from app.database.replica import RecentWriters
from app.http.jwks import KeySource
from app.http.rate_limit import RateLimit, SharedRateLimit
from app.http.tokens import TokenVerifier
from app.settings import Settings


class AppState(State):
    """The state of one application."""

    settings: Settings
    database: Database  # once it has started
    redis: RedisClient | None
    rate_limit: RateLimit | SharedRateLimit
    recent_writers: RecentWriters
    keys: KeySource
    verifier: TokenVerifier
    stopping: bool  # told to stop: it is not ready, and finishes what runs
    tracer_provider: Any  # of OpenTelemetry, if there is a collector


def app_state(scope: Scope) -> AppState:
    """Return the state of the application that a request is for."""
    state: AppState = scope["app"].state
    return state
