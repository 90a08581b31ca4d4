"""The first page after registration, and the ways to begin: each can be skipped, none does half of it."""

import itertools

import pytest
from django.test import Client
from django.urls import reverse

from accounts.languages import said_currency, said_locale
from accounts.models import User
from portfolios import demo
from portfolios.models import Portfolio, Transaction
from portfolios.services import delete_portfolio
from tests.factories import NOW, AssetFactory, SnapshotFactory, day

pytestmark = pytest.mark.django_db
URL = "/welcome/"
SEEN = {"currency": "EUR", "timezone": "Europe/Vienna", "locale": "de-DE"}


@pytest.fixture
def market() -> None:
    """Prices of every coin of the samples on every day on which one moved."""
    for symbol in demo.SYMBOLS:
        coin = AssetFactory(symbol=symbol)
        lines = itertools.chain(*demo.PORTFOLIOS.values())
        for each in {line.day[:10] for line in lines if line.symbol == symbol}:
            SnapshotFactory(asset=coin, at=day(each), price=10_000)


def kept(user: User) -> tuple[str, ...]:
    user.refresh_from_db()
    return user.currency, user.timezone, user.locale


class TestThePage:
    def test_it_is_filled_with_what_is_known(self, alice_client: Client) -> None:
        page = alice_client.get(URL, headers={"Accept-Language": "de-AT,de;q=0.9,en;q=0.8"}).content.decode()
        assert '<option value="de-DE" selected>' in page
        assert '<option value="UTC" selected>' in page

    def test_looking_around_keeps_the_choices(self, alice: User, alice_client: Client) -> None:
        assert alice_client.post(URL, SEEN | {"way": "look"})["Location"] == "/"
        assert kept(alice) == ("EUR", "Europe/Vienna", "de-DE")
        assert not Portfolio.objects.exists()

    def test_a_purchase_gets_a_portfolio_to_go_into(self, alice: User, alice_client: Client) -> None:
        answer = alice_client.post(URL, SEEN | {"way": "purchase"}, follow=True)
        portfolio = Portfolio.objects.get()
        assert (portfolio.owner, portfolio.currency) == (alice, "EUR")
        assert answer.redirect_chain == [(f"/transactions/new/?portfolio={portfolio.pk}&kind=buy", 303)]

    @pytest.mark.parametrize(
        "wrong", [{"currency": "XYZ"}, {"timezone": "Mars/Base"}, {"locale": "xx"}, {"locale": "\x00"}]
    )
    def test_what_is_not_offered_is_refused_beside_the_field(self, alice, alice_client, wrong) -> None:
        answer = alice_client.post(URL, SEEN | {"way": "samples"} | wrong)
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == list(wrong)
        assert kept(alice) == ("USD", "UTC", "en")
        assert not Portfolio.objects.exists()

    def test_looking_at_it_changes_nothing(self, alice: User, alice_client: Client) -> None:
        alice_client.get(URL, SEEN | {"way": "samples"})
        assert kept(alice) == ("USD", "UTC", "en")
        assert alice_client.get(reverse("begin")).status_code == 405

    def test_the_first_portfolio_is_said_to_stay_in_its_currency(
        self, alice: User, alice_client: Client
    ) -> None:
        for url in (URL, "/"):
            page = alice_client.get(url).content.decode()
            assert "“My portfolio”" in page
            assert "can’t be changed later" in page
        alice_client.post(reverse("begin"), {"way": "purchase"})
        assert alice.portfolios.get().name == "My portfolio"

    def test_the_empty_dashboard_offers_the_same(self, alice_client: Client) -> None:
        page = alice_client.get("/").content.decode()
        assert 'value="purchase"' in page
        assert 'value="samples"' in page


class TestSamples:
    def test_they_are_recorded_in_ones_own_account_and_named(self, market, alice, alice_client) -> None:
        answer = alice_client.post(reverse("begin"), {"way": "samples"}, follow=True)
        assert "Sample data is loaded" in answer.content.decode()
        names = list(alice.portfolios.values_list("name", flat=True))
        assert names == ["Sample: Cold storage", "Sample: Long-term alts", "Sample: Trading"]
        assert Transaction.objects.owned_by(alice).count() == sum(map(len, demo.PORTFOLIOS.values()))

    def test_they_are_loaded_once(self, market, alice, alice_client) -> None:
        for _ in range(2):
            answer = alice_client.post(reverse("begin"), {"way": "samples"}, follow=True)
        assert "is loaded already" in answer.content.decode()
        assert alice.portfolios.count() == 3

    def test_each_can_be_deleted(self, market, alice) -> None:
        for portfolio in demo.load_samples(owner=alice, now=NOW):
            delete_portfolio(portfolio=portfolio)
        assert not Transaction.objects.exists()

    @pytest.mark.parametrize("coins", [(), tuple(sorted(demo.SYMBOLS))])
    def test_without_prices_nothing_is_half_done(self, alice, alice_client, coins) -> None:
        for symbol in coins:
            AssetFactory(symbol=symbol)
        answer = alice_client.post(reverse("begin"), {"way": "samples"}, follow=True)
        assert "There are no prices of that time" in answer.content.decode()
        assert not Portfolio.objects.exists()


@pytest.mark.parametrize(
    ("accepted", "locale", "currency"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de-DE", "EUR"),
        ("de-CH", "de-CH", "CHF"),
        ("sv", "sv-SE", None),
        ("en-US,en;q=0.9", "en-US", "USD"),
        ("en-AU,en", "en", "AUD"),
        ("en", "en", None),
        ("fr;q=0.5, ja-JP", "ja-JP", "JPY"),
        ("", "en", None),
        ("*", "en", None),
        ("x" * 9000, "en", None),
        ("\x00, ../..", "en", None),
    ],
)
def test_what_a_browser_says_of_its_user(accepted: str, locale: str, currency: str | None) -> None:
    assert (said_locale(accepted), said_currency(accepted)) == (locale, currency)


def test_registration_offers_the_currency_of_the_browsers_country(client: Client) -> None:
    page = client.get("/accounts/register/", headers={"Accept-Language": "pl-PL,pl"}).content.decode()
    assert '<option value="PLN" selected>' in page
