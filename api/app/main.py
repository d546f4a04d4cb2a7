"""Assemble the application: middleware, problems, resources. Wiring only."""

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from types import ModuleType
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.types import ASGIApp

from app import contract
from app.database.connections import open_database
from app.database.redis import RedisClient
from app.database.replica import RecentWriters
from app.front.addresses import Addresses
from app.front.bodies import BodyBounds, BodyMemory
from app.front.requests import FrontMiddleware, HeadMiddleware, OperationMiddleware
from app.http import exception_handlers, idempotency, identity, problems, reference
from app.http.auth import refuse_open_operations
from app.http.caller_limit import LIMITED
from app.http.jwks import KeySource
from app.http.openapi import build_openapi
from app.http.problems import TooManyRequests, Unauthenticated, Unavailable, responses
from app.http.rate_limit import RateLimit, SharedRateLimit
from app.http.state import AppState
from app.http.sunset import announcements
from app.http.tokens import TokenVerifier
from app.operations import health, metrics
from app.operations.drain import Drain, DrainMiddleware
from app.operations.telemetry import TelemetryMiddleware
from app.resources import RESOURCES
from app.settings import Environment, Settings

TAGS = [
    {"name": "identity", "description": "Who is calling."},
    {"name": "health", "description": "Probes; they want no token."},
]


REQUEST_HEADERS = ["Idempotency-Key", "If-Match", "If-None-Match", "traceparent"]
RESPONSE_HEADERS = [
    "Contract-Version", "Deprecation", "ETag", "Idempotency-Replayed", "Link", "Location",
    "RateLimit", "RateLimit-Policy", "Retry-After", "Sunset", "traceparent",
]  # fmt: skip


def operation_id(route: APIRoute) -> str:
    """Use the function's name as operationId; clients name their methods after it."""
    return route.name


def telemetry_config(settings: Settings) -> TelemetryConfig:
    """Return the framework's own telemetry: none, unless there is a collector."""
    config = TelemetryConfig(tracing=False, metrics=False, logs=False, operation_spans=False)
    if settings.otel_exporter_otlp_endpoint:
        from app.operations.tracing import create_provider  # optional libraries

        config["tracing"] = True
        config["tracer_provider"] = create_provider(settings.otel_exporter_otlp_endpoint)
    return config


class Application(FastAPI):
    """FastAPI inside the front. Middleware that is added runs inside the front too."""

    state: AppState

    def build_middleware_stack(self) -> ASGIApp:
        """Return FastAPI's stack in the front."""
        return wrap(super().build_middleware_stack(), self)


def wrap(stack: ASGIApp, app: Application) -> ASGIApp:
    """Put the front around FastAPI's middleware, the innermost first."""
    settings = app.state.settings
    memory = BodyMemory(settings.body_memory_bytes)
    stack = FrontMiddleware(
        stack,
        bodies=BodyBounds(settings.max_body_bytes, settings.body_timeout_seconds, memory),
        addresses=Addresses(settings.unauthenticated_limit, settings.trusted_proxies),
        unlimited=["/health/live", "/health/ready", "/metrics"],
    )
    if settings.cors_origins:
        stack = CORSMiddleware(
            stack,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", *REQUEST_HEADERS],
            expose_headers=RESPONSE_HEADERS,
        )
    in_production = settings.environment is Environment.PRODUCTION
    stack = TelemetryMiddleware(
        stack,
        contract_version=app.version,
        https_only=in_production,
        deprecated=announcements(app.routes),
    )
    if settings.drain_seconds:
        stack = DrainMiddleware(stack, app.state)
    if app.state.tracer_provider:
        from app.operations.tracing import TraceContextMiddleware

        stack = TraceContextMiddleware(stack)
    return stack


@asynccontextmanager
async def lifespan(app: Application) -> AsyncIterator[None]:
    """Open the database and start the background work; close both at the end."""
    state = app.state
    database = state.database = await open_database(state.settings)
    state.keys.refresh()  # in time for the first caller
    Drain(state.settings.drain_seconds, state).listen()
    # Objects of the start live as long as the process: the collector can skip them.
    gc.collect()
    gc.freeze()
    # A request makes some 700 objects and hardly a cycle: 32 at once stay below the threshold.
    gc.set_threshold(25_000, 20, 50)
    purge = asyncio.create_task(idempotency.purge_expired(database.write))
    yield
    purge.cancel()
    state.keys.close()
    await database.dispose()
    if state.redis:
        await state.redis.close()
    if provider := state.tracer_provider:
        await asyncio.to_thread(provider.shutdown)  # sends the spans that are left


def fill_state(state: AppState, settings: Settings, telemetry: TelemetryConfig) -> None:
    """Fill ``app.state``, all but the database, which the lifespan opens."""
    limit = settings.rate_limit_per_minute
    redis = RedisClient(settings.redis_url) if settings.redis_url else None
    state.settings = settings
    state.redis = redis
    state.rate_limit = SharedRateLimit(limit, redis) if redis else RateLimit(limit)
    state.recent_writers = RecentWriters(settings, redis)
    state.keys = KeySource(settings)
    state.verifier = TokenVerifier(settings, state.keys)
    state.stopping = False
    state.tracer_provider = telemetry.get("tracer_provider")


def build_document(app: FastAPI, resources: Sequence[ModuleType]) -> dict[str, Any]:
    """Return the document; a resource that has ``describe`` gives it its own words."""
    document = build_openapi(app)
    for resource in resources:
        if describe := getattr(resource, "describe", None):
            describe(document)
    return document


def create_app(
    settings: Settings | None = None, resources: Sequence[ModuleType] = RESOURCES
) -> FastAPI:
    """Build a fresh application of some resources; every test run builds its own."""
    settings = settings or Settings()
    telemetry = telemetry_config(settings)
    app = Application(
        telemetry=telemetry,
        title="Corner Shop API",
        version=contract.version(),
        lifespan=lifespan,
        license_info={"name": "MIT", "identifier": "MIT"},
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would repeat the Host header of the caller
        generate_unique_id_function=operation_id,
        openapi_tags=[resource.TAG for resource in resources] + TAGS,
    )
    fill_state(app.state, settings, telemetry)
    exception_handlers.install(
        app, {name: meaning for each in resources for name, meaning in each.CONSTRAINTS.items()}
    )
    idempotency.install(app)
    common = responses(
        Unauthenticated, problems.Forbidden, problems.Invalid, TooManyRequests, Unavailable
    )
    for resource in resources:
        app.include_router(resource.router, dependencies=[LIMITED], responses=common)
    refuse_open_operations(app.routes)
    limited = responses(TooManyRequests, Unavailable)
    app.include_router(identity.router, dependencies=[LIMITED], responses=limited)
    app.include_router(health.router)
    reference.install(app)
    metrics.install(app)
    app.openapi = cache(lambda: build_document(app, resources))  # type: ignore[method-assign]
    app.add_middleware(HeadMiddleware)
    app.add_middleware(OperationMiddleware)
    return app
