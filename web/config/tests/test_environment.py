import os
import re
import subprocess
import sys

import pytest

from config.environment import BASE_DIR, NAMES, BadSetting, read, variables

GOOD = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "s" * 50,
    "API_URL": "https://api.example.com",
    "PUBLIC_URL": "https://shop.example.com",
    "SIGNING_KEY_FILE": "manage.py",
    "DATABASE_URL": "postgresql://web@db/web",
}


def test_nothing_is_needed_in_development():
    assert read({}).hosts == ["127.0.0.1", "localhost", "127.0.0.1"]


def test_production_starts_with_everything_set():
    assert read(GOOD).hosts == ["shop.example.com"]
    assert (
        read(GOOD | {"ALLOWED_HOSTS": "a.example.com, b.example.com"}).hosts[1] == "b.example.com"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "staging"),
        ("LOG_LEVEL", "LOUD"),
        ("API_URL", "api.example.com"),
        ("API_URL", "http://api.example.com"),
        ("API_URL", "https://api.example.com/"),
        ("API_URL", "https://[::1"),
        ("PUBLIC_URL", "http://shop.example.com"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SIGNING_KEY_FILE", ""),
        ("SIGNING_KEY_FILE", "var/none.pem"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "mysql://db/web"),
        ("ALLOWED_HOSTS", "*"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "one"),
        ("FRESH_SECONDS", "-1"),
        ("FRESH_SECONDS", "11"),
        ("FRESH_SECONDS", "nan"),
        ("FRESH_SECONDS", "1s"),
    ],
)
def test_what_is_not_fit_for_production_is_named(name, value):
    with pytest.raises(BadSetting, match=f"^{name}"):
        read(GOOD | {name: value})


def test_answers_are_used_again_for_a_second_in_production_alone():
    assert (read({}).fresh, read(GOOD).fresh) == (0, 1)
    assert read(GOOD | {"FRESH_SECONDS": "0"}).fresh == 0
    assert read({"FRESH_SECONDS": "0.5"}).fresh == 0.5


@pytest.mark.parametrize("value", ["none/key.pem", "/nowhere/key.pem", "config", "manage.py/key"])
def test_a_key_that_cannot_be_made_is_named_in_development(value):
    with pytest.raises(BadSetting, match=f"^SIGNING_KEY_FILE: {value} cannot be made"):
        read({"SIGNING_KEY_FILE": value})


@pytest.mark.parametrize("value", ["var/other.pem", "manage.py", "key.pem"])
def test_a_key_that_is_there_or_can_be_made_is_taken(value):
    assert read({"SIGNING_KEY_FILE": value}).signing_key_file == value


def test_a_bad_value_stops_the_start_in_one_line():
    env = os.environ | {"API_URL": "nonsense"}
    command = [sys.executable, "manage.py", "check"]
    run = subprocess.run(
        command, cwd=BASE_DIR, env=env, capture_output=True, text=True, check=False
    )

    assert run.returncode == 2
    assert re.fullmatch(r"web: API_URL must be .*\n", run.stderr)


MISSING = "and there is no such folder"
TAKEN = "which Django or this site has; name the folder otherwise"


@pytest.mark.parametrize(
    ("app", "reason"),
    [
        *((app, MISSING) for app in ("purchase_order", "email", "statistics")),
        *((app, TAKEN) for app in ("messages", "sessions", "core")),
    ],
)
def test_an_app_that_cannot_be_stops_the_start_in_one_line(tmp_path, app, reason):
    text = (BASE_DIR / "config" / "settings.py").read_text()
    (tmp_path / "misspelt.py").write_text(
        text.replace("APPS: list[str] = [", f'APPS: list[str] = ["{app}", ', 1)
    )
    env = {"DJANGO_SETTINGS_MODULE": "misspelt", "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "manage.py", "check"]
    run = subprocess.run(
        command, cwd=BASE_DIR, env=os.environ | env, capture_output=True, text=True, check=False
    )

    assert run.returncode == 2
    assert run.stderr == f"web: APPS names '{app}', {reason}\n"


def test_the_process_s_own_environment_wins_over_the_file(tmp_path, monkeypatch):
    monkeypatch.delenv("API_URL", raising=False)
    (tmp_path / ".env").write_text("# no\nAPI_URL='http://a'\nSECRET_KEY=b\n\nnonsense\n")
    monkeypatch.setenv("SECRET_KEY", "mine")

    found = variables(tmp_path)

    assert (found["API_URL"], found["SECRET_KEY"]) == ("http://a", "mine")


@pytest.mark.parametrize("file", [".env.example", "README.md"])
def test_every_variable_is_written_down(file):
    written = (BASE_DIR / file).read_text()

    assert [name for name in NAMES if not re.search(rf"^(\| `)?{name}\b", written, re.M)] == []


def test_production_passes_django_s_own_checks():
    key = "".join(map(str, range(40)))
    env = os.environ | GOOD | {"SECRET_KEY": f"abcdefghij-{key}"}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    run = subprocess.run(
        command, cwd=BASE_DIR, env=env, capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stderr
