import socket
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from joserfc import jwt
from joserfc.jwk import KeySet

from accounts import keys
from accounts.models import User
from accounts.roles import scopes_of
from accounts.tokens import TokenSource
from contract.document import pinned

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts():
    call_command("demo_accounts")
    return {user.email: user for user in User.objects.all()}


class TestSignIn:
    def test_editor_comes_to_the_page_they_wanted(self, client, accounts):
        data = {"username": "editor@example.com", "password": "corner-shop-demo"}
        wanted = client.get("/widgets/").url

        assert client.post(wanted, data).url == "/widgets/"

    @pytest.mark.parametrize("email", ["editor@example.com", "nobody@example.com"])
    def test_wrong_password_and_unknown_person_read_the_same(self, client, accounts, email):
        response = client.post("/accounts/sign-in/", {"username": email, "password": "wrong"})

        assert response.status_code == 422
        assert "do not belong together" in response.text
        assert f'value="{email}"' in response.text

    def test_sign_out_ends_the_session_on_the_server(self, editor, client):
        cookie = editor.cookies["corner_shop_session"].value
        editor.post("/accounts/sign-out/")

        client.cookies["corner_shop_session"] = cookie
        assert client.get("/widgets/").status_code == 302

    def test_end_of_a_session_reloads_the_page_under_htmx(self, client):
        response = client.get("/widgets/", headers={"HX-Request": "true"})

        assert response.headers["HX-Refresh"] == "true"

    def test_other_redirects_are_left_to_htmx(self, editor):
        response = editor.get("/accounts/sign-in/", headers={"HX-Request": "true"})

        assert response.url == "/"

    def test_forged_form_is_refused_with_a_page(self, editor):
        editor.handler.enforce_csrf_checks = True

        response = editor.post("/widgets/new/", {"name": "x"})

        assert response.status_code == 403
        assert "out of date" in response.text


class TestDemoAccounts:
    def test_second_run_changes_nothing(self, accounts):
        before = list(User.objects.values())
        call_command("demo_accounts")

        assert list(User.objects.values()) == before

    def test_refused_in_production(self, settings):
        settings.DEVELOPMENT = False
        with pytest.raises(CommandError, match="for development"):
            call_command("demo_accounts")

    def test_superuser_can_be_made(self):
        user = User.objects.create_superuser("boss@EXAMPLE.com", "a-long-password")

        assert user.is_superuser
        assert str(user) == "boss@example.com"


class TestPrepare:
    def test_makes_tables_static_files_and_people(self, capsys, settings, tmp_path):
        settings.STATIC_ROOT = tmp_path
        call_command("prepare", port=0)

        assert (tmp_path / "core" / "app.css").exists()
        assert capsys.readouterr().out.splitlines()[:2] == [
            "Corner Shop  http://web.test",
            "editor@example.com  corner-shop-demo",
        ]

    def test_makes_nobody_in_production(self, settings, tmp_path):
        settings.STATIC_ROOT, settings.DEVELOPMENT = tmp_path, False
        call_command("prepare", port=0)

        assert not User.objects.exists()

    def test_port_in_use_is_said_in_one_line(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with pytest.raises(CommandError, match="choose another with --port"):
                call_command("prepare", port=taken.getsockname()[1])


class TestToken:
    def claims(self, client, text):
        keys = KeySet.import_key_set(client.get("/.well-known/jwks.json").json())
        return jwt.decode(text, keys, algorithms=["ES256"])

    def test_is_what_the_api_wants(self, client, accounts):
        user = accounts["viewer@example.com"]
        token = self.claims(client, TokenSource(user).token())

        assert token.header == {"alg": "ES256", "typ": "at+jwt", "kid": keys.signing_key().kid}
        assert token.claims.pop("jti")
        issued = token.claims.pop("iat")
        every = {scope for each in pinned().operations.values() for scope in each.scopes}
        reading = [scope for scope in every if scope.endswith(":read")]
        assert token.claims == {
            "iss": "http://web.test",
            "aud": "corner-shop-api",
            "sub": str(user.pk),
            "client_id": "corner-shop-web",
            "exp": issued + 300,
            "scope": " ".join(sorted(reading)),
        }

    def test_is_reused_for_80_percent_of_its_life(self, accounts, monkeypatch):
        source = TokenSource(accounts["editor@example.com"])
        now = time.time()
        first = source.token()

        monkeypatch.setattr(time, "time", lambda: now + 239)
        assert source.token() == first
        monkeypatch.setattr(time, "time", lambda: now + 241)
        assert source.token() != first

    def test_can_be_had_anew(self, accounts):
        source = TokenSource(accounts["editor@example.com"])

        assert source.token(fresh=True) != source.token(fresh=True)

    def test_belongs_to_one_person(self, accounts):
        first, second = (TokenSource(user).token() for user in accounts.values())

        assert first != second

    def test_command_prints_one_for_curl(self, client, accounts, capsys):
        call_command("token", "editor@example.com")

        assert (
            "widgets:write" in self.claims(client, capsys.readouterr().out.strip()).claims["scope"]
        )

    def test_command_before_the_first_start_says_so(self, monkeypatch):
        def fail(**kwargs):
            raise OperationalError("no such table")

        monkeypatch.setattr(User.objects, "filter", fail)
        with pytest.raises(CommandError, match="there are no accounts yet: scripts/run"):
            call_command("token", "x@example.com")

    def test_command_names_who_there_is(self, accounts):
        with pytest.raises(CommandError, match=r"there is editor@example.com, viewer@example.com"):
            call_command("token", "x@example.com")


class TestKeys:
    def test_published_keys_are_public_and_cacheable(self, client):
        response = client.get("/.well-known/jwks.json")

        assert response.headers["Cache-Control"] == "public, max-age=600"
        assert [key.keys() & {"d", "kid", "alg"} for key in response.json()["keys"]] == [
            {"kid", "alg"}
        ]

    def test_two_processes_that_start_at_once_share_the_first_one_s(self, settings, tmp_path):
        path = settings.SIGNING_KEY_FILE = tmp_path / "key.pem"
        keys._make(path)
        first = path.read_bytes()
        keys._make(path)

        assert path.read_bytes() == first
        assert path.stat().st_mode & 0o077 == 0
        assert list(tmp_path.iterdir()) == [path]


def test_unknown_role_may_nothing():
    assert scopes_of(["owners"]) == frozenset()
