"""Backfilling a span: every hour once, only what is missing, from whoever has it."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django import Settings

from prices.models import Asset, PriceSnapshot
from prices.selectors import missing_closes
from prices.services import backfill
from tests.factories import SnapshotFactory, day
from tests.prices.conftest import NOW
from tests.prices.fake_provider import FakeProvider, price_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SINCE, UNTIL = day("2024-06-01"), day("2024-06-05")
HOURS = 4 * 24 + 1


def stored(asset: Asset) -> list[datetime]:
    return list(PriceSnapshot.objects.of(asset).order_by("at").values_list("at", flat=True))


class TestOneSource:
    @pytest.mark.parametrize("name", ["coingecko", "coinbase", "binance", "cryptocompare"])
    def test_every_hour_is_stored_once_also_when_run_twice(
        self, btc: Asset, provider: FakeProvider, name: str
    ) -> None:
        first = backfill(btc, SINCE, UNTIL, now=NOW, source=name)
        requests = len(provider.requests)
        second = backfill(btc, SINCE, UNTIL, now=NOW, source=name)
        assert (first.stored, first.missing, first.is_finished) == (HOURS, 0, True)
        assert (second.stored, second.missing, second.is_finished) == (0, 0, True)
        assert len(stored(btc)) == HOURS
        assert len(provider.requests) == requests
        assert missing_closes(btc, SINCE, UNTIL) == []

    @pytest.mark.parametrize("name", ["coinbase", "binance", "cryptocompare"])
    def test_a_close_stands_at_the_full_hour_it_ends(
        self, btc: Asset, provider: FakeProvider, name: str
    ) -> None:
        backfill(btc, SINCE, UNTIL, now=NOW, source=name)
        assert stored(btc) == [SINCE + number * HOUR for number in range(HOURS)]

    def test_no_price_stands_before_it_was_true(self, btc: Asset, provider: FakeProvider) -> None:
        backfill(btc, SINCE, UNTIL, now=NOW, source="coingecko")
        for snapshot in PriceSnapshot.objects.of(btc):
            assert snapshot.price == price_of("bitcoin", int(snapshot.at.timestamp()))

    def test_points_exactly_on_the_hour_are_stored_there(self, btc: Asset, provider: FakeProvider) -> None:
        provider.offset = 0
        backfill(btc, SINCE, UNTIL, now=NOW, source="coingecko")
        assert stored(btc) == [SINCE + number * HOUR for number in range(HOURS)]

    def test_a_single_hour_can_be_asked_for(self, btc: Asset, provider: FakeProvider) -> None:
        assert backfill(btc, SINCE, SINCE, now=NOW, source="coingecko").stored == 1
        assert backfill(btc, SINCE + DAY, SINCE + DAY, now=NOW, source="coinbase").stored == 1

    def test_odd_ends_are_drawn_in_to_full_hours(self, btc: Asset, provider: FakeProvider) -> None:
        minute = timedelta(minutes=1)
        backfill(btc, SINCE + minute, SINCE + 3 * HOUR - minute, now=NOW, source="coinbase")
        assert stored(btc) == [SINCE + HOUR, SINCE + 2 * HOUR]

    def test_an_hour_that_is_not_over_is_not_stored(self, btc: Asset, provider: FakeProvider) -> None:
        backfill(btc, NOW - 3 * HOUR, NOW + DAY, now=NOW, source="coinbase")
        assert stored(btc)[-1] == NOW.replace(minute=0)
        backfill(btc, NOW - 3 * HOUR, NOW, now=NOW.replace(minute=1), source="binance")
        assert stored(btc)[-1] == NOW.replace(minute=0)

    def test_a_candle_that_has_just_closed_may_still_change(self, btc: Asset, provider: FakeProvider) -> None:
        backfill(btc, NOW - 3 * HOUR, NOW, now=NOW.replace(minute=1), source="coinbase")
        assert stored(btc)[-1] == NOW.replace(minute=0) - HOUR

    def test_long_spans_are_asked_for_page_by_page(self, btc: Asset, provider: FakeProvider) -> None:
        report = backfill(btc, UNTIL - 999 * HOUR, UNTIL, now=NOW, source="coinbase")
        assert (report.stored, len(provider.requests)) == (1000, 4)

    def test_years_are_no_more_than_pages_either(self, btc: Asset, provider: FakeProvider) -> None:
        report = backfill(btc, UNTIL - 365 * DAY, UNTIL, now=NOW, source="cryptocompare")
        assert (report.stored, report.missing, len(provider.requests)) == (8761, 0, 5)

    def test_days_alone_can_be_asked_for(self, btc: Asset, provider: FakeProvider) -> None:
        for name in "coinbase", "binance", "cryptocompare", "coingecko":
            PriceSnapshot.objects.all().delete()
            report = backfill(btc, UNTIL - 40 * DAY, UNTIL, now=NOW, source=name, step=DAY)
            assert (report.stored, report.missing) == (41, 0)


class TestWhatIsMissing:
    def test_only_spans_that_are_not_stored_are_asked_for(self, btc: Asset, provider: FakeProvider) -> None:
        backfill(btc, SINCE, SINCE + DAY, now=NOW, source="coinbase")
        provider.requests.clear()
        backfill(btc, SINCE, SINCE + 2 * DAY, now=NOW, source="coinbase")
        assert [(query["start"], query["end"]) for query in provider.asked("/candles")] == [
            ("2024-06-02T00:00:00Z", "2024-06-02T23:00:00Z")
        ]

    def test_an_hour_that_any_snapshot_covers_is_not_asked_for_again(
        self, btc: Asset, provider: FakeProvider
    ) -> None:
        SnapshotFactory(asset=btc, at=SINCE - timedelta(minutes=20), price=price_of("bitcoin", 0))
        report = backfill(btc, SINCE, SINCE, now=NOW, source="coinbase")
        assert (report.stored, report.missing, provider.requests) == (0, 0, [])

    def test_a_stored_price_stays_as_it_is(self, btc: Asset, provider: FakeProvider) -> None:
        kept = SnapshotFactory(asset=btc, at=SINCE + HOUR, price=Decimal("59999.5"), source="pack")
        backfill(btc, SINCE, UNTIL, now=NOW)
        kept.refresh_from_db()
        assert (kept.price, kept.source) == (Decimal("59999.5"), "pack")


class TestFailover:
    def test_what_the_first_source_lacks_comes_from_the_next(
        self, btc: Asset, provider: FakeProvider
    ) -> None:
        provider.faults = {"coingecko": "zero", "coinbase": "null", "binance": "html"}
        report = backfill(btc, SINCE, UNTIL, now=NOW)
        assert (report.stored, report.missing) == (HOURS, 0)
        assert set(PriceSnapshot.objects.values_list("source", flat=True)) == {"cryptocompare"}

    def test_the_next_source_is_asked_in_pages_of_its_own_size(
        self, btc: Asset, provider: FakeProvider, settings: Settings
    ) -> None:
        settings.PRICE_SOURCES = ["coingecko", "coinbase"]
        provider.faults["coingecko"] = "zero"
        report = backfill(btc, UNTIL - 699 * HOUR, UNTIL, now=NOW)
        assert (report.stored, report.missing) == (700, 0)
        assert len(provider.asked("/candles")) == 3

    def test_a_source_that_fails_is_not_asked_again_in_the_same_run(
        self, btc: Asset, provider: FakeProvider, settings: Settings
    ) -> None:
        settings.PRICE_SOURCES = ["coinbase", "binance"]
        provider.faults["coinbase"] = "unauthorised"
        report = backfill(btc, UNTIL - 2000 * HOUR, UNTIL, now=NOW)
        assert (report.stored, report.is_finished) == (2001, True)
        assert len(provider.asked("/candles")) == 1
        assert "coinbase" in report.failures

    def test_a_source_without_the_coin_is_no_failure(self, btc: Asset, provider: FakeProvider) -> None:
        btc.provider_ids |= {"coingecko": "nobody", "coinbase": "NOBODY-USD"}
        btc.save()
        report = backfill(btc, SINCE, UNTIL, now=NOW)
        assert (report.stored, report.failures) == (HOURS, {})
        assert len(provider.asked("/candles")) == 1

    def test_a_gap_that_nobody_can_fill_is_gone_past(self, btc: Asset, provider: FakeProvider) -> None:
        provider.unlisted_before = int((SINCE + DAY).timestamp())
        report = backfill(btc, SINCE, UNTIL, now=NOW)
        assert report.is_finished
        assert report.missing == 25  # the first candle closes an hour after the listing
        assert stored(btc)[0] > SINCE + DAY - HOUR

    def test_when_nobody_answers_it_stops_where_it_is(self, btc: Asset, provider: FakeProvider) -> None:
        provider.faults = dict.fromkeys(("coingecko", "coinbase", "binance", "cryptocompare"), "server error")
        report = backfill(btc, SINCE, UNTIL, now=NOW)
        assert (report.stored, report.is_finished, report.reached) == (0, False, SINCE - HOUR)
        assert len(report.failures) == 4

    def test_what_came_before_a_failure_stays_and_the_next_run_goes_on(
        self, btc: Asset, provider: FakeProvider
    ) -> None:
        class FailedError(Exception):
            pass

        def stop_after_one_page(close: datetime) -> None:
            if len(provider.requests) == 2:
                raise FailedError

        with pytest.raises(FailedError):
            backfill(btc, UNTIL - 599 * HOUR, UNTIL, now=NOW, source="coinbase", moved=stop_after_one_page)
        assert len(stored(btc)) == 300  # the second page went with its transaction
        report = backfill(btc, UNTIL - 599 * HOUR, UNTIL, now=NOW, source="coinbase")
        assert (report.stored, report.missing) == (300, 0)

    def test_when_its_time_is_up_it_stops_and_says_how_far_it_came(
        self, btc: Asset, provider: FakeProvider
    ) -> None:
        report = backfill(btc, SINCE, UNTIL, now=NOW, seconds=1)
        assert (report.is_finished, report.stored, provider.requests) == (False, 0, [])

    def test_a_unit_mixed_up_between_stored_prices_is_not_stored(
        self, btc: Asset, provider: FakeProvider, settings: Settings
    ) -> None:
        backfill(btc, SINCE - DAY, SINCE, now=NOW, source="coinbase")
        backfill(btc, SINCE + DAY, UNTIL, now=NOW, source="coinbase")
        settings.PRICE_SOURCES = ["coinbase"]
        provider.faults["coinbase"] = "cents"
        report = backfill(btc, SINCE, SINCE + DAY, now=NOW)
        assert (report.stored, report.missing) == (0, 23)
