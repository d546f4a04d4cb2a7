"""Everything the process reads from its environment, read once; the only reader of it."""

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
    """``DATABASE_URL`` fills ``database_url``, and so on; a bad variable stops the start."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    environment: Environment = Field(
        Environment.DEVELOPMENT, description="`production` refuses what is only for development."
    )
    database_url: str = Field(
        "sqlite+aiosqlite:///var/corner-shop.sqlite3",
        pattern=r"^(sqlite\+aiosqlite|postgresql\+asyncpg)://",
        description="SQLite (`sqlite+aiosqlite:///…`) or PostgreSQL (`postgresql+asyncpg://…`).",
    )
    read_database_url: str | None = Field(
        None,
        pattern=r"^postgresql\+asyncpg://",
        description="A replica for reads (docs/growing.md); none by default.",
    )
    replica_lag_seconds: int = Field(
        10, ge=1, description="For this long who wrote reads from the primary; no replica lags so."
    )
    redis_url: str | None = Field(
        None,
        pattern=r"^(rediss?|unix)://",
        description="What all processes share: rate limits, who wrote lately; none by default.",
    )
    pool_size: int = Field(
        10,
        ge=1,
        le=500,
        description="Connections of each pool: writes, reads, replica.",
    )
    pool_timeout_seconds: float = Field(
        2.0, gt=0, description="A request waits this long for a connection, then answers 503."
    )
    statement_timeout_seconds: float = Field(
        10.0, gt=0, description="A statement that takes longer is given up, 503."
    )
    auth_issuer: str = Field(
        "http://127.0.0.1:8001", description="`iss` of accepted tokens: the UI, or a provider."
    )
    auth_audience: str = Field(
        "corner-shop-api",
        description="`aud` of accepted tokens.",
    )
    auth_jwks: str = Field(
        "http://127.0.0.1:8001/.well-known/jwks.json",
        description="The issuer's public keys: a URL or a file.",
    )
    cors_origins: list[str] = Field(
        [], description="Browser origins that may call, as a JSON list; none by default."
    )
    rate_limit_per_minute: int = Field(
        6000, ge=0, description="Requests per caller (and process without Redis); 0: any."
    )
    unauthenticated_rate_limit_per_minute: int | None = Field(
        None,
        ge=0,
        description="Requests without a valid token per address and process; 0: any. "
        "By default a tenth of RATE_LIMIT_PER_MINUTE.",
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=16,
        description="Proxies in front that add to X-Forwarded-For; 0: the peer is the caller.",
    )
    max_head_bytes: int = Field(
        32 * 1024,
        ge=4096,
        le=32 * 1024,
        description="A longer request line and header fields are refused, 431.",
    )
    max_body_bytes: int = Field(4 * 2**20, ge=1024, description="Larger bodies are refused, 413.")
    body_memory_bytes: int = Field(
        32 * 2**20,
        ge=2048,
        description="Bytes of bodies in memory at one time, half of them one caller's; else 503.",
    )
    head_timeout_seconds: float = Field(
        10.0, gt=0, description="A head that takes longer, or a silent connection, is closed."
    )
    body_timeout_seconds: float = Field(
        10.0, gt=0, description="A body that takes longer is refused, 408; 16 KiB/s is in time."
    )
    send_timeout_seconds: float = Field(
        20.0, gt=0, description="A caller who reads nothing of an answer for this long is dropped."
    )
    drain_seconds: float = Field(
        0.0, ge=0, description="After SIGTERM, not ready for this long, then stop; 2 probes."
    )
    stop_timeout_seconds: float = Field(
        10.0, ge=3, description="After the drain, the process ends within this, whatever runs."
    )
    slow_query_seconds: float = Field(
        0.5, gt=0, description="A statement that takes longer is logged, without its values."
    )
    otel_exporter_otlp_endpoint: str | None = Field(
        None,
        pattern="^https?://",
        description="OpenTelemetry collector, OTLP over HTTP; without one there are no spans.",
    )
    log_level: str = Field(
        "INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least level that is logged."
    )

    @field_validator("otel_exporter_otlp_endpoint")
    @classmethod
    def require_its_libraries(cls, value: str | None) -> str | None:
        """Refuse what cannot be served."""
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
        """Refuse a memory of which one caller's half cannot hold the largest body."""
        if self.body_memory_bytes < 2 * self.max_body_bytes:
            raise ValueError("BODY_MEMORY_BYTES must be at least twice MAX_BODY_BYTES")
        return self

    @model_validator(mode="after")
    def refuse_development_values_in_production(self) -> Self:
        """Name the first variable that is not fit for production."""
        if self.environment is Environment.PRODUCTION:
            if self.auth_issuer.startswith("http://"):
                raise ValueError("AUTH_ISSUER must be https in production")
            if self.auth_jwks.startswith("http://"):
                raise ValueError("AUTH_JWKS must be https, or a file, in production")
            if self.auth_jwks.endswith("development-jwks.json"):
                raise ValueError("AUTH_JWKS must not be the development key in production")
            if self.log_level == "DEBUG":  # nobody vouches for what libraries say there
                raise ValueError("LOG_LEVEL must not be DEBUG in production")
            if "*" in self.cors_origins:
                raise ValueError("CORS_ORIGINS must name exact origins in production")
        return self
