"""Personal API tokens: shown once, to read or to write, noted when used, dead when revoked or run out."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import services
from accounts.models import ApiToken, User
from accounts.services.api_tokens import MOST
from accounts.tokens import bearer_of
from tests.conftest import signed_in
from tests.factories import ApiTokenFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 1, 1, tzinfo=UTC)
URL = "/accounts/settings/security/"
SHOWN = re.compile(r'id="id_secret" value="(bf_[\w-]{43})"')


def make(owner: User, name: str = "Script", may_write: bool = False, days: int | None = None) -> str:
    return services.make_api_token(owner=owner, name=name, may_write=may_write, days=days, now=NOW)


class TestService:
    @pytest.mark.parametrize("may_write", [True, False])
    def test_it_lets_in_with_the_scope_it_was_made_with(self, alice: User, may_write: bool) -> None:
        bearer = bearer_of(make(alice, may_write=may_write), now=NOW)
        assert (bearer.user, bearer.may_write) == (alice, may_write)

    def test_each_is_new_and_long(self, alice: User) -> None:
        made = {make(alice, name=f"Script {number}") for number in range(20)}
        assert len(made) == 20
        assert {len(secret) for secret in made} == {3 + 43}

    def test_it_ends_when_it_said_it_would(self, alice: User) -> None:
        secret = make(alice, days=30)
        assert bearer_of(secret, now=NOW + timedelta(days=30, seconds=-1))
        assert bearer_of(secret, now=NOW + timedelta(days=30)) is None

    def test_without_an_end_it_is_good_until_revoked(self, alice: User) -> None:
        secret = make(alice)
        assert bearer_of(secret, now=NOW + timedelta(days=10_000))
        services.revoke_api_token(token=alice.api_tokens.get())
        assert bearer_of(secret, now=NOW) is None

    def test_its_use_is_noted_at_most_once_a_minute(self, alice: User) -> None:
        secret, token = make(alice), alice.api_tokens.get()
        for seconds, noted in ((0, 0), (59, 0), (60, 60), (100, 60), (130, 130)):
            bearer_of(secret, now=NOW + timedelta(seconds=seconds))
            token.refresh_from_db()
            assert token.last_used_at == NOW + timedelta(seconds=noted)

    def test_between_notes_nothing_is_written(self, alice: User) -> None:
        secret = make(alice)
        bearer_of(secret, now=NOW)
        with CaptureQueriesContext(connection) as queries:
            bearer_of(secret, now=NOW + timedelta(seconds=30))
        assert [query["sql"][:6] for query in queries] == ["SELECT"]

    def test_a_name_is_used_once_while_it_lets_in(self, alice: User, charlie: User) -> None:
        make(alice, days=30)
        make(charlie)
        with pytest.raises(ValidationError) as refused:
            make(alice)
        assert list(refused.value.message_dict) == ["name"]
        ApiToken.objects.update(expires_at=NOW)
        assert bearer_of(make(alice), now=NOW)

    @pytest.mark.parametrize("name", ["", "x" * 61])
    def test_a_name_that_cannot_be_stored_is_refused(self, alice: User, name: str) -> None:
        with pytest.raises(ValidationError):
            make(alice, name=name)
        assert not alice.api_tokens.exists()

    def test_nobody_has_any_number_of_them(self, alice: User) -> None:
        ApiTokenFactory.create_batch(MOST, owner=alice)
        with pytest.raises(ValidationError, match="You have 50 tokens"):
            make(alice)

    def test_the_demo_account_has_none(self, settings) -> None:
        settings.DEMO = True
        demo = User.objects.create_user("demo", "demo@example.org", "demo", is_demo=True)
        with pytest.raises(ValidationError, match="everybody's"):
            make(demo)


class TestPage:
    def ask(self, client: Client, **form: str):
        return client.post(URL, {"name": "Script", "may_write": "", "days": "90"} | form)

    def test_it_is_shown_once(self, alice: User, alice_client: Client) -> None:
        page = self.ask(alice_client, may_write="on")
        secret = SHOWN.search(page.content.decode())[1]
        token = alice.api_tokens.get()
        assert bearer_of(secret, now=token.created_at).may_write
        assert token.expires_at - token.created_at == timedelta(days=90)
        again = alice_client.get(URL).content.decode()
        assert secret not in again
        assert token.prefix in again
        assert token.digest not in again
        assert page["Cache-Control"] == "private, no-store"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", ""), ("name", "x" * 61), ("name", "nul\x00byte"), ("may_write", "yes"), ("days", "7"),
            ("days", "-1"), ("days", "\x00"),
        ],
    )  # fmt: skip
    def test_it_refuses_what_does_not_fit_beside_the_field(
        self, alice: User, alice_client: Client, field: str, value: str
    ) -> None:
        response = self.ask(alice_client, **{field: value})
        assert response.status_code == 422
        assert response.context["form"].errors[field]
        assert not alice.api_tokens.exists()

    def test_a_name_that_is_in_use_is_refused_beside_the_field(self, alice_client: Client) -> None:
        self.ask(alice_client)
        response = self.ask(alice_client)
        assert response.status_code == 422
        assert response.context["form"].errors["name"] == ["You already have a token with this name."]
        assert not SHOWN.search(response.content.decode())

    def test_it_is_revoked_from_the_list(self, alice: User, alice_client: Client) -> None:
        secret = make(alice)
        url = reverse("api-token-revoke", args=[alice.api_tokens.get().pk])
        assert "Token revoked." in alice_client.post(url, follow=True).content.decode()
        assert bearer_of(secret, now=NOW) is None
        assert alice_client.post(url).status_code == 404

    def test_a_stranger_neither_sees_nor_revokes_it(self, alice: User, charlie_client: Client) -> None:
        secret = make(alice, name="Alices script")
        url = reverse("api-token-revoke", args=[alice.api_tokens.get().pk])
        assert "Alices script" not in charlie_client.get(URL).content.decode()
        assert charlie_client.post(url).status_code == 404
        assert bearer_of(secret, now=NOW)

    def test_the_name_is_inert(self, alice: User, alice_client: Client) -> None:
        self.ask(alice_client, name="<script>alert(1)</script>")
        assert "<script>alert" not in alice_client.get(URL).content.decode()

    def test_those_that_let_nobody_in_are_not_listed(self, alice: User, alice_client: Client) -> None:
        make(alice, name="Short", days=30)
        with time_machine.travel(NOW + timedelta(days=30), tick=False):
            assert "Short" not in alice_client.get(URL).content.decode()

    def test_the_demo_account_is_offered_none(self, settings) -> None:
        settings.DEMO = True
        demo = User.objects.create_user("demo", "demo@example.org", "demo", is_demo=True)
        client = signed_in(demo)
        assert "Make a token" not in client.get(URL).content.decode()
        assert self.ask(client).status_code == 422
        assert not demo.api_tokens.exists()


class TestAdministration:
    @pytest.mark.parametrize("model", ["apitoken", "tokenfamily", "signin"])
    def test_it_lists_without_secrets_and_changes_nothing(self, alice: User, model: str) -> None:
        secret = make(alice)
        services.open_family(user=alice, device="curl/8.5.0", now=NOW)
        services.note_sign_in(user=alice, device="curl/8.5.0", now=NOW)
        office = signed_in(User.objects.create_superuser("root", "root@example.org", "a-long-password"))
        row = {"apitoken": alice.api_tokens, "tokenfamily": alice.token_families, "signin": alice.sign_ins}[
            model
        ].get()
        for path in ("", f"{row.pk}/change/"):
            page = office.get(f"/admin/accounts/{model}/{path}").content.decode()
            assert "alice" in page
            for hidden in (secret, "digest", getattr(row, "digest", row.stamp), row.stamp):
                assert hidden not in page
        assert office.post(f"/admin/accounts/{model}/{row.pk}/change/", {}).status_code == 403
        assert office.post(f"/admin/accounts/{model}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
        assert office.get(f"/admin/accounts/{model}/add/").status_code == 403
