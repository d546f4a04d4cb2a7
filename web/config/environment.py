"""The only reader of the environment: typed, and a bad value stops the start, named in one line."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
DEVELOPMENT_KEY = "development-only-not-a-secret-development-only-not-a-secret"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class BadSetting(Exception):
    """A variable that this program cannot start with; the text names it."""


@dataclass(frozen=True)
class Environment:
    """One field for each variable: ``API_URL`` fills ``api_url``. README.md explains each."""

    environment: str = "development"
    secret_key: str = ""
    api_url: str = "http://127.0.0.1:8000"
    public_url: str = "http://127.0.0.1:8001"
    token_audience: str = "corner-shop-api"  # noqa: S105  a name, not a secret
    signing_key_file: str = "var/signing-key.pem"
    database_url: str = "sqlite:///var/web.sqlite3"
    allowed_hosts: str = ""
    trusted_proxies: str = "0"
    log_level: str = "INFO"
    fresh_seconds: str = ""

    @property
    def fresh(self) -> float:
        """Return for how long a person's page may take what they were answered before."""
        return float(self.fresh_seconds or self.production)

    @property
    def production(self) -> bool:
        """Whether real people use this process."""
        return self.environment == "production"

    @property
    def proxies(self) -> int:
        """Return how many proxies stand before this site, each adding to X-Forwarded-For."""
        return int(self.trusted_proxies)

    @property
    def hosts(self) -> list[str]:
        """Return the Host headers that are answered; PUBLIC_URL's own by default."""
        named = [host.strip() for host in self.allowed_hosts.split(",") if host.strip()]
        own = [urlsplit(self.public_url).hostname or ""]
        return named or (own if self.production else [*own, "localhost", "127.0.0.1"])


NAMES = tuple(field.name.upper() for field in fields(Environment))


def read(variables: Mapping[str, str]) -> Environment:
    """Return the checked settings, or raise BadSetting."""
    given = {name: variables[name].strip() for name in NAMES if variables.get(name, "").strip()}
    env = Environment(**{name.lower(): value for name, value in given.items()})
    _one_of("ENVIRONMENT", env.environment, ("development", "production"))
    _one_of("LOG_LEVEL", env.log_level, LEVELS)
    for name in ("API_URL", "PUBLIC_URL"):
        _check_url(name, getattr(env, name.lower()), production=env.production)
    _one_of("TRUSTED_PROXIES", env.trusted_proxies, tuple("0123456789"))
    _check_seconds("FRESH_SECONDS", env.fresh_seconds)
    if not env.database_url.startswith(("sqlite:///", "postgresql://")):
        raise BadSetting("DATABASE_URL must begin with sqlite:/// or postgresql://")
    if env.production:
        _check_production(env, given)
    else:
        _check_key_file(env.signing_key_file)
    return env


def _check_production(env: Environment, given: Mapping[str, str]) -> None:
    for name in ("SECRET_KEY", "SIGNING_KEY_FILE", "DATABASE_URL"):
        if name not in given:
            raise BadSetting(f"{name} must be set in production")
    if len(env.secret_key) < 50 or env.secret_key == DEVELOPMENT_KEY:
        raise BadSetting("SECRET_KEY must be a secret of 50 characters or more in production")
    if not (BASE_DIR / env.signing_key_file).is_file():
        raise BadSetting(f"SIGNING_KEY_FILE: there is no file {env.signing_key_file}")
    if "*" in env.allowed_hosts:
        raise BadSetting("ALLOWED_HOSTS must name hosts in production, not *")


def _check_key_file(name: str) -> None:
    """Raise BadSetting unless the key is there or can be made; ``var`` is made at the start."""
    path = BASE_DIR / name
    folder = path.parent
    can_be_made = folder == BASE_DIR / "var" or (folder.is_dir() and os.access(folder, os.W_OK))
    if path.is_dir() or not (path.is_file() or can_be_made):
        raise BadSetting(
            f"SIGNING_KEY_FILE: {name} cannot be made; name a file in a folder of yours"
        )


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise BadSetting(f"{name} must be one of {', '.join(allowed)}; it is {value!r}")


def _check_seconds(name: str, value: str) -> None:
    if value and not re.fullmatch(r"10|[0-9](\.[0-9]+)?", value):
        raise BadSetting(f"{name} must be a number of seconds from 0 to 10; it is {value!r}")


def _check_url(name: str, value: str, *, production: bool) -> None:
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        good = None
    if not good or value.endswith("/"):
        raise BadSetting(f"{name} must be an http(s) address without a slash at its end: {value!r}")
    if production and parts.scheme != "https":
        raise BadSetting(f"{name} must be https in production")


def variables(directory: Path = BASE_DIR) -> dict[str, str]:
    """Return ``.env`` beneath the process's own environment, which wins."""
    file = directory / ".env"
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs} | dict(os.environ)
