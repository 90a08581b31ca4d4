"""History that is asked for by a transaction, day by day, or under a lease that another worker took."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import patch

from pytest_django import Settings

from accounts.models import User
from portfolios.services import record_batch
from prices.models import Asset, Backfill
from prices.selectors import missing_closes
from prices.services import advance_backfills, request_history, request_missing, track
from prices.sources.base import Point
from prices.sources.coinbase import Coinbase
from tests.factories import PortfolioFactory, draft, record
from tests.prices.conftest import NOW
from tests.prices.fake_provider import FakeProvider
from tests.prices.test_backfills import DAY, HOUR, NEWEST, spans


class TestOlderTransactions:
    def test_the_history_of_a_new_coin_is_asked_for_from_the_year_of_its_first_transaction(
        self, only_btc: Asset
    ) -> None:
        assert request_history(only_btc, since=NOW - 800 * DAY, now=NOW)
        assert spans() == [(datetime(2022, 1, 1, tzinfo=UTC), NEWEST)]

    def test_an_older_one_asks_for_the_years_before_alone(self, only_btc: Asset) -> None:
        request_history(only_btc, since=NOW, now=NOW)
        request_history(only_btc, since=NOW - 800 * DAY, now=NOW)
        first = datetime(2024, 1, 1, tzinfo=UTC)
        assert spans() == [(datetime(2022, 1, 1, tzinfo=UTC), first - HOUR), (first, NEWEST)]

    def test_a_newer_one_asks_for_nothing_finished_or_not(self, only_btc: Asset) -> None:
        request_history(only_btc, since=NOW - 800 * DAY, now=NOW)
        for state in ("open", "incomplete", "done"):
            Backfill.objects.update(state=state)
            assert not request_history(only_btc, since=NOW - 100 * DAY, now=NOW + DAY)

    def test_nothing_is_asked_from_before_bitcoin(self, only_btc: Asset) -> None:
        request_history(only_btc, since=datetime(2009, 1, 5, tzinfo=UTC), now=NOW)
        assert spans() == [(datetime(2009, 1, 3, tzinfo=UTC), NEWEST)]

    def test_nor_for_currencies_nor_where_nobody_is_to_be_asked(self, eur: Asset, only_btc: Asset) -> None:
        only_btc.provider_ids = {}
        for asset in (eur, only_btc):
            assert not request_history(asset, since=NOW - 800 * DAY, now=NOW)

    def test_of_a_delisted_coin_nothing_is_asked_from_after_its_end(self, only_btc: Asset) -> None:
        only_btc.delisted_on = date(2023, 3, 1)
        assert not request_history(only_btc, since=NOW, now=NOW)
        request_history(only_btc, since=NOW - 500 * DAY, now=NOW)
        assert spans() == [(datetime(2023, 1, 1, tzinfo=UTC), datetime(2023, 3, 1, tzinfo=UTC))]

    def test_tracking_from_a_moment_on_asks(self, only_btc: Asset) -> None:
        track(only_btc)
        assert spans() == []
        track(only_btc, since=NOW, now=NOW)
        assert spans() == [(datetime(2024, 1, 1, tzinfo=UTC), NEWEST)]


class TestTransactions:
    """What is recorded in a portfolio asks by itself."""

    def test_one_asks_for_the_history_of_its_coin(self, only_btc: Asset, alice: User) -> None:
        portfolio = PortfolioFactory(owner=alice)
        record(portfolio, "buy", "1", "2023-05-05", now=NOW, asset=only_btc, unit_price="30000")
        assert spans() == [(datetime(2023, 1, 1, tzinfo=UTC), NEWEST)]
        record(portfolio, "buy", "1", "2024-05-05", now=NOW, asset=only_btc, unit_price="30000")
        assert Backfill.objects.count() == 1

    def test_a_batch_asks_once_from_its_oldest(self, only_btc: Asset, alice: User) -> None:
        drafts = [
            draft("buy", "1", f"{year}-05-05", asset=only_btc, unit_price="9") for year in (2024, 2021, 2022)
        ]
        record_batch(portfolio=PortfolioFactory(owner=alice), drafts=drafts, now=NOW)
        assert spans() == [(datetime(2021, 1, 1, tzinfo=UTC), NEWEST)]


class TestResolutions:
    def test_days_are_fetched_as_days(self, only_btc: Asset, provider: FakeProvider) -> None:
        last = NOW.replace(hour=0, minute=0)
        first = last - 99 * DAY
        row = Backfill.objects.create(
            asset=only_btc, since=first, until=last, cursor=first - DAY, resolution="day"
        )
        assert (row.closes, row.asked) == (100, 0)
        assert advance_backfills(now=NOW).stored == 100
        row.refresh_from_db()
        assert (row.state, row.asked) == ("done", 100)
        assert missing_closes(only_btc, first, last, DAY) == []


class TestLeases:
    def test_whoever_lost_its_lease_lets_the_other_go_on(
        self, only_btc: Asset, provider: FakeProvider, settings: Settings
    ) -> None:
        settings.PRICE_SOURCES = ["coinbase"]
        request_missing(now=NOW)
        taken, closes = NOW + timedelta(days=9), Coinbase.closes

        def slowly(*asked: Any) -> list[Point]:
            Backfill.objects.update(leased_until=taken)
            return closes(*asked)

        with patch.object(Coinbase, "closes", slowly):
            done = advance_backfills(now=NOW)
        row = Backfill.objects.get()
        assert (done.finished, row.leased_until, row.cursor) == (0, taken, row.since - HOUR)
