"""A page that is remembered is the page that would be drawn: whatever changes in between draws it anew."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.services import change_display, change_profile
from portfolios.models import Portfolio
from portfolios.services import change_cost_method, create_portfolio, rename_portfolio
from prices.models import Asset, Heartbeat
from prices.services import Offer, record_snapshots
from prices.services.by_hand import set_price
from tests.conftest import signed_in
from tests.factories import NOW, AssetFactory, FiatFactory, SnapshotFactory, day, record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year", "bought")]
TOKEN = re.compile(r"\b[A-Za-z0-9]{64}\b")
REMEMBERED = 8  # queries at most: session, reader, books, coins, prices, worker


PAGES = (
    "dashboard", "portfolio", "asset", "performance", "portfolio-performance", "gains", "portfolio-gains",
)  # fmt: skip


def address(page: str) -> str:
    own = [Portfolio.objects.get(name="Savings").pk]
    of = {"asset": [*own, "BTC"], "dashboard": [], "performance": [], "gains": []}
    return reverse(page, args=of.get(page, own))


def drawn(client: Client, url: str, **headers: str) -> str:
    """The page without its tokens, which are others each time."""
    response = client.get(url, headers=headers)
    assert response.status_code == 200
    return TOKEN.sub("", response.content.decode())


def a_price_comes(price: str, at: str, asset: Asset | None = None) -> None:
    offer = Offer(asset or AssetFactory(), day(at), Decimal(price))
    record_snapshots([offer], now=NOW, source="coinbase")


def unfollowed() -> Asset:
    return Asset.objects.get(symbol="XYZ")


def hold_what_is_no_longer_followed() -> None:
    coin = AssetFactory(symbol="XYZ")
    SnapshotFactory(asset=coin, at=day("2024-12-30"), price=Decimal(11))
    record(savings(), "buy", "1", "2024-07-01", asset=coin, unit_price="9")
    Asset.objects.filter(pk=coin.pk).update(is_tracked=False)


def savings() -> Portfolio:
    return Portfolio.objects.get()


CHANGES = {
    "a purchase": lambda: record(savings(), "buy", "1", "2024-07-01", unit_price="90"),
    "a sale": lambda: record(savings(), "sell", "0.5", "2024-08-01", unit_price="150"),
    "a note": lambda: record(savings(), "deposit", "1", "2024-07-01", cost="90", note="found"),
    "another name": lambda: rename_portfolio(portfolio=savings(), name="Spendings"),
    "another method": lambda: change_cost_method(portfolio=savings(), cost_method="hifo"),
    "another portfolio": lambda: create_portfolio(owner=savings().owner, name="Two", currency="USD"),
    "a newer price": lambda: a_price_comes("220", "2024-12-31 23:59:30"),
    "an earlier price": lambda: a_price_comes("190", "2024-12-30"),
    "a corrected price": lambda: set_price(
        asset=AssetFactory(), at=day("2025-01-01"), price=Decimal(210), now=NOW
    ),
    "a newer price of a coin that is held, and no longer followed": lambda: a_price_comes(
        "12", "2024-12-31 23:59:30", unfollowed()
    ),
    "a price of another coin": lambda: SnapshotFactory(asset=AssetFactory(symbol="ETH"), price=Decimal(9)),
    "another name of the coin": lambda: Asset.objects.filter(symbol="BTC").update(name="Bitcoin classic"),
    "another currency": lambda: change_display(user=savings().owner, currency="EUR"),
    "another unit": lambda: change_display(user=savings().owner, unit="sats"),
    "another name of the reader": lambda: change_profile(user=savings().owner, name="Al", email="a@b.org"),
    "a sign of life": lambda: Heartbeat.objects.create(pk=1, at=NOW),
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("change", CHANGES)
def test_after_a_change_the_page_is_the_one_that_would_be_drawn(alice_client, page, change) -> None:
    FiatFactory()
    hold_what_is_no_longer_followed()
    url = address(page)
    drawn(alice_client, url)
    CHANGES[change]()
    shown = drawn(alice_client, url)
    cache.clear()
    assert shown == drawn(alice_client, url)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_drawn_once(alice_client, page, django_assert_max_num_queries) -> None:
    before = drawn(alice_client, address(page))
    with django_assert_max_num_queries(REMEMBERED):
        assert drawn(alice_client, address(page)) == before


@pytest.mark.parametrize("cookie", ["private", "theme", "shortcuts", "live"])
def test_each_device_has_its_own(alice_client, cookie) -> None:
    before = drawn(alice_client, "/")
    alice_client.cookies[cookie] = {"private": "1", "theme": "dark"}.get(cookie, "off")
    assert drawn(alice_client, "/") != before


def test_another_region_or_address_is_another_page(alice_client) -> None:
    whole = drawn(alice_client, "/")
    part = drawn(alice_client, "/", HX_Request="true", HX_Target="hero")
    assert len(part) < len(whole)
    assert drawn(alice_client, "/?range=1W") != whole


def test_another_reader_sees_their_own(alice_client, charlie) -> None:
    assert "Savings" in drawn(alice_client, "/")
    assert "Savings" not in drawn(signed_in(charlie), "/")


def test_what_is_dated_ahead_counts_from_its_minute_on(alice_client) -> None:
    record(savings(), "deposit", "1", "2025-01-01 00:01", cost="90")
    assert "400.00" not in drawn(alice_client, "/")
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        assert "400.00" in drawn(alice_client, "/")


def test_each_answer_has_a_token_of_its_own_that_is_taken(alice) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="accounts.backends.AccountBackend")
    tokens = [set(TOKEN.findall(client.get("/").content.decode())) for _ in range(2)]
    assert all(len(each) == 1 for each in tokens)
    assert tokens[0] != tokens[1]
    form = {"theme": "dark", "csrfmiddlewaretoken": tokens[1].pop()}
    assert client.post(reverse("display"), form).status_code == 302


def test_what_was_just_done_is_said_once(alice_client) -> None:
    drawn(alice_client, "/portfolios/new/")
    alice_client.post(reverse("portfolio-new"), {"name": "Two", "currency": "USD", "cost_method": "fifo"})
    url = reverse("portfolio", args=[Portfolio.objects.get(name="Savings").pk])
    assert toasts(drawn(alice_client, url)) == 1
    assert toasts(drawn(alice_client, url)) == 0
    assert toasts(drawn(alice_client, url)) == 0


def toasts(page: str) -> int:
    """How many stand there; what a script makes others of is none."""
    return page.partition("<template")[0].count('class="toast"')
