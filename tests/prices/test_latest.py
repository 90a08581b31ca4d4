"""Fetching the latest prices: sources in their order, failures said politely, limits kept by all workers."""

import logging
from datetime import timedelta
from decimal import Decimal

import pytest
from pytest_django import Settings

from prices.models import Asset, PriceSnapshot, SourceState
from prices.selectors import price_at
from prices.services import fetch_latest
from tests.prices.conftest import NOW
from tests.prices.fake_provider import FakeProvider, price_of

TRACKED = ("BNB", "BTC", "ETH", "SOL")
pytestmark = pytest.mark.django_db


def sources() -> dict[str, str]:
    return dict(PriceSnapshot.objects.values_list("asset__symbol", "source"))


class TestTheOrder:
    def test_the_first_source_answers_for_all_in_one_request(
        self, catalogue: None, provider: FakeProvider
    ) -> None:
        report = fetch_latest(now=NOW)
        assert sorted(report.stored) == sorted(TRACKED)
        assert set(sources().values()) == {"coingecko"}
        assert len(provider.requests) == 1

    def test_the_price_is_the_one_that_was_said(self, btc: Asset, provider: FakeProvider) -> None:
        fetch_latest(now=NOW)
        found = price_at(btc, NOW)
        assert found is not None
        assert (found.price, found.at) == (price_of("bitcoin", int(NOW.timestamp())), NOW)

    def test_only_tracked_coins_are_asked_for(self, only_btc: Asset, provider: FakeProvider) -> None:
        fetch_latest(now=NOW)
        assert provider.asked("/simple/price")[0]["ids"] == "bitcoin"
        assert sources() == {"BTC": "coingecko"}

    def test_the_next_source_is_asked_only_for_what_is_still_missing(
        self, btc: Asset, provider: FakeProvider
    ) -> None:
        Asset.objects.filter(symbol="ETH").update(
            provider_ids={"coinbase": "ETH-USD", "coingecko": "no-such-coin"}
        )
        fetch_latest(now=NOW)
        assert sources() == {"BTC": "coingecko", "BNB": "coingecko", "SOL": "coingecko", "ETH": "coinbase"}
        assert [path for path, _, _ in provider.requests if "/ticker" in path] == ["/products/ETH-USD/ticker"]

    @pytest.mark.parametrize(
        "fault",
        [
            *("server error", "html", "truncated", "hang up", "unauthorised", "not found", "rate limit"),
            *("oversize", "redirect", "zero", "null", "nan", "negative", "text", "nonsense"),
        ],
    )
    def test_a_source_that_fails_is_followed_by_the_next(
        self, catalogue: None, provider: FakeProvider, fault: str
    ) -> None:
        provider.faults["coingecko"] = fault
        report = fetch_latest(now=NOW)
        assert sources() == {"BTC": "coinbase", "ETH": "coinbase", "SOL": "coinbase", "BNB": "binance"}
        assert report.missing == ()
        assert not PriceSnapshot.objects.filter(price=Decimal(0)).exists()

    def test_each_of_the_four_can_stand_alone(self, only_btc: Asset, provider: FakeProvider) -> None:
        for name in "coinbase", "binance", "cryptocompare":
            provider.faults = dict.fromkeys(("coingecko", "coinbase", "binance"), "server error")
            provider.faults.pop(name, None)
            PriceSnapshot.objects.all().delete()
            fetch_latest(now=NOW)
            assert sources() == {"BTC": name}

    def test_an_id_set_to_nothing_keeps_the_source_from_being_asked(
        self, only_btc: Asset, provider: FakeProvider
    ) -> None:
        only_btc.provider_ids["coingecko"] = ""
        only_btc.save()
        fetch_latest(now=NOW)
        assert provider.asked("/simple/price") == []
        assert sources() == {"BTC": "coinbase"}

    def test_the_order_is_a_setting(
        self, only_btc: Asset, provider: FakeProvider, settings: Settings
    ) -> None:
        settings.PRICE_SOURCES = ["cryptocompare", "no such source", "coingecko"]
        fetch_latest(now=NOW)
        assert sources() == {"BTC": "cryptocompare"}

    def test_a_price_that_is_stored_already_counts_as_an_answer(
        self, catalogue: None, provider: FakeProvider
    ) -> None:
        fetch_latest(now=NOW)
        report = fetch_latest(now=NOW)
        assert (report.stored, sorted(report.known)) == ((), sorted(TRACKED))
        assert len(provider.requests) == 2
        assert PriceSnapshot.objects.count() == 4


class TestNobodyAnswers:
    def test_it_ends_normally_and_says_so(
        self, catalogue: None, nobody: None, caplog: pytest.LogCaptureFixture
    ) -> None:
        report = fetch_latest(now=NOW)
        assert str(report).startswith("no source answered")
        assert sorted(report.missing) == sorted(TRACKED)
        warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
        assert len(warnings) == 4
        assert all(record.exc_info is None and "\n" not in record.getMessage() for record in warnings)

    def test_without_a_tracked_coin_nobody_is_asked(self, db: None, provider: FakeProvider) -> None:
        assert str(fetch_latest(now=NOW)) == "no coin is tracked"
        assert provider.requests == []

    def test_when_the_time_is_used_up_nobody_else_is_asked(
        self, catalogue: None, provider: FakeProvider
    ) -> None:
        provider.faults["coingecko"] = "server error"
        ticks = iter([0.0, *[1.0] * 3, *[100.0] * 50])
        report = fetch_latest(now=NOW, seconds=45, clock=lambda: next(ticks))
        assert provider.asked("/ticker") == []
        assert sorted(report.missing) == sorted(TRACKED)


class TestLimits:
    def test_a_rate_limit_holds_for_everybody_until_it_is_over(
        self, only_btc: Asset, provider: FakeProvider
    ) -> None:
        provider.faults["coingecko"] = "rate limit"
        fetch_latest(now=NOW)
        pause = SourceState.objects.get(source="coingecko")
        assert timedelta(seconds=7) <= pause.until - NOW < timedelta(seconds=9)
        provider.faults.clear()
        fetch_latest(now=NOW + timedelta(seconds=5))
        assert len(provider.asked("/simple/price")) == 1
        fetch_latest(now=NOW + timedelta(seconds=10))
        assert len(provider.asked("/simple/price")) == 2

    @pytest.mark.parametrize(
        "name, fault", [("coingecko", "silent rate limit"), ("cryptocompare", "response limit")]
    )
    def test_without_a_length_it_waits_a_minute_or_two(
        self, only_btc: Asset, provider: FakeProvider, settings: Settings, name: str, fault: str
    ) -> None:
        settings.PRICE_SOURCES = [name]
        provider.faults[name] = fault
        fetch_latest(now=NOW)
        assert (
            timedelta(seconds=60) <= SourceState.objects.get(source=name).until - NOW < timedelta(seconds=125)
        )

    def test_a_refused_key_is_not_hammered_at_and_is_told(
        self, only_btc: Asset, provider: FakeProvider, caplog: pytest.LogCaptureFixture
    ) -> None:
        provider.faults["coingecko"] = "unauthorised"
        for minutes in 0, 5, 10:
            report = fetch_latest(now=NOW + timedelta(minutes=minutes))
            assert "check its API key" in report.failures["coingecko"]
        assert len(provider.asked("/simple/price")) == 1
        assert "check its API key" in caplog.text

    def test_a_second_limit_lengthens_the_first(self, only_btc: Asset, provider: FakeProvider) -> None:
        provider.faults["coingecko"] = "rate limit"
        fetch_latest(now=NOW)
        fetch_latest(now=NOW + timedelta(minutes=1))
        assert SourceState.objects.get(source="coingecko").until > NOW + timedelta(minutes=1)
