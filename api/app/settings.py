"""Settings of the process: the only reader of its environment."""

from enum import StrEnum
from importlib.util import find_spec
from typing import Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(StrEnum):
    """Where the process runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """Each field is a variable: ``database_url`` is DATABASE_URL. A bad value stops the start."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    environment: Environment = Field(
        Environment.DEVELOPMENT,
        description="`production` refuses values that are only for development.",
    )
    database_url: str = Field(
        "sqlite+aiosqlite:///var/corner-shop.sqlite3",
        pattern=r"^(sqlite\+aiosqlite|postgresql\+asyncpg)://",
        description="SQLite (`sqlite+aiosqlite:///…`) or PostgreSQL (`postgresql+asyncpg://…`).",
    )
    read_database_url: str | None = Field(
        None,
        pattern=r"^postgresql\+asyncpg://",
        description="A PostgreSQL replica for reads (docs/growing.md). None by default.",
    )
    replica_lag_seconds: int = Field(
        10,
        ge=1,
        description="Seconds a caller reads from the primary after writing. Must exceed "
        "replica lag.",
    )
    redis_url: str | None = Field(
        None,
        pattern=r"^(rediss?|unix)://",
        description="Redis, for what all processes share: rate limits and recent writers. None "
        "by default.",
    )
    pool_size: int = Field(
        10,
        ge=1,
        le=500,
        description="Connections of each pool (writes, reads, replica) in a process.",
    )
    pool_timeout_seconds: float = Field(
        2.0,
        gt=0,
        description="Seconds a request waits for a free connection before it answers 503.",
    )
    statement_timeout_seconds: float = Field(
        10.0,
        gt=0,
        description="Seconds a statement may take before it is cancelled and answered with 503.",
    )
    auth_issuer: str = Field(
        "http://127.0.0.1:8001",
        description="Issuer (`iss`) of accepted tokens: the UI, or an OpenID Connect provider.",
    )
    auth_audience: str = Field(
        "corner-shop-api",
        description="Audience (`aud`) of accepted tokens.",
    )
    auth_jwks: str = Field(
        "http://127.0.0.1:8001/.well-known/jwks.json",
        description="The issuer's public keys (JWKS): a URL or a file.",
    )
    cors_origins: list[str] = Field(
        [], description="Browser origins that may call (CORS), as a JSON list. None by default."
    )
    rate_limit_per_minute: int = Field(
        6000,
        ge=0,
        description="Requests a caller may make in a minute; without Redis, in each process. "
        "0: no limit.",
    )
    unauthenticated_rate_limit_per_minute: int | None = Field(
        None,
        ge=0,
        description="Requests an address may make in a minute without a valid token, in each "
        "process. 0: no limit. "
        "By default a tenth of RATE_LIMIT_PER_MINUTE.",
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=16,
        description="Proxies in front that add to X-Forwarded-For. 0: the connection's peer is "
        "the caller.",
    )
    max_head_bytes: int = Field(
        32 * 1024,
        ge=4096,
        le=32 * 1024,
        description="Largest request line and header fields together. Larger ones answer 431.",
    )
    max_body_bytes: int = Field(
        4 * 2**20, ge=1024, description="Largest request body. Larger ones answer 413."
    )
    body_memory_bytes: int = Field(
        32 * 2**20,
        ge=2048,
        description="Memory for all request bodies; one caller may use half. Beyond it, 503.",
    )
    head_timeout_seconds: float = Field(
        10.0,
        gt=0,
        description="Seconds for a request's head to arrive before the connection is closed.",
    )
    body_timeout_seconds: float = Field(
        10.0,
        gt=0,
        description="Seconds for a body to arrive, and one more for each 16 KiB. Later, 408.",
    )
    send_timeout_seconds: float = Field(
        20.0,
        gt=0,
        description="Seconds a caller may read nothing of an answer before the connection is "
        "closed.",
    )
    drain_seconds: float = Field(
        0.0,
        ge=0,
        description="Seconds to keep serving, marked not ready, after SIGTERM. At least two "
        "probe intervals.",
    )
    stop_timeout_seconds: float = Field(
        10.0,
        ge=3,
        description="Seconds the process may take to stop after that, whatever is running.",
    )
    slow_query_seconds: float = Field(
        0.5, gt=0, description="Seconds after which a statement is logged, without its values."
    )
    otel_exporter_otlp_endpoint: str | None = Field(
        None,
        pattern="^https?://",
        description="OpenTelemetry collector (OTLP over HTTP). Without one, no spans are made.",
    )
    log_level: str = Field(
        "INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Lowest level that is logged."
    )

    @field_validator("otel_exporter_otlp_endpoint")
    @classmethod
    def require_its_libraries(cls, value: str | None) -> str | None:
        """Refuse a collector whose libraries are not installed."""
        if value and not find_spec("opentelemetry.sdk"):
            raise ValueError("needs the libraries of requirements-tracing.txt")
        return value

    @property
    def unauthenticated_limit(self) -> int:
        """Requests without a valid token, a minute and address; 0 is no limit."""
        if self.unauthenticated_rate_limit_per_minute is None:
            return -(-self.rate_limit_per_minute // 10)
        return self.unauthenticated_rate_limit_per_minute

    @model_validator(mode="after")
    def leave_room_for_a_body(self) -> Self:
        """Refuse a memory whose half, which one caller may use, is less than the largest body."""
        if self.body_memory_bytes < 2 * self.max_body_bytes:
            raise ValueError("BODY_MEMORY_BYTES must be at least twice MAX_BODY_BYTES")
        return self

    @model_validator(mode="after")
    def refuse_development_values_in_production(self) -> Self:
        """Refuse what is only for development, and name the variable."""
        if self.environment is Environment.PRODUCTION:
            if self.auth_issuer.startswith("http://"):
                raise ValueError("AUTH_ISSUER must be https in production")
            if self.auth_jwks.startswith("http://"):
                raise ValueError("AUTH_JWKS must be https, or a file, in production")
            if self.auth_jwks.endswith("development-jwks.json"):
                raise ValueError("AUTH_JWKS must not be the development key in production")
            if self.log_level == "DEBUG":  # libraries may log anything at this level
                raise ValueError("LOG_LEVEL must not be DEBUG in production")
            if "*" in self.cors_origins:
                raise ValueError("CORS_ORIGINS must name exact origins in production")
        return self
