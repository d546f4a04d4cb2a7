"""A bad setting stops the start and names its variable; .env.example names them all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.__main__ import main
from app.settings import Settings

ROOT = Path(__file__).parent.parent


def start(**variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "openapi"],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


PRODUCTION = {"ENVIRONMENT": "production", "AUTH_ISSUER": "https://a", "AUTH_JWKS": "https://a/k"}


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"READ_DATABASE_URL": "sqlite+aiosqlite:///x"}, "READ_DATABASE_URL"),
        ({"REDIS_URL": "http://x"}, "REDIS_URL"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "x:4317"}, "OTEL_EXPORTER_OTLP_ENDPOINT"),
        ({"POOL_SIZE": "many"}, "POOL_SIZE"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
        ({"MAX_HEAD_BYTES": "40000"}, "MAX_HEAD_BYTES"),
        ({"BODY_MEMORY_BYTES": "5000000"}, "BODY_MEMORY_BYTES"),
        ({"STOP_TIMEOUT_SECONDS": "0"}, "STOP_TIMEOUT_SECONDS"),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES"),
        ({"ENVIRONMENT": "moon"}, "ENVIRONMENT"),
        (PRODUCTION | {"AUTH_ISSUER": "http://a"}, "AUTH_ISSUER"),
        (PRODUCTION | {"AUTH_JWKS": "http://a/k"}, "AUTH_JWKS"),
        (PRODUCTION | {"AUTH_JWKS": "var/development-jwks.json"}, "AUTH_JWKS"),
        (PRODUCTION | {"LOG_LEVEL": "DEBUG"}, "LOG_LEVEL"),
        (PRODUCTION | {"CORS_ORIGINS": '["*"]'}, "CORS_ORIGINS"),
    ],
)
def test_a_bad_variable_is_named_in_one_line(variables, name, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["app", "openapi"])
    for each, value in variables.items():
        monkeypatch.setenv(each, value)

    assert main() == 2

    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert name in said


def test_the_program_ends_with_2_and_nothing_else_in_the_way():
    result = start(POOL_SIZE="many")

    assert (result.returncode, result.stderr.count("\n")) == (2, 1)


def test_good_production_settings_start():
    assert start(**PRODUCTION).returncode == 0


def test_the_example_names_every_variable_with_its_default():
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = {line.lstrip("# ").split("=")[0] for line in lines if "=" in line}

    assert named == {name.upper() for name in Settings.model_fields}


def test_a_collector_without_the_libraries_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)

    with pytest.raises(ValueError, match=r"requirements-tracing\.txt"):
        Settings(otel_exporter_otlp_endpoint="http://collector", _env_file=None)
