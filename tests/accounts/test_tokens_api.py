"""The account's routes of the API: the form's rules and the form's throttles, answers without secrets."""

import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.models import TokenFamily, User

pytestmark = pytest.mark.django_db

OWN_CACHE = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "tokens"}}
NOW = datetime(2025, 1, 1, tzinfo=UTC)
RIGHT = {"username": "alice", "password": "alice-has-a-long-password"}
WRONG = RIGHT | {"password": "wrong"}
NEW = {"username": "dora", "email": "dora@example.org", "password": "dora-has-a-long-password"}


def post(client: Client, path: str, body: object, **options):
    return client.post(f"/api/auth/{path}", body, content_type="application/json", **options)


def me(client: Client, token: str):
    return client.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"})


class TestRegister:
    def test_it_opens_an_account(self, client: Client) -> None:
        response = post(client, "register", NEW)
        dora = User.objects.get()
        assert response.status_code == 201
        assert response.json() == {"id": dora.pk, "username": "dora"}
        assert dora.check_password(NEW["password"])
        assert (dora.email, dora.currency, dora.timezone) == ("dora@example.org", "USD", "UTC")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("username", ""), ("username", "ALICE"), ("username", "a b"), ("username", "x" * 151),
            ("email", ""), ("email", "nobody"),
            ("password", ""), ("password", "short"), ("password", "12345678901"), ("password", "password"),
            ("password", "dora@example.org"), ("password", "x" * 4097),
        ],
    )  # fmt: skip
    def test_it_refuses_what_the_form_refuses_in_its_words(
        self, client: Client, alice: User, field: str, value: str
    ) -> None:
        said = post(client, "register", NEW | {field: value})
        form = client.post("/accounts/register/", NEW | {field: value, "currency": "USD"}).context["form"]
        assert said.status_code == 422
        assert said.json()["errors"] == {name: list(words) for name, words in form.errors.items()}
        assert field in said.json()["errors"]
        assert User.objects.count() == 1

    @pytest.mark.parametrize(
        "body", [{}, [], None, '"x"', NEW | {"is_staff": True}, NEW | {"username": 5}, NEW | {"email": None}]
    )
    def test_another_shape_is_refused(self, client: Client, body: object) -> None:
        assert post(client, "register", body).status_code == 422
        assert not User.objects.exists()

    def test_form_and_api_are_counted_together_by_address(self, client: Client, settings) -> None:
        settings.ACCOUNT_FORMS_PER_HOUR = 2
        settings.CACHES = OWN_CACHE
        client.post("/accounts/register/", {"username": "x"})
        first, second = post(client, "register", NEW), post(client, "register", NEW)
        assert (first.status_code, second.status_code, second["Retry-After"]) == (201, 429, "3600")
        assert client.post("/accounts/register/", {"username": "x"}).status_code == 429
        other = NEW | {"email": "other@example.org"}
        assert post(client, "register", other, REMOTE_ADDR="192.0.2.7").status_code == 422


class TestSigningIn:
    @pytest.mark.parametrize("name", ["alice", "ALICE"])
    def test_a_pair_lets_in_without_a_session(self, client: Client, alice: User, name: str) -> None:
        response = post(client, "token", RIGHT | {"username": name})
        assert me(client, response.json()["access"]).json()["username"] == "alice"
        assert not client.cookies
        assert not Session.objects.exists()
        alice.refresh_from_db()
        assert alice.last_login is not None

    def test_the_program_is_remembered_by_what_it_calls_itself(self, client: Client, alice: User) -> None:
        post(client, "token", RIGHT, headers={"User-Agent": "script\x00/1 " + "x" * 1000})
        assert TokenFamily.objects.get().device == ("script/1 " + "x" * 1000)[:200]

    def test_every_cause_of_failure_reads_the_same(self, client: Client, alice: User, charlie: User) -> None:
        User.objects.filter(pk=charlie.pk).update(is_active=False)
        User.objects.create_user("demo", "demo@example.org", "demo", is_demo=True)
        causes = [
            WRONG, {"username": "nobody", "password": "x"}, {"username": "", "password": ""},
            {"username": "charlie", "password": "charlie-has-a-long-password"},
            {"username": "demo", "password": "demo"},
            RIGHT | {"username": "x" * 100_000}, RIGHT | {"password": "x" * 100_000},
        ]  # fmt: skip
        answers = [post(client, "token", cause) for cause in causes]
        assert {answer.status_code for answer in answers} == {401}
        assert len({answer.content for answer in answers}) == 1
        assert not TokenFamily.objects.exists()

    def test_a_password_is_hashed_once_whoever_is_named(
        self, client: Client, alice: User, charlie: User, monkeypatch
    ) -> None:
        """What takes the time takes it for an unknown and for a disabled user too."""
        User.objects.filter(pk=charlie.pk).update(is_active=False)
        hashed: list[str] = []
        hasher = "django.contrib.auth.hashers.MD5PasswordHasher.encode"
        monkeypatch.setattr(hasher, lambda _, password, salt: hashed.append(password) or f"md5${salt}$x")
        for number, name in enumerate(("alice", "nobody", "charlie"), start=1):
            assert post(client, "token", WRONG | {"username": name}).status_code == 401
            assert len(hashed) == number

    def test_the_demo_account_signs_in_in_demo_mode(self, client: Client, settings) -> None:
        settings.DEMO = True
        User.objects.create_user("demo", "demo@example.org", "demo", is_demo=True)
        assert post(client, "token", {"username": "demo", "password": "demo"}).status_code == 200

    def test_another_shape_is_refused(self, client: Client) -> None:
        for body in ({}, [], RIGHT | {"otp": "1"}, RIGHT | {"username": 5}, RIGHT | {"password": None}):
            assert post(client, "token", body).status_code == 422

    def test_no_secret_is_logged(self, client: Client, alice: User, caplog, settings) -> None:
        settings.AXES_ENABLED = True
        with caplog.at_level(logging.DEBUG):
            post(client, "token", WRONG)
            pair = post(client, "token", RIGHT).json()
            following = post(client, "token/refresh", {"refresh": pair["refresh"]}).json()
            post(client, "token/refresh", {"refresh": pair["refresh"]})
            me(client, following["access"])
        for secret in (RIGHT["password"], *pair.values(), *following.values()):
            assert secret not in caplog.text


class TestHostileText:
    @pytest.mark.parametrize("path", ["register", "token", "token/refresh", "token/revoke"])
    @pytest.mark.parametrize("text", ["nul\\u0000byte", "\\ud800", "\\u202e", "x" * 200_000])
    def test_nothing_is_an_error_of_ours(self, client: Client, db: None, path: str, text: str) -> None:
        fields = {"register": NEW, "token": RIGHT}.get(path, {"refresh": ""})
        for field in fields:
            body = json.dumps(fields | {field: "HERE"}).replace("HERE", text)
            assert 200 <= post(client, path, body).status_code < 500
        assert not User.objects.exists()


class TestLockOut:
    @pytest.fixture(autouse=True)
    def guarded(self, settings) -> None:
        settings.AXES_ENABLED = True
        settings.AXES_FAILURE_LIMIT = 5

    def test_five_wrong_tries_bring_a_pause_that_says_when_it_ends(self, client: Client, alice: User) -> None:
        answers = [post(client, "token", WRONG).status_code for _ in range(5)]
        assert answers == [401, 401, 401, 401, 429]
        response = post(client, "token", RIGHT)
        assert (response.status_code, response["Retry-After"]) == (429, "900")
        assert response["Content-Type"].startswith("application/json")

    def test_an_unknown_name_hears_the_same(self, client: Client, alice: User) -> None:
        def told(name: str) -> list[tuple[int, bytes]]:
            answers = [post(client, "token", WRONG | {"username": name}) for _ in range(6)]
            return [(answer.status_code, answer.content) for answer in answers]

        assert told("alice") == told("nobody")

    def test_form_and_api_are_counted_together(self, client: Client, alice: User) -> None:
        for _ in range(3):
            post(client, "token", WRONG | {"username": "ALICE"})
        form = [client.post("/accounts/login/", WRONG).status_code for _ in range(2)]
        assert form == [422, 429]
        assert post(client, "token", RIGHT).status_code == 429

    def test_a_success_begins_the_count_anew(self, client: Client, alice: User) -> None:
        for _ in range(4):
            post(client, "token", WRONG)
        assert post(client, "token", RIGHT).status_code == 200
        assert [post(client, "token", WRONG).status_code for _ in range(4)] == [401] * 4

    def test_it_ends_by_itself(self, client: Client, alice: User) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            for _ in range(5):
                post(client, "token", WRONG)
            clock.shift(timedelta(minutes=15, seconds=1))
            assert post(client, "token", RIGHT).status_code == 200

    def test_others_and_other_addresses_sign_in_meanwhile(
        self, client: Client, alice: User, charlie: User
    ) -> None:
        for _ in range(5):
            post(client, "token", WRONG)
        charlies = {"username": "charlie", "password": "charlie-has-a-long-password"}
        assert post(client, "token", charlies).status_code == 200
        assert post(client, "token", RIGHT, REMOTE_ADDR="192.0.2.7").status_code == 200


class TestRefreshing:
    def test_a_pair_becomes_the_next_and_a_used_one_is_refused(self, client: Client, alice: User) -> None:
        pair = post(client, "token", RIGHT).json()
        following = post(client, "token/refresh", {"refresh": pair["refresh"]}).json()
        assert me(client, following["access"]).status_code == 200
        assert post(client, "token/refresh", {"refresh": pair["refresh"]}).status_code == 401
        assert me(client, following["access"]).status_code == 401
        assert not TokenFamily.objects.exists()

    @pytest.mark.parametrize("word", ["", "x", "x" * 100_000])
    def test_what_is_no_token_is_refused(self, client: Client, word: str) -> None:
        assert post(client, "token/refresh", {"refresh": word}).status_code == 401
        assert post(client, "token/revoke", {"refresh": word}).status_code == 204

    def test_revoking_ends_both(self, client: Client, alice: User) -> None:
        pair = post(client, "token", RIGHT).json()
        response = post(client, "token/revoke", {"refresh": pair["refresh"]})
        assert (response.status_code, response.content) == (204, b"")
        assert me(client, pair["access"]).status_code == 401
        assert post(client, "token/refresh", {"refresh": pair["refresh"]}).status_code == 401


class TestMe:
    @pytest.fixture
    def token(self, alice: User) -> str:
        return services.make_api_token(owner=alice, name="Script", may_write=True, days=None, now=NOW)

    def change(self, client: Client, token: str, body: object):
        headers = {"Authorization": f"Bearer {token}"}
        return client.patch("/api/auth/me", body, content_type="application/json", headers=headers)

    def test_it_tells_who_one_is_and_nothing_more(self, client: Client, alice: User, token: str) -> None:
        assert me(client, token).json() == {
            "id": alice.pk,
            "username": "alice",
            "email": "alice@example.org",
            "currency": "USD",
            "timezone": "UTC",
        }

    @pytest.mark.parametrize("token", ["", "x", "bf_x", "null"])
    def test_nobody_else_is_told(self, client: Client, alice: User, token: str) -> None:
        assert me(client, token).status_code == 401
        assert client.get("/api/auth/me").status_code == 401

    def test_it_changes_what_is_given(self, client: Client, alice: User, token: str) -> None:
        said = self.change(client, token, {"currency": "EUR", "timezone": "Asia/Tokyo"}).json()
        assert (said["currency"], said["timezone"], said["email"]) == (
            "EUR",
            "Asia/Tokyo",
            "alice@example.org",
        )
        assert self.change(client, token, {"email": "new@example.org"}).json()["email"] == "new@example.org"
        assert self.change(client, token, {"email": None}).json()["email"] == "new@example.org"

    @pytest.mark.parametrize("password", [None, "", "wrong", "alice-has-a-long-password"])
    def test_a_browsers_session_needs_the_password_for_another_address(
        self, alice_client: Client, alice: User, password: str | None
    ) -> None:
        body = {"email": "new@example.org", "currency": "EUR", "password": password}
        response = alice_client.patch("/api/auth/me", body, content_type="application/json")
        alice.refresh_from_db()
        if password == "alice-has-a-long-password":
            assert (response.status_code, alice.email, alice.currency) == (200, "new@example.org", "EUR")
        else:
            assert (response.status_code, list(response.json()["errors"])) == (422, ["password"])
            assert (alice.email, alice.currency) == ("alice@example.org", "USD")

    def test_a_browsers_session_changes_all_else_without_it(self, alice_client: Client, alice: User) -> None:
        body = {"email": alice.email, "currency": "EUR"}
        assert alice_client.patch("/api/auth/me", body, content_type="application/json").status_code == 200

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("email", ""), ("email", "nobody"), ("currency", "XYZ"),
            ("currency", ""), ("timezone", "Mars/Base"), ("timezone", ""), ("timezone", "x" * 1000),
        ],
    )  # fmt: skip
    def test_it_refuses_by_field_and_then_nothing_is_changed(
        self, client: Client, alice: User, token: str, field: str, value: str
    ) -> None:
        right = {"email": "new@example.org", "currency": "EUR", "timezone": "Asia/Tokyo"}
        response = self.change(client, token, right | {field: value})
        assert response.status_code == 422
        assert list(response.json()["errors"]) == [field]
        alice.refresh_from_db()
        assert (alice.email, alice.currency, alice.timezone) == ("alice@example.org", "USD", "UTC")

    def test_what_it_does_not_offer_is_refused(self, client: Client, alice: User, token: str) -> None:
        for body in ({"username": "x"}, {"id": 5}, {"is_staff": True}, {"currency": 5}, []):
            assert self.change(client, token, body).status_code == 422

    def test_a_token_costs_one_question(self, client: Client, token: str) -> None:
        me(client, token)
        with CaptureQueriesContext(connection) as queries:
            me(client, token)
        assert len(queries) == 1
