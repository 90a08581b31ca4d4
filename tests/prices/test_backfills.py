"""The list of missing history: noticed once, worked off in slices, tried again when its time has come."""

from collections.abc import Callable
from datetime import datetime, timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from pytest_django import Settings

from prices.models import Asset, Backfill, PriceSnapshot
from prices.selectors import missing_closes
from prices.services import advance_backfills, request_missing
from prices.services.backfills import LEASE
from tests.factories import SnapshotFactory
from tests.prices.conftest import NOW
from tests.prices.fake_provider import FakeProvider, price_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEWEST = NOW.replace(minute=0)
ALL = ("coingecko", "coinbase", "binance", "cryptocompare")


def snapshots(asset: Asset, first: datetime, last: datetime, step: timedelta = HOUR) -> None:
    count = (last - first) // step + 1
    rows = [
        PriceSnapshot(asset=asset, at=at, price=price_of("bitcoin", int(at.timestamp())), source="pack")
        for at in (first + number * step for number in range(count))
    ]
    PriceSnapshot.objects.bulk_create(rows)


def spans(*states: str) -> list[tuple[datetime, datetime]]:
    rows = Backfill.objects.filter(state__in=states or ["open"])
    return sorted(rows.values_list("since", "until"))


@pytest.fixture
def well_known(only_btc: Asset) -> Asset:
    """Bitcoin with a year of daily prices and the last week by the hour: nothing is missing."""
    snapshots(only_btc, NEWEST - 400 * DAY, NEWEST - 8 * DAY, DAY)
    snapshots(only_btc, NEWEST - 7 * DAY - HOUR, NEWEST)
    return only_btc


class TestNoticing:
    def test_where_nothing_is_missing_nothing_is_asked_for(self, well_known: Asset) -> None:
        assert request_missing(now=NOW) == 0
        assert spans() == []

    def test_a_coin_without_any_price_starts_with_a_year(self, only_btc: Asset) -> None:
        assert request_missing(now=NOW) == 1
        assert spans() == [(NEWEST - 365 * DAY, NEWEST)]

    def test_so_does_one_whose_first_price_has_just_been_fetched(self, only_btc: Asset) -> None:
        SnapshotFactory(asset=only_btc, at=NOW - timedelta(minutes=1))
        request_missing(now=NOW)
        assert spans() == [(NEWEST - 365 * DAY, NEWEST)]

    def test_gaps_between_daily_prices_are_noticed(self, well_known: Asset) -> None:
        first, last = NEWEST - 200 * DAY, NEWEST - 190 * DAY
        well_known.snapshots.filter(at__gt=first, at__lt=last).delete()
        request_missing(now=NOW)
        assert spans() == [(first + HOUR, last - HOUR)]

    def test_the_time_since_the_last_price_is_a_gap(self, only_btc: Asset) -> None:
        snapshots(only_btc, NEWEST - 400 * DAY, NEWEST - 90 * DAY, DAY)
        request_missing(now=NOW)
        assert spans() == [(NEWEST - 90 * DAY + HOUR, NEWEST)]

    def test_single_hours_of_the_last_week_are_noticed(self, well_known: Asset) -> None:
        missing = [NEWEST - 50 * HOUR, NEWEST - 49 * HOUR, NEWEST - 20 * HOUR]
        well_known.snapshots.filter(at__in=missing).delete()
        request_missing(now=NOW)
        assert spans() == [(missing[0], missing[1]), (missing[2], missing[2])]

    def test_an_hour_missing_longer_ago_is_not(self, well_known: Asset) -> None:
        snapshots(well_known, NEWEST - 40 * DAY + HOUR, NEWEST - 40 * DAY + 10 * HOUR)
        well_known.snapshots.filter(at=NEWEST - 40 * DAY + 5 * HOUR).delete()
        assert request_missing(now=NOW) == 0

    def test_noticing_again_writes_nothing_down_again(self, well_known: Asset) -> None:
        well_known.snapshots.filter(at__gt=NEWEST - 30 * HOUR, at__lt=NEWEST - 20 * HOUR).delete()
        for minutes in 0, 5, 10:
            request_missing(now=NOW + timedelta(minutes=minutes))
        assert Backfill.objects.count() == 1

    def test_coins_that_are_not_tracked_or_that_nobody_has_are_left_alone(self, only_btc: Asset) -> None:
        Asset.objects.create(symbol="OWN", name="Own coin", is_tracked=True)
        Asset.objects.filter(pk=only_btc.pk).update(is_tracked=False)
        assert request_missing(now=NOW) == 0

    def test_a_server_without_network_for_weeks_keeps_one_row_not_hundreds(
        self, well_known: Asset, provider: FakeProvider
    ) -> None:
        provider.faults = dict.fromkeys(ALL, "server error")
        for hours in range(1, 200, 3):
            request_missing(now=NOW + hours * HOUR)
            advance_backfills(now=NOW + hours * HOUR)
        assert Backfill.objects.count() == 1
        assert spans() == [(NEWEST + HOUR, NEWEST + 199 * HOUR)]

    def test_a_coin_that_nobody_quotes_any_more_keeps_few_rows(
        self, well_known: Asset, provider: FakeProvider
    ) -> None:
        well_known.provider_ids = {"coinbase": "GONE-USD"}
        well_known.save()
        for hours in range(1, 60):
            request_missing(now=NOW + hours * HOUR)
            advance_backfills(now=NOW + hours * HOUR)
        assert Backfill.objects.count() == 1
        assert spans("incomplete") == [(NEWEST + HOUR, NEWEST + 59 * HOUR)]


class TestWorkingOff:
    def test_what_was_noticed_is_fetched_and_done(self, only_btc: Asset, provider: FakeProvider) -> None:
        request_missing(now=NOW)
        done = advance_backfills(now=NOW)
        assert (done.finished, done.failures) == (1, {})
        assert missing_closes(only_btc, NEWEST - 365 * DAY, NEWEST) == []
        row = Backfill.objects.get()
        assert (row.state, row.error, row.leased_until) == ("done", "", None)
        requests = len(provider.requests)
        assert request_missing(now=NOW) == 0
        assert advance_backfills(now=NOW).stored == 0
        assert len(provider.requests) == requests

    def test_it_stops_when_its_time_is_up_and_goes_on_the_next_time(
        self, only_btc: Asset, provider: FakeProvider, settings: Settings
    ) -> None:
        settings.PRICE_SOURCES = ["coinbase"]
        request_missing(now=NOW)
        assert advance_backfills(now=NOW, seconds=25, clock=slow_clock(provider)).stored == 600
        row = Backfill.objects.get()
        assert (row.state, row.retry_at, row.leased_until) == ("open", None, None)
        assert row.cursor == row.since + 599 * HOUR
        provider.requests.clear()
        advance_backfills(now=NOW + 5 * HOUR, seconds=25, clock=slow_clock(provider))
        assert provider.asked("/candles")[0]["start"] == f"{row.cursor:%Y-%m-%dT%H:%M:%SZ}"

    def test_the_newest_span_comes_first(self, well_known: Asset, provider: FakeProvider) -> None:
        well_known.snapshots.filter(at__gt=NEWEST - 200 * DAY, at__lt=NEWEST - 190 * DAY).delete()
        well_known.snapshots.filter(at=NEWEST - 20 * HOUR).delete()
        request_missing(now=NOW)
        advance_backfills(now=NOW, seconds=25, clock=slow_clock(provider, requests=1))
        assert spans("done") == [(NEWEST - 20 * HOUR, NEWEST - 20 * HOUR)]

    def test_no_transaction_is_open_while_the_network_is_asked(
        self, well_known: Asset, provider: FakeProvider
    ) -> None:
        well_known.snapshots.filter(at=NEWEST - 20 * HOUR).delete()
        request_missing(now=NOW)
        outside, inside = len(connection.atomic_blocks), []

        def answer(*request: object) -> object:
            inside.append(len(connection.atomic_blocks))
            return {}

        with patch("prices.sources.base.Source._get_once", side_effect=answer):
            advance_backfills(now=NOW)
        assert set(inside) == {outside}

    def test_a_span_in_another_workers_hands_is_left_alone(
        self, well_known: Asset, provider: FakeProvider
    ) -> None:
        well_known.snapshots.filter(at=NEWEST - 20 * HOUR).delete()
        request_missing(now=NOW)
        Backfill.objects.update(leased_until=NOW + LEASE)
        assert advance_backfills(now=NOW + LEASE / 2).finished == 0
        assert provider.requests == []
        assert advance_backfills(now=NOW + LEASE).finished == 1

    def test_a_worker_that_was_killed_has_lost_nothing_but_its_lease(
        self, only_btc: Asset, provider: FakeProvider, settings: Settings
    ) -> None:
        settings.PRICE_SOURCES = ["coinbase"]
        request_missing(now=NOW)
        killed = patch("prices.services.backfills._release", side_effect=KeyboardInterrupt)
        with killed, pytest.raises(KeyboardInterrupt):
            advance_backfills(now=NOW, clock=slow_clock(provider))
        row = Backfill.objects.get()
        assert row.cursor == row.since + 599 * HOUR
        assert only_btc.snapshots.count() == 600
        assert advance_backfills(now=NOW + LEASE + HOUR).finished == 1

    def test_a_span_lengthened_while_it_is_worked_on_stays_open(
        self, well_known: Asset, provider: FakeProvider
    ) -> None:
        well_known.snapshots.filter(at=NEWEST - 20 * HOUR).delete()
        request_missing(now=NOW)

        def lengthen(close: datetime) -> None:
            Backfill.objects.update(until=NEWEST - 10 * HOUR)

        with patch("prices.services.backfills._mover", return_value=lengthen):
            assert (
                advance_backfills(now=NOW, seconds=25, clock=slow_clock(provider, requests=1)).finished == 0
            )
        assert spans("open") == [(NEWEST - 20 * HOUR, NEWEST - 10 * HOUR)]


class TestTryingAgain:
    def test_when_nobody_answers_it_waits_a_quarter_of_an_hour(
        self, well_known: Asset, provider: FakeProvider
    ) -> None:
        well_known.snapshots.filter(at=NEWEST - 20 * HOUR).delete()
        provider.faults = dict.fromkeys(ALL, "server error")
        request_missing(now=NOW)
        failures = advance_backfills(now=NOW).failures
        row = Backfill.objects.get()
        assert set(failures) == set(ALL)
        assert timedelta(minutes=15) <= row.retry_at - NOW < timedelta(minutes=16)  # type: ignore[operator]
        assert "server error" in row.error
        provider.faults.clear()
        assert advance_backfills(now=NOW + timedelta(minutes=10)).finished == 0
        assert advance_backfills(now=NOW + timedelta(minutes=20)).finished == 1
        assert spans("done") == [(NEWEST - 20 * HOUR, NEWEST - 20 * HOUR)]

    def test_hours_that_no_source_has_are_asked_for_again_after_a_day_then_two_then_four(
        self, well_known: Asset, provider: FakeProvider
    ) -> None:
        well_known.snapshots.filter(at=NEWEST - 20 * HOUR).delete()
        provider.faults = dict.fromkeys(ALL, "not found")
        at = NOW
        for attempt, days in enumerate((1, 2, 4), start=1):
            request_missing(now=NOW)
            advance_backfills(now=at)
            row = Backfill.objects.get()
            assert (row.state, row.attempts, row.error) == ("incomplete", attempt, "hours without a price: 1")
            assert timedelta(0) <= row.retry_at - at - days * DAY < HOUR  # type: ignore[operator]
            requests = len(provider.requests)
            advance_backfills(now=at + days * DAY - HOUR)
            assert len(provider.requests) == requests
            at += days * DAY + HOUR

    def test_an_incomplete_span_that_is_filled_later_is_done(
        self, well_known: Asset, provider: FakeProvider
    ) -> None:
        well_known.snapshots.filter(at=NEWEST - 20 * HOUR).delete()
        provider.faults = dict.fromkeys(ALL, "not found")
        request_missing(now=NOW)
        advance_backfills(now=NOW)
        provider.faults.clear()
        advance_backfills(now=NOW + 2 * DAY)
        assert spans("done") == [(NEWEST - 20 * HOUR, NEWEST - 20 * HOUR)]

    def test_a_real_crash_is_believed_once_several_hours_confirm_it(
        self, well_known: Asset, provider: FakeProvider
    ) -> None:
        well_known.snapshots.filter(at__gt=NEWEST - 20 * HOUR).delete()
        provider.price = lambda coin, at: price_of(coin, at) / 10
        request_missing(now=NOW)
        advance_backfills(now=NOW)
        assert missing_closes(well_known, NEWEST - 19 * HOUR, NEWEST) == []


def slow_clock(provider: FakeProvider, requests: int = 2) -> Callable[[], float]:
    """A clock by which each of the provider's answers takes a part of 25 seconds."""
    begun = len(provider.requests)
    return lambda: (len(provider.requests) - begun) * 25 / requests
