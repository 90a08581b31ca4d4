"""The price pages and the ticker: honest about age, silent about what is unknown, cheap to ask."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from prices import pages
from prices.models import Asset, PriceSnapshot
from prices.selectors import DAY, HOUR
from tests.factories import AssetFactory, SnapshotFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def coin(symbol: str = "BTC", *, tracked: bool = True) -> Asset:
    return AssetFactory(symbol=symbol, is_tracked=tracked)


def closes(
    asset: Asset, days: int, *, until: datetime = NOW, skip: range = range(0), start: int = 1000
) -> None:
    """A close at each midnight of so many days, one dollar higher each day."""
    moments = [until - number * DAY for number in range(days) if number not in skip]
    PriceSnapshot.objects.bulk_create(
        PriceSnapshot(asset=asset, at=at, price=Decimal(start + (at - until).days + days), source="pack")
        for at in moments
    )


class TestTicker:
    def test_the_best_known_tracked_coins_come_first(self) -> None:
        for symbol, tracked in (("SOL", True), ("ADA", True), ("BTC", False), ("ETH", True)):
            SnapshotFactory(asset=coin(symbol, tracked=tracked))
        rows = pages.ticker(now=NOW).rows
        assert [row.asset.symbol for row in rows] == ["ETH", "SOL", "ADA"]

    def test_coins_without_a_price_are_left_out(self) -> None:
        coin("BTC")
        assert pages.ticker(now=NOW).rows == ()

    def test_a_change_is_measured_from_a_day_before_the_price_itself(self) -> None:
        closes(coin(), 3)
        row = pages.ticker(now=NOW + timedelta(days=400)).rows[0]
        assert row.day_change == Decimal(1003) / Decimal(1002) - 1

    def test_without_a_price_of_the_day_before_the_change_is_unknown(self) -> None:
        closes(coin(), 3, skip=range(1, 2))
        assert pages.ticker(now=NOW).rows[0].day_change is None

    @pytest.mark.parametrize(("age", "stale"), [(29, False), (30, False), (31, True)])
    def test_a_price_is_fresh_for_half_an_hour(self, age: int, stale: bool) -> None:
        SnapshotFactory(asset=coin())
        assert pages.ticker(now=NOW + timedelta(minutes=age)).is_stale is stale

    def test_it_never_shows_a_price_from_the_future(self) -> None:
        SnapshotFactory(asset=coin(), at=NOW + HOUR)
        assert pages.ticker(now=NOW).rows == ()

    def test_it_costs_two_queries(self, django_assert_num_queries) -> None:
        for symbol in ("BTC", "ETH", "SOL", "ADA", "DOT"):
            closes(coin(symbol), 3)
        with django_assert_num_queries(2):
            assert len(pages.ticker(now=NOW).rows) == 3

    @pytest.mark.parametrize(
        ("age", "text"),
        [
            (timedelta(minutes=5), "Live · "),
            (timedelta(hours=3), "Prices from "),
            (timedelta(days=400), "Prices from "),
        ],
    )
    def test_the_page_says_live_only_while_it_is(
        self, alice_client: Client, age: timedelta, text: str
    ) -> None:
        SnapshotFactory(asset=coin())
        with time_machine.travel(NOW + age, tick=False):
            page = alice_client.get(reverse("settings")).content.decode()
        assert text in page
        assert ("Live · " in page) == (text == "Live · ")
        assert ("1 Jan 2025" in page) == (age > DAY)


class TestLiveUpdate:
    def ask(self, client: Client, since: str, now: datetime = NOW):
        with time_machine.travel(now, tick=False):
            return client.get(reverse("price-ticker"), {"since": since})

    def test_nothing_newer_is_said_in_one_query_beyond_the_session(
        self, alice_client: Client, django_assert_num_queries
    ) -> None:
        SnapshotFactory(asset=coin())
        alice_client.get("/accounts/settings/")  # the first visit of a session is noted
        with django_assert_num_queries(4):  # session, sign-in, user, newest price
            response = self.ask(alice_client, "2025-01-01T00:00:00Z")
        assert (response.status_code, response.content) == (204, b"")

    def test_something_newer_comes_with_word_for_the_other_regions(self, alice_client: Client) -> None:
        SnapshotFactory(asset=coin(), price=Decimal("94321.5"))
        response = self.ask(alice_client, "2024-12-31T23:55:00Z")
        assert json.loads(response["HX-Trigger"]) == {"prices:changed": {}}
        assert "$94,321.50" in response.content.decode()
        assert "?since=2025-01-01T00:00:00Z" in response.content.decode()

    def test_a_newer_price_of_a_coin_that_is_not_shown_counts_too(self, alice_client: Client) -> None:
        for symbol in ("BTC", "ETH", "SOL"):
            SnapshotFactory(asset=coin(symbol))
        SnapshotFactory(asset=coin("DOGE"), at=NOW + HOUR)
        assert self.ask(alice_client, "2025-01-01T00:00:00Z", NOW + HOUR).status_code == 200

    @pytest.mark.parametrize("since", ["", "yesterday", "2025-13-45T99:99:99Z", "\x00", "9" * 5000])
    def test_an_address_that_names_no_instant_gets_the_ticker(self, alice_client: Client, since: str) -> None:
        SnapshotFactory(asset=coin())
        assert self.ask(alice_client, since).status_code == 200

    def test_before_any_price_there_is_nothing_to_send(self, alice_client: Client) -> None:
        assert self.ask(alice_client, "").status_code == 204


class TestList:
    def test_it_shows_tracked_coins_with_source_and_age(self, client: Client) -> None:
        closes(coin(), 31)
        page = client.get(reverse("price-list")).content.decode()
        assert "$1,031.00" in page
        assert "Shipped history" in page
        assert "1 Jan 2025" in page
        assert 'aria-label="Bitcoin, last 30 days"' in page

    def test_before_any_coin_is_tracked_it_shows_all_that_have_a_price(self) -> None:
        SnapshotFactory(asset=coin("ADA", tracked=False))
        assert [row.asset.symbol for row in pages.price_rows(now=NOW)] == ["ADA"]

    def test_a_tracked_coin_without_a_price_is_not_left_out(self, client: Client) -> None:
        SnapshotFactory(asset=coin())
        coin("ADA")
        coin("DOT", tracked=False)
        page = client.get(reverse("price-list")).content.decode()
        assert reverse("price-page", args=["ADA"]) in page
        assert page.count("no price yet") == 1

    def test_without_prices_it_says_how_they_come(self, client: Client) -> None:
        assert "No prices yet" in client.get(reverse("price-list")).content.decode()

    def test_queries_do_not_grow_with_the_coins(self, django_assert_num_queries) -> None:
        for symbol in ("BTC", "ETH", "SOL", "ADA", "DOT"):
            closes(coin(symbol), 31)
        with django_assert_num_queries(4):
            assert len(pages.price_rows(now=NOW)) == 5


class TestPage:
    def test_visitors_and_users_may_read_it(self, client: Client, alice_client: Client) -> None:
        closes(coin(), 40)
        for reader in (client, alice_client):
            assert reader.get("/prices/BTC/").status_code == 200

    @pytest.mark.parametrize("symbol", ["XYZ", "btc", "USD", "%00", "BTC%00", "x" * 500, "..%2f", "<script>"])
    def test_an_unknown_symbol_is_not_found(self, client: Client, symbol: str) -> None:
        coin()
        AssetFactory(symbol="USD", kind=Asset.Kind.FIAT)
        assert client.get(f"/prices/{symbol}/").status_code == 404

    def test_a_coin_without_a_price_says_so(self, client: Client) -> None:
        coin()
        page = client.get("/prices/BTC/").content.decode()
        assert "No price of Bitcoin is stored yet" in page
        assert "$0" not in page

    def test_it_says_the_price_its_source_its_time_and_what_is_stored(self, client: Client) -> None:
        closes(coin(), 40)
        page = client.get("/prices/BTC/").content.decode()
        assert "$1,040.00" in page
        assert re.search(r"Price from 1 Jan 2025 00:00 UTC\s*· Shipped history", page)
        assert "40 daily closes" in page
        assert "23 Nov 2024" in page

    def test_its_figures_are_those_of_the_chart(self, client: Client) -> None:
        closes(coin(), 800)
        response = client.get("/prices/BTC/?range=1Y")
        series = response.context["series"]["main"]
        shown = response.context["history"]
        assert len(series) == 366
        assert (
            (series[0][1], series[-1][1]) == (float(shown.low[1]), float(shown.high[1])) == (1435.0, 1800.0)
        )

    def test_htmx_gets_the_chart_alone(self, client: Client) -> None:
        closes(coin(), 40)
        part = client.get("/prices/BTC/?range=1M", headers={"HX-Request": "true", "HX-Target": "chart"})
        text = part.content.decode()
        assert text.strip().startswith('<section class="card hero" id="chart"')
        assert "<html" not in text
        assert '<a id="range-1M" href="?range=1M"' in text

    def test_the_whole_page_answers_the_same_address_without_htmx(self, client: Client) -> None:
        closes(coin(), 40)
        assert "<html" in client.get("/prices/BTC/?range=1M").content.decode()

    @pytest.mark.parametrize("wanted", ["", "5Y", "all", "\x00", "1D", "x" * 5000])
    def test_a_range_that_is_not_offered_is_answered_with_everything(
        self, client: Client, wanted: str
    ) -> None:
        closes(coin(), 40)
        response = client.get("/prices/BTC/", {"range": wanted})
        assert response.context["history"].range == "ALL"

    def test_it_stays_within_twelve_queries(
        self, alice_client: Client, django_assert_max_num_queries
    ) -> None:
        closes(coin(), 800)
        alice_client.get("/accounts/settings/")  # the first visit of a session is noted
        with django_assert_max_num_queries(13):
            alice_client.get("/prices/BTC/")

    def test_a_currency_has_a_page_too(self, client: Client) -> None:
        euro = AssetFactory(symbol="EUR", name="Euro", kind=Asset.Kind.FIAT)
        for day in (2, 3, 6, 7):  # fixings rest on Saturdays and Sundays
            SnapshotFactory(
                asset=euro, at=datetime(2025, 1, day, 15, tzinfo=UTC), price=Decimal("1.03"), source="ecb"
            )
        response = client.get("/prices/EUR/")
        assert "European Central Bank" in response.content.decode()
        assert None not in [price for _, price in response.context["series"]["main"]]
