"""Assemble the application: middleware, problems, resources. Wiring only."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from starlette.types import ASGIApp

from app import contract
from app.database.connections import connect
from app.database.redis import Shared
from app.database.replica import RecentWriters
from app.front.addresses import Addresses
from app.front.bodies import BodyBounds, Room
from app.front.requests import FrontMiddleware, HeadMiddleware, OperationMiddleware
from app.http import exception_handlers, idempotency, identity, problems, reference
from app.http.auth import TokenVerifier, refuse_open_operations
from app.http.jwks import KeySource
from app.http.listings import check_sorts
from app.http.openapi import build_openapi
from app.http.problems import TooManyRequests, Unauthenticated, Unavailable, responses
from app.http.rate_limit import Quota, SharedQuota
from app.operations import health, metrics
from app.operations.drain import Drain, DrainMiddleware
from app.operations.telemetry import TelemetryMiddleware
from app.resources import CONSTRAINTS, RESOURCES
from app.settings import Environment, Settings

TAGS = [
    {"name": "identity", "description": "Who is calling."},
    {"name": "health", "description": "Probes; they want no token."},
]


REQUEST_HEADERS = ["Idempotency-Key", "If-Match", "If-None-Match", "traceparent"]
RESPONSE_HEADERS = [
    "Contract-Version", "ETag", "Idempotency-Replayed", "Link", "Location", "RateLimit",
    "RateLimit-Policy", "Retry-After", "traceparent",
]  # fmt: skip


def operation_id(route: APIRoute) -> str:
    """Use the function's name as operationId: it becomes the client's method name."""
    return route.name


def observe(settings: Settings) -> TelemetryConfig:
    """Return what the framework tells of itself: nothing, unless there is a collector."""
    what = TelemetryConfig(tracing=False, metrics=False, logs=False, operation_spans=False)
    if settings.otel_exporter_otlp_endpoint:
        from app.operations.tracing import create_provider  # its libraries are optional

        what["tracing"] = True
        what["tracer_provider"] = create_provider(settings.otel_exporter_otlp_endpoint)
    return what


def share(app: FastAPI, settings: Settings) -> None:
    """Keep in Redis, if there is one, what all processes must know."""
    shared = app.state.shared = Shared(settings.redis_url) if settings.redis_url else None
    limit = settings.rate_limit_per_minute
    app.state.quota = SharedQuota(limit, shared) if shared else Quota(limit)
    app.state.recent_writers = RecentWriters(settings, shared)


class Application(FastAPI):
    """FastAPI behind the front: middleware that is added to it, at any time, stands within."""

    def build_middleware_stack(self) -> ASGIApp:
        """Return FastAPI's stack in the front."""
        return wrap(super().build_middleware_stack(), self)


def wrap(stack: ASGIApp, app: FastAPI) -> ASGIApp:
    """Put the front around FastAPI's middleware, the innermost first."""
    settings: Settings = app.state.settings
    room = Room(settings.body_memory_bytes)
    stack = FrontMiddleware(
        stack,
        bodies=BodyBounds(settings.max_body_bytes, settings.body_timeout_seconds, room),
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
    stack = TelemetryMiddleware(stack, contract_version=app.version, https_only=in_production)
    if settings.drain_seconds:
        stack = DrainMiddleware(stack, drain=app.state.drain)
    if app.state.tracer_provider:
        from app.operations.tracing import TraceContextMiddleware

        stack = TraceContextMiddleware(stack)
    return stack


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the database's doors; close them at the end."""
    database = app.state.database = await connect(app.state.settings)
    app.state.keys.refresh()  # so that they are at hand before the first caller is
    app.state.drain.listen()
    # What start-up made lives for ever: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    purge = asyncio.create_task(idempotency.purge_expired(database.write))
    yield
    purge.cancel()
    await database.dispose()
    if app.state.shared:
        await app.state.shared.close()
    if provider := app.state.tracer_provider:
        await asyncio.to_thread(provider.shutdown)  # sends what it still has


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build a fresh application; every test run builds its own."""
    settings = settings or Settings()
    telemetry = observe(settings)
    app = Application(
        telemetry=telemetry,
        title="Corner Shop API",
        version=contract.version(),
        lifespan=lifespan,
        license_info={"name": "MIT", "identifier": "MIT"},
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would name the host that the caller sent
        generate_unique_id_function=operation_id,
        openapi_tags=[resource.TAG for resource in RESOURCES] + TAGS,
    )
    app.state.settings = settings
    app.state.tracer_provider = telemetry.get("tracer_provider")
    app.state.keys = KeySource(settings)
    app.state.verifier = TokenVerifier(settings, app.state.keys)
    app.state.drain = Drain(settings.drain_seconds)
    share(app, settings)
    exception_handlers.install(app, CONSTRAINTS)
    idempotency.install(app)
    common = responses(
        Unauthenticated, problems.Forbidden, problems.Invalid, TooManyRequests, Unavailable
    )
    for resource in RESOURCES:
        app.include_router(resource.router, responses=common)
    refuse_open_operations(app.routes)
    check_sorts(app.routes)
    app.include_router(identity.router, responses=responses(TooManyRequests, Unavailable))
    app.include_router(health.router)
    reference.install(app)
    metrics.install(app)
    app.openapi = cache(lambda: build_openapi(app))  # type: ignore[method-assign]
    app.add_middleware(HeadMiddleware)
    app.add_middleware(OperationMiddleware)
    return app
