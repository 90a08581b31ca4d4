"""Deleting an account: every row of that user goes, nobody else's does, and the door asks twice."""

from collections.abc import Iterator

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import Answer, User
from portfolios.models import Portfolio, Transaction
from portfolios.services import change_cost_method, delete_account, delete_transaction
from tests.conftest import signed_in
from tests.factories import (
    NOW,
    ApiTokenFactory,
    AssetFactory,
    PortfolioFactory,
    SignInFactory,
    SnapshotFactory,
    TokenFamilyFactory,
    UserFactory,
    day,
    record,
)

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-enough-password"


def a_full_life(username: str) -> User:
    """A user with rows in every table that keeps something about people."""
    user = UserFactory(username=username)
    savings, wallet = (
        PortfolioFactory(owner=user, name="Savings"),
        PortfolioFactory(owner=user, name="Wallet"),
    )
    record(savings, "buy", "2", "2024-01-01", unit_price="100", note="first")
    record(savings, "sell", "0.5", "2024-02-01", unit_price="150", fee="1")
    record(savings, "transfer", "0.5", "2024-03-01", to_portfolio=wallet)
    delete_transaction(transaction=record(wallet, "deposit", "1", "2024-04-01", cost="90"), now=NOW)
    change_cost_method(portfolio=savings, cost_method="fifo")
    SignInFactory(owner=user)
    TokenFamilyFactory(owner=user)
    ApiTokenFactory(owner=user)
    Answer.objects.create(owner=user, key="k", at=NOW)
    about = ContentType.objects.get_for_model(Portfolio)
    LogEntry.objects.create(user=user, content_type=about, object_id="1", object_repr="x", action_flag=CHANGE)
    for tried in (AccessAttempt, AccessFailureLog, AccessLog):
        told = {"failures_since_start": 1} if tried is AccessAttempt else {}
        tried.objects.create(username=username, ip_address="10.0.0.1", **told)
    signed_in(user)
    return user


def tables() -> Iterator[type[Model]]:
    yield from apps.get_models(include_auto_created=True)


def everything() -> dict[str, list[tuple]]:
    return {kind._meta.db_table: sorted(kind.objects.values_list(), key=repr) for kind in tables()}


@pytest.fixture
def market() -> None:
    SnapshotFactory(asset=AssetFactory(), at=day("2023-12-31"))
    ContentType.objects.get_for_model(Portfolio)


def test_every_row_of_that_user_goes_and_no_other(market) -> None:
    a_full_life("bob")
    before = everything()
    alice = a_full_life("Alice")
    grown = {name for name, rows in everything().items() if len(rows) > len(before[name])}
    assert len(grown) >= 18  # or the life is not full
    delete_account(user=alice)
    assert everything() == before


def test_the_demo_account_stays(market) -> None:
    demo = a_full_life("demo")
    User.objects.filter(pk=demo.pk).update(is_demo=True)
    before = everything()
    with pytest.raises(ValidationError):
        delete_account(user=demo)
    assert everything() == before


class TestThePage:
    url = "/accounts/settings/data/delete/"

    def client(self, user: User) -> Client:
        return signed_in(user)

    def test_it_says_what_goes(self, market) -> None:
        page = self.client(a_full_life("alice")).get(self.url).content.decode()
        assert "2 portfolios and 3 transactions" in page

    def test_name_and_password_delete_the_account_and_sign_out(self, market) -> None:
        alice = a_full_life("alice")
        here, elsewhere = self.client(alice), self.client(alice)
        answer = here.post(self.url, {"username": "alice", "password": PASSWORD}, follow=True)
        assert answer.redirect_chain == [("/", 302)]
        assert "is deleted" in answer.content.decode()
        assert not User.objects.filter(username="alice").exists()
        assert not Transaction.objects.exists()
        assert elsewhere.get(reverse("portfolio-list")).status_code == 302
        assert not Session.objects.filter(pk=elsewhere.cookies["sessionid"].value).exists()

    @pytest.mark.parametrize(
        "typed",
        [
            {},
            {"username": "alice"},
            {"username": "Alice", "password": PASSWORD},
            {"username": "alice", "password": "wrong"},
            {"username": "alice", "password": PASSWORD + " "},
            {"username": "alice\x00", "password": "\x00"},
        ],
    )
    def test_without_both_nothing_happens(self, market, typed) -> None:
        alice = a_full_life("alice")
        answer = self.client(alice).post(self.url, typed)
        assert answer.status_code == 422
        assert User.objects.filter(pk=alice.pk).exists()
        assert alice.portfolios.count() == 2

    def test_looking_deletes_nothing(self, market) -> None:
        alice = a_full_life("alice")
        self.client(alice).get(self.url, {"username": "alice", "password": PASSWORD})
        assert User.objects.filter(pk=alice.pk).exists()

    def test_guessing_the_password_is_bounded(self, market, settings) -> None:
        settings.LOGIN_FAILURES_PER_HOUR = 3
        client = self.client(a_full_life("alice"))
        said = [client.post(self.url, {"username": "alice", "password": "no"}).status_code for _ in range(4)]
        assert said == [422, 422, 422, 429]

    def test_the_demo_account_is_told_that_it_stays(self, market, settings) -> None:
        settings.DEMO = True
        demo = a_full_life("demo")
        User.objects.filter(pk=demo.pk).update(is_demo=True)
        client = self.client(demo)
        assert "Delete account…" not in client.get("/accounts/settings/data/").content.decode()
        answer = client.post(self.url, {"username": "demo", "password": PASSWORD})
        assert answer.status_code == 422
        assert "others use it too" in answer.content.decode()
