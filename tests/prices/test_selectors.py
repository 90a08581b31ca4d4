"""Reading stored prices: what stands at a moment, how far from it, and with how many queries."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import Subquery
from pytest_django import DjangoAssertNumQueries

from prices import selectors
from prices.models import Asset, Backfill, PriceSnapshot
from prices.selectors import (
    ceiling,
    daily_closes,
    exchange_rate,
    floor,
    gaps,
    last_price_subquery,
    latest_prices,
    missing_closes,
    price_at,
    price_table,
    rate_asset,
    snapshots_between,
)
from tests.factories import AssetFactory, SnapshotFactory, day

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOMENT = day("2024-03-10 12:00")


@pytest.fixture
def usd(catalogue: None) -> Asset:
    return Asset.objects.get(symbol="USD")


def snapshot(asset: Asset, at: datetime, price: object = 100) -> PriceSnapshot:
    return SnapshotFactory(asset=asset, at=at, price=Decimal(str(price)))


class TestPriceAt:
    @pytest.mark.parametrize(
        "distance, grade",
        [
            (timedelta(0), "A"),
            (HOUR, "A"),
            (HOUR + timedelta(microseconds=1), "B"),
            (DAY, "B"),
            (DAY + timedelta(seconds=1), "C"),
            (7 * DAY, "C"),
        ],
    )
    def test_its_grade_says_how_far_away_it_is(self, btc: Asset, distance: timedelta, grade: str) -> None:
        snapshot(btc, MOMENT - distance, "61000.25")
        found = price_at(btc, MOMENT)
        assert found is not None
        assert (found.price, found.at, found.source) == (Decimal("61000.25"), MOMENT - distance, "pack")
        assert (found.grade, found.distance) == (grade, distance)

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is asked without a network")
    def test_its_statement_is_kept_by_the_server_and_made_anew_after_a_rollback(self, btc: Asset) -> None:
        snapshot(btc, MOMENT, "61000.25")
        asked = [price_at(btc, MOMENT) for _ in range(10)]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%SELECT price, at%'"
            )
            assert cursor.fetchone()[0] >= 1
        with transaction.atomic():
            asked.append(price_at(btc, MOMENT))
            transaction.set_rollback(True)
        assert {each and each.price for each in [*asked, price_at(btc, MOMENT)]} == {Decimal("61000.25")}

    def test_more_than_seven_days_away_there_is_no_price(self, btc: Asset) -> None:
        snapshot(btc, MOMENT - 7 * DAY - timedelta(seconds=1))
        assert price_at(btc, MOMENT) is None

    def test_it_never_takes_a_price_from_the_future(self, btc: Asset) -> None:
        snapshot(btc, MOMENT + timedelta(seconds=1))
        assert price_at(btc, MOMENT) is None

    def test_it_takes_the_last_of_several(self, btc: Asset) -> None:
        for hours, price in ((3, 1), (1, 3), (2, 2)):
            snapshot(btc, MOMENT - hours * HOUR, price)
        assert price_at(btc, MOMENT).price == 3  # type: ignore[union-attr]

    def test_it_takes_no_other_asset(self, btc: Asset, eth: Asset) -> None:
        snapshot(eth, MOMENT)
        assert price_at(btc, MOMENT) is None

    def test_a_dollar_is_a_dollar_and_asks_nobody(
        self, usd: Asset, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(0):
            found = price_at(usd, MOMENT)
        assert found is not None
        assert (found.price, found.source, found.grade, found.at) == (1, "identity", "A", MOMENT)

    def test_one_query_is_enough(self, btc: Asset, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        with django_assert_num_queries(1):
            price_at(btc, MOMENT)


class TestLatestPrices:
    def test_each_asset_has_its_last_price_whatever_its_age(self, btc: Asset, eth: Asset, usd: Asset) -> None:
        snapshot(btc, MOMENT - 400 * DAY, 30_000)
        snapshot(eth, MOMENT - HOUR, 3000)
        snapshot(eth, MOMENT - 2 * HOUR, 2999)
        snapshot(eth, MOMENT + HOUR, 3001)
        found = latest_prices([btc, eth, usd], now=MOMENT)
        assert {pk: quote.price for pk, quote in found.items()} == {btc.pk: 30_000, eth.pk: 3000, usd.pk: 1}
        assert found[btc.pk].at == MOMENT - 400 * DAY

    def test_an_asset_without_a_price_is_left_out(self, btc: Asset, eth: Asset) -> None:
        snapshot(eth, MOMENT)
        assert set(latest_prices([btc, eth], now=MOMENT)) == {eth.pk}

    @pytest.mark.parametrize("count", [1, 5, 25])
    def test_one_query_however_many_assets(
        self, catalogue: None, count: int, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        assets = list(Asset.objects.crypto()[:count])
        for asset in assets:
            snapshot(asset, MOMENT)
        with django_assert_num_queries(1):
            assert len(latest_prices(assets, now=MOMENT)) == count

    def test_nothing_asked_is_no_query(
        self, db: None, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(0):
            assert latest_prices([], now=MOMENT) == {}


class TestSeries:
    def test_snapshots_between_come_oldest_first_with_both_ends(self, btc: Asset) -> None:
        for hours in (3, 0, 2, 1):
            snapshot(btc, MOMENT - hours * HOUR, hours + 1)
        found = snapshots_between(btc, since=MOMENT - 2 * HOUR, until=MOMENT)
        assert [quote.price for quote in found] == [3, 2, 1]

    def test_a_subquery_gives_what_price_at_says_at_each_rows_moment(self, btc: Asset) -> None:
        for days, price in ((20, "9"), (1, "1.25"), (0, "2.5")):
            snapshot(btc, MOMENT - days * DAY, price)
        rows = Backfill.objects
        for days in (12, 1, 0):
            at = MOMENT - days * DAY
            rows.create(asset=btc, since=at, until=at, cursor=at)
        found = rows.annotate(price=Subquery(last_price_subquery(btc.pk, "since"))).order_by("since")
        assert [row.price for row in found] == [None, Decimal("1.25"), Decimal("2.5")]


class TestDailyCloses:
    def test_the_price_that_stands_at_each_midnight(self, btc: Asset) -> None:
        snapshot(btc, day("2024-03-01"), 1)
        snapshot(btc, day("2024-03-01 12:00"), 2)
        snapshot(btc, day("2024-03-02 23:30"), 3)
        snapshot(btc, day("2024-03-03 22:59"), 4)
        closes = daily_closes([btc], since=day("2024-03-01"), until=day("2024-03-04"))
        assert closes == {btc.pk: {day("2024-03-01"): Decimal(1), day("2024-03-03"): Decimal(3)}}

    def test_of_a_wider_span_where_that_is_asked_for(self, eur: Asset) -> None:
        snapshot(eur, day("2024-03-01 15:00"), "1.08")
        closes = daily_closes([eur], since=day("2024-03-01"), until=day("2024-03-05"), within=7 * DAY)
        assert list(closes[eur.pk]) == [
            day("2024-03-02"),
            day("2024-03-03"),
            day("2024-03-04"),
            day("2024-03-05"),
        ]
        assert set(closes[eur.pk].values()) == {Decimal("1.08")}

    def test_the_price_at_a_midnight_beats_a_later_one_of_the_same_day(self, btc: Asset) -> None:
        snapshot(btc, day("2024-03-01"), 1)
        snapshot(btc, day("2024-03-01 00:00").replace(microsecond=1), 2)
        closes = daily_closes([btc], since=day("2024-02-29 13:00"), until=day("2024-03-01 13:00"))
        assert closes[btc.pk] == {day("2024-03-01"): Decimal(1)}

    def test_the_29th_of_february_and_a_day_of_clock_change_are_days_like_any(self, btc: Asset) -> None:
        for text in ("2024-02-28", "2024-02-29", "2024-03-01", "2024-03-31", "2024-04-01"):
            snapshot(btc, day(text))
        found = daily_closes([btc], since=day("2024-02-28"), until=day("2024-04-01"))[btc.pk]
        assert len(found) == 5

    def test_digits_are_kept_and_a_dollar_is_one(self, btc: Asset, usd: Asset) -> None:
        snapshot(btc, day("2024-03-01"), "0.123456789012345678")
        closes = daily_closes([btc, usd], since=day("2024-03-01"), until=day("2024-03-01"))
        assert closes[btc.pk][day("2024-03-01")] == Decimal("0.123456789012345678")
        assert closes[usd.pk] == {day("2024-03-01"): Decimal(1)}

    def test_one_query_however_many_assets_and_days(
        self, btc: Asset, eth: Asset, usd: Asset, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(1):
            daily_closes([btc, eth, usd], since=day("2014-01-01"), until=day("2024-01-01"))

    def test_nothing_asked_is_nothing(self, btc: Asset) -> None:
        assert daily_closes([], since=MOMENT, until=MOMENT) == {}
        assert daily_closes([btc], since=MOMENT, until=MOMENT) == {btc.pk: {}}


class TestExchangeRates:
    def test_it_goes_through_the_dollar(self, btc: Asset, eur: Asset) -> None:
        snapshot(btc, MOMENT, 60_000)
        snapshot(eur, MOMENT - 2 * DAY, "1.2")
        assert exchange_rate("BTC", "EUR", MOMENT) == 50_000
        assert exchange_rate("EUR", "USD", MOMENT) == Decimal("1.2")
        assert exchange_rate("USD", "EUR", MOMENT) == Decimal("0.833333333333333333")
        assert exchange_rate("EUR", "EUR", MOMENT) == 1

    def test_what_is_not_known_is_none(self, btc: Asset, eur: Asset) -> None:
        snapshot(eur, MOMENT - 8 * DAY)
        assert exchange_rate("EUR", "USD", MOMENT) is None
        assert exchange_rate("USD", "EUR", MOMENT) is None
        assert exchange_rate("XXX", "USD", MOMENT) is None

    def test_a_dollar_needs_no_row_of_its_own(self, db: None) -> None:
        snapshot(SnapshotFactory.build().asset.__class__.objects.create(symbol="EUR", kind="fiat"), MOMENT, 2)
        assert exchange_rate("USD", "EUR", MOMENT) == Decimal("0.5")

    def test_a_code_stands_for_one_asset(self, btc: Asset) -> None:
        assert rate_asset("BTC") == btc
        assert rate_asset("XXX") is None


class TestHoles:
    def test_an_hour_is_covered_by_any_snapshot_in_it(self, btc: Asset) -> None:
        first = day("2024-03-01 10:00")
        snapshot(btc, day("2024-03-01 10:00"))
        snapshot(btc, day("2024-03-01 10:00").replace(second=12))
        snapshot(btc, day("2024-03-01 13:00") - timedelta(microseconds=1))
        assert missing_closes(btc, first, first + 4 * HOUR) == [
            day("2024-03-01 12:00"),
            day("2024-03-01 14:00"),
        ]

    def test_ends_that_are_no_full_hours_are_drawn_in(self, btc: Asset) -> None:
        missing = missing_closes(btc, day("2024-03-01 10:01"), day("2024-03-01 12:59"))
        assert missing == [day("2024-03-01 11:00"), day("2024-03-01 12:00")]
        assert missing_closes(btc, day("2024-03-01 10:01"), day("2024-03-01 10:59")) == []

    def test_days_are_counted_by_utc_midnights(self, btc: Asset) -> None:
        snapshot(btc, day("2024-03-02 09:00"))
        missing = missing_closes(btc, day("2024-03-01"), day("2024-03-04"), DAY)
        assert missing == [day("2024-03-01"), day("2024-03-02"), day("2024-03-04")]

    def test_gaps_are_found_among_dense_and_sparse_snapshots(self, btc: Asset, eth: Asset) -> None:
        start = day("2024-03-01")
        for minutes in range(0, 6 * 60, 5):
            snapshot(btc, start + timedelta(minutes=minutes))
        for days in (2, 3, 4):
            snapshot(btc, start + days * DAY)
        snapshot(eth, start + 5 * DAY)
        found = gaps(btc, longer_than=25 * HOUR, until=start + 10 * DAY)
        assert found == [
            (start + timedelta(hours=5, minutes=55), start + 2 * DAY),
            (start + 4 * DAY, start + 10 * DAY),
        ]

    def test_daily_prices_are_no_gaps_and_no_prices_are_none(self, btc: Asset, eth: Asset) -> None:
        for days in range(5):
            snapshot(btc, day("2024-03-01") + days * DAY)
        assert gaps(btc, longer_than=25 * HOUR, until=day("2024-03-05 20:00")) == []
        assert gaps(eth, longer_than=25 * HOUR, until=MOMENT) == []

    def test_snapshots_after_the_end_do_not_count(self, btc: Asset) -> None:
        snapshot(btc, day("2024-03-01"))
        snapshot(btc, day("2024-03-20"))
        found = gaps(btc, longer_than=25 * HOUR, until=day("2024-03-10"))
        assert found == [(day("2024-03-01"), day("2024-03-10"))]

    def test_full_hours_are_their_own_floor_and_ceiling(self) -> None:
        full, odd = day("2024-03-01 10:00"), datetime(2024, 3, 1, 10, 0, 0, 1, tzinfo=UTC)
        assert floor(full, HOUR) == ceiling(full, HOUR) == floor(odd, HOUR) == full
        assert ceiling(odd, HOUR) == full + HOUR


def test_many_moments_are_answered_as_few_are(
    btc: Asset, usd: Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    ether = AssetFactory(symbol="ETH")
    for asset, hours in ((btc, range(0, 400, 7)), (ether, range(100, 110))):
        for hour in hours:
            SnapshotFactory(asset=asset, at=MOMENT + timedelta(hours=hour), price=Decimal(hour + 1))
    moments = [MOMENT + timedelta(hours=hour) for hour in range(-5, 600, 3)]
    few = price_table([btc, ether, usd], moments)
    monkeypatch.setattr(selectors, "MANY_MOMENTS", 0)
    assert price_table([btc, ether, usd], moments) == few
