"""One asset's price over a range: where it begins and ends, what is left out, what thinning keeps."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from prices.models import Asset, PriceSnapshot
from prices.price_history import POINTS, Period, drawn, periods, price_history, thinned
from prices.selectors import DAY, HOUR, Quote
from tests.factories import SnapshotFactory
from tests.prices.test_pages import NOW, closes, coin

pytestmark = pytest.mark.django_db


def history(asset: Asset, wanted: str = "ALL"):
    newest = PriceSnapshot.objects.of(asset).order_by("-at")[0]
    return price_history(asset, wanted, newest=Quote(newest.price, newest.at, newest.source))


class TestHistory:
    def test_ranges_end_at_the_newest_price_not_today(self) -> None:
        closes(coin(), 400)
        shown = history(coin(), "1M")
        assert (shown.points[0][0], shown.points[-1][0]) == (NOW - 30 * DAY, NOW)

    def test_midnight_of_new_year_still_belongs_to_the_old_year(self) -> None:
        closes(coin(), 800)
        assert history(coin(), "YTD").points[0][0] == datetime(2024, 1, 1, tzinfo=UTC)

    def test_days_and_weeks_are_offered_once_there_are_hours(self) -> None:
        closes(coin(), 40)
        assert history(coin()).ranges == ("1M", "YTD", "1Y", "ALL")
        for hour in range(1, 24 * 7):
            SnapshotFactory(asset=coin(), at=NOW - hour * HOUR - timedelta(minutes=1))
        shown = history(coin(), "1D")
        assert shown.ranges == ("1D", "1W", "1M", "YTD", "1Y", "ALL")
        assert shown.is_fine
        assert len(shown.points) == 25

    def test_the_last_price_is_drawn_although_no_day_closed_on_it(self) -> None:
        closes(coin(), 40)
        SnapshotFactory(asset=coin(), at=NOW + 14 * HOUR, price=Decimal(7777))
        assert history(coin(), "1M").points[-1] == (NOW + 14 * HOUR, Decimal(7777))

    def test_missing_days_are_a_gap_and_are_counted(self) -> None:
        closes(coin(), 40, skip=range(10, 15))
        shown = history(coin())
        assert [price for _, price in shown.points].count(None) == 1
        assert (shown.coverage.closes, shown.coverage.missing) == (35, 5)

    def test_high_and_low_name_their_days(self) -> None:
        closes(coin(), 40)
        shown = history(coin())
        assert shown.high == (NOW, Decimal(1040))
        assert shown.low == (NOW - 39 * DAY, Decimal(1001))
        assert shown.change == Decimal(1040) / Decimal(1001) - 1
        assert shown.from_high == 0

    def test_one_price_alone_has_no_change(self) -> None:
        SnapshotFactory(asset=coin())
        shown = history(coin())
        assert shown.change is None
        assert len(shown.table) == 1

    def test_a_long_range_is_tabulated_by_month_and_a_short_one_by_day(self) -> None:
        closes(coin(), 800)
        by_month = history(coin(), "1Y").table
        assert [row.start.month for row in by_month] == [*range(12, 0, -1)]
        december = by_month[0]
        assert (december.open, december.close) == (Decimal(1769), Decimal(1800))
        assert (december.low, december.high) == (Decimal(1769), Decimal(1800))
        assert len(history(coin(), "1M").table) == 31

    def test_a_period_opens_where_the_one_before_it_closed(self) -> None:
        moments = [NOW - 40 * DAY, NOW - 30 * DAY, NOW - 29 * DAY, NOW]
        found = periods([*zip(moments, map(Decimal, (5, 9, 2, 4)), strict=True)], "month")
        assert found == [
            Period(datetime(2024, 11, 1, tzinfo=UTC), Decimal(5), Decimal(5), Decimal(5), Decimal(5)),
            Period(datetime(2024, 12, 1, tzinfo=UTC), Decimal(5), Decimal(9), Decimal(2), Decimal(4)),
        ]


class TestSampling:
    pairs = tuple((NOW + number * DAY, Decimal(1000 + number * number % 97)) for number in range(5000))

    def test_it_sends_no_more_points_than_a_chart_shows(self) -> None:
        assert len(drawn(self.pairs, DAY)) <= POINTS

    def test_it_keeps_both_ends_the_high_and_the_low(self) -> None:
        kept = thinned(self.pairs, POINTS)
        prices = [price for _, price in self.pairs]
        assert (kept[0], kept[-1]) == (self.pairs[0], self.pairs[-1])
        assert {max(prices), min(prices)} <= {price for _, price in kept}

    def test_it_invents_no_point(self) -> None:
        assert set(thinned(self.pairs, POINTS)) <= set(self.pairs)

    def test_few_points_stay_as_they_are(self) -> None:
        assert thinned(self.pairs[:400], POINTS) == [*self.pairs[:400]]

    def test_the_widest_gaps_survive_the_thinning(self) -> None:
        holed = [pair for number, pair in enumerate(self.pairs) if not 2000 <= number < 2500 and number % 7]
        points = drawn(holed, DAY)
        assert len(points) <= POINTS
        middle = NOW + 2249.5 * DAY
        assert min(abs(at - middle) for at, price in points if price is None) < DAY
