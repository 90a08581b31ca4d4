"""What is known of an asset: spans by resolution and source, the bar that draws them, hours as a series."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from prices.coverage import CELLS, Piece, covered, merged, pieces, rested
from prices.models import Asset, PriceSnapshot
from prices.selectors import DAY, HOUR, Span, coverage, hourly_closes
from prices.templatetags.drawing import coverage_bar, plain_chart
from tests.factories import SnapshotFactory, day

START = day("2024-03-01")


def prices(asset: Asset, first: int, last: int, source: str = "pack", step: timedelta = DAY) -> None:
    """A price at the end of each step from the beginning of one day to the end of another, from START."""
    count = (last - first + 1) * DAY // step
    PriceSnapshot.objects.bulk_create(
        PriceSnapshot(asset=asset, at=START + first * DAY + number * step, price=Decimal(9), source=source)
        for number in range(1, count + 1)
    )


def span(first: int, last: int, resolution: str, *sources: str) -> Span:
    return Span(START + first * DAY, START + (last + 1) * DAY, resolution, sources)


class TestSpans:
    def test_they_say_resolution_and_source_and_leave_no_hole(self, btc: Asset) -> None:
        prices(btc, 0, 9)
        prices(btc, 15, 19, "binance", HOUR)
        prices(btc, 20, 29, "coinbase", HOUR)
        assert coverage(btc, until=START + 99 * DAY) == [
            span(0, 9, "daily", "pack"),
            span(10, 14, "none"),
            span(15, 19, "hourly", "binance"),
            span(20, 29, "hourly", "coinbase"),
        ]

    def test_half_of_the_hours_make_an_hourly_day(self, btc: Asset) -> None:
        prices(btc, 0, 0, "binance", 2 * HOUR)
        prices(btc, 1, 1, "coinbase", 3 * HOUR)
        assert [found.resolution for found in coverage(btc, until=START + 9 * DAY)] == ["hourly", "daily"]

    def test_of_the_last_day_only_the_hours_that_are_over_count(self, btc: Asset) -> None:
        prices(btc, 0, 1, "binance", HOUR)
        until = START + DAY + 3 * HOUR
        assert coverage(btc, until=until) == [span(0, 1, "hourly", "binance")]

    def test_several_prices_in_one_hour_are_one_hour(self, btc: Asset) -> None:
        for minute in range(60):
            SnapshotFactory(asset=btc, at=START + timedelta(minutes=minute + 1), source="coingecko")
        SnapshotFactory(asset=btc, at=START + 2 * HOUR + timedelta(seconds=0.5), source="binance")
        assert coverage(btc, until=START + 9 * DAY) == [span(0, 0, "daily", "binance", "coingecko")]

    def test_without_prices_there_is_none(self, btc: Asset) -> None:
        assert coverage(btc, until=START) == []

    def test_days_of_rest_belong_to_the_span_before_them(self) -> None:
        week = [
            span(0, 4, "daily", "ecb"),
            span(5, 6, "none"),
            span(7, 9, "daily", "ecb"),
            span(10, 19, "none"),
        ]
        assert rested([*week, span(20, 20, "daily", "ecb")]) == [
            span(0, 9, "daily", "ecb"),
            span(10, 19, "none"),
            span(20, 20, "daily", "ecb"),
        ]

    def test_merged_spans_name_every_source(self) -> None:
        found = merged([span(0, 4, "hourly", "b"), span(5, 6, "hourly", "a"), span(7, 7, "none")])
        assert found == [span(0, 6, "hourly", "a", "b"), span(7, 7, "none")]

    def test_the_longest_gaps_are_named_and_the_others_counted(self, btc: Asset) -> None:
        for number, width in enumerate((1, 5, 2, 9, 3)):
            prices(btc, number * 20, number * 20 + 19 - width)
        prices(btc, 100, 100)
        spans = coverage(btc, until=START + 101 * DAY)
        found = covered(btc, spans, since=START, until=START + 101 * DAY, closes=0, missing=0)
        assert [gap.days for gap in found.gaps] == [3, 9, 5]
        assert (found.gap_count, found.further_gaps) == (5, 2)


class TestBar:
    def test_each_part_has_its_share(self) -> None:
        found = pieces([span(0, 4, "daily"), span(5, 9, "hourly")])
        assert found == [Piece("daily", 0, 0.5), Piece("hourly", 0.5, 0.5)]
        assert pieces([]) == []

    def test_a_day_without_a_price_is_seen_in_ten_years(self) -> None:
        found = pieces([span(0, 1999, "hourly"), span(2000, 2000, "none"), span(2001, 3999, "hourly")])
        assert [piece.resolution for piece in found] == ["hourly", "none", "hourly"]
        assert found[1].width == pytest.approx(1 / CELLS)

    def test_it_is_drawn_without_styles_by_height(self) -> None:
        drawn = coverage_bar(
            [Piece("daily", 0, 0.25), Piece("none", 0.25, 0.25), Piece("hourly", 0.5, 0.5)], "x"
        )
        assert drawn.count("<rect") == 2
        assert '<rect class="daily" x="0%" width="25.0%" y="50%" height="50%"/>' in drawn
        assert "style" not in drawn


class TestPage:
    def test_it_shows_spans_sources_and_gaps(self, client: Client, btc: Asset) -> None:
        prices(btc, 0, 9)
        prices(btc, 15, 29, "coinbase", HOUR)
        page = client.get("/prices/BTC/").content.decode()
        assert page.count('<rect class="hourly"') == page.count('<rect class="daily"') == 1
        assert 'No price from <time datetime="2024-03-11">11 Mar 2024</time> to' in page
        assert "Shipped history" in page
        assert "Coinbase" in page

    def test_without_scripts_there_is_a_line_and_a_choice_of_scale(self, client: Client, btc: Asset) -> None:
        prices(btc, 0, 9)
        page = client.get("/prices/BTC/?scale=log").content.decode()
        assert '<noscript><svg class="plain-chart"' in page
        assert '<a href="?range=ALL&amp;scale=log" aria-current="true">Log</a>' in page
        assert 'href="?range=1M&amp;scale=log"' in page

    def test_the_plain_line_keeps_its_gaps(self) -> None:
        points = [(START, Decimal(1)), (START + DAY, None), (START + 2 * DAY, Decimal(10))]
        assert plain_chart(points, "x").count("M") == 2
        assert plain_chart(points[:1], "x") == ""
        flat = [(START, Decimal(5)), (START + DAY, Decimal(5))]
        assert "nan" not in plain_chart(flat, "x", True)


class TestHourlySeries:
    def test_the_last_price_of_each_hour_stands_at_its_end(self, btc: Asset) -> None:
        for minutes, price in ((0, 1), (10, 2), (50, 3), (60, 4), (150, 5)):
            SnapshotFactory(asset=btc, at=START + timedelta(minutes=minutes), price=Decimal(price))
        found = hourly_closes([btc], since=START, until=START + 4 * HOUR)
        assert found[btc.pk] == {START: 1, START + HOUR: 4, START + 3 * HOUR: 5}

    def test_one_query_for_all(self, btc: Asset, eth: Asset, django_assert_num_queries) -> None:
        with django_assert_num_queries(1):
            hourly_closes([btc, eth], since=START, until=START + 99 * DAY)
