"""Prices are quoted in dollars; whoever reckons in another currency reads them in that beside."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from prices import pages
from prices.models import Asset
from tests.factories import NOW, AssetFactory, FiatFactory, SnapshotFactory

pytestmark = pytest.mark.django_db
LIST = "/prices/"
PAGE = "/prices/BTC/"


@pytest.fixture
def bitcoin(db) -> Asset:
    asset = AssetFactory(is_tracked=True)
    SnapshotFactory(asset=asset, at=NOW, price=Decimal(90_000))
    return asset


@pytest.fixture
def frank(alice) -> User:
    alice.currency = "CHF"
    alice.save()
    return alice


def rate(at=NOW, price: str = "1.2", code: str = "CHF") -> None:
    SnapshotFactory(asset=FiatFactory(symbol=code), at=at, price=Decimal(price))


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode().replace("\xa0", " ")


@pytest.mark.parametrize("path", [LIST, PAGE])
def test_in_the_readers_currency_beside_what_was_quoted(alice_client, frank, bitcoin, path) -> None:
    rate()
    html = text(alice_client, path)
    assert "$90,000.00" in html
    assert "≈ CHF 75,000.00" in html
    assert ("with CHF at the exchange rate of the same time" in html) == (path == LIST)


@pytest.mark.parametrize("path", [LIST, PAGE])
def test_in_dollars_alone_for_who_reckons_in_them_and_for_visitors(
    client, alice_client, bitcoin, path
) -> None:
    rate()
    for reader in (client, alice_client):
        html = text(reader, path)
        assert "$90,000.00" in html
        assert "≈" not in html
        assert "exchange rate" not in html


@pytest.mark.parametrize("path", [LIST, PAGE])
def test_without_a_rate_of_the_week_before_nothing_is_made_up(alice_client, frank, bitcoin, path) -> None:
    rate(NOW - timedelta(days=7, seconds=1))
    rate(NOW + timedelta(seconds=1))
    html = text(alice_client, path)
    assert "$90,000.00" in html
    assert "≈" not in html


def test_an_old_price_is_told_at_the_rate_of_its_own_day(bitcoin) -> None:
    old = AssetFactory(symbol="ETH", is_tracked=True)
    then = NOW - timedelta(days=100)
    SnapshotFactory(asset=old, at=then, price=Decimal(3_000))
    rate(then, "1.5")
    rate()
    rows = {row.asset.symbol: row.local for row in pages.told_in("CHF", pages.price_rows(now=NOW))}
    assert rows == {"BTC": 75_000, "ETH": 2_000}


def test_a_currency_is_not_told_in_itself(alice_client, frank) -> None:
    rate()
    assert "≈" not in text(alice_client, reverse("price-page", args=["CHF"]))


def test_it_takes_two_queries_and_none_for_dollars(bitcoin, django_assert_num_queries) -> None:
    for number in range(5):
        SnapshotFactory(asset=AssetFactory(symbol=f"C{number}", is_tracked=True), at=NOW)
    rate()
    rows = pages.price_rows(now=NOW)
    with django_assert_num_queries(2):
        assert all(row.local for row in pages.told_in("CHF", rows))
    with django_assert_num_queries(0):
        assert pages.told_in("USD", rows) == rows
