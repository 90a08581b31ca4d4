"""The price gate: what it lets in, what it refuses and says so; and nothing that is stored changes."""

import logging
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings, strategies

from prices.models import Asset, PriceChange, PriceSnapshot
from prices.services import (
    Offer,
    PriceRefusedError,
    Recorded,
    add_snapshot,
    correct_snapshot,
    delete_snapshots,
    record_snapshots,
)
from prices.services.soundness import fault_of

HOUR = timedelta(hours=1)
NOW = datetime(2024, 6, 15, 12, 30, tzinfo=UTC)
START = NOW - timedelta(days=30)


def offer(asset: Asset, *prices: Any, start: datetime = START, step: timedelta = HOUR) -> Recorded:
    """Offer these prices for consecutive hours."""
    points = [
        Offer(asset, start + number * step, Decimal(price) if isinstance(price, int | str) else price)
        for number, price in enumerate(prices)
    ]
    return record_snapshots(points, now=NOW, source="test")


def prices() -> list[Decimal]:
    return list(PriceSnapshot.objects.order_by("at").values_list("price", flat=True))


class TestOneOffer:
    def test_it_stores_a_price_with_its_time_and_source(self, btc: Asset) -> None:
        done = offer(btc, "60000.5")
        snapshot = PriceSnapshot.objects.get()
        assert (snapshot.asset, snapshot.at) == (btc, START)
        assert (snapshot.price, snapshot.source) == (Decimal("60000.5"), "test")
        assert len(done.stored) == 1

    @pytest.mark.parametrize(
        "price",
        [None, "60000", 60000.0, True, [], Decimal(0), Decimal("-0"), Decimal(-1), Decimal("NaN"),
         Decimal("sNaN"), Decimal("Infinity"), Decimal("1E+20"), Decimal("1E+999999"), Decimal("9E-19"),
         Decimal("1E-999999")],
    )  # fmt: skip
    def test_it_refuses_what_is_no_price(self, btc: Asset, price: Any) -> None:
        done = record_snapshots([Offer(btc, START, price)], now=NOW, source="test")
        assert not PriceSnapshot.objects.exists()
        assert [refusal.offer.price is price for refusal in done.refused] == [True]

    @pytest.mark.parametrize(
        "at",
        [
            datetime(2024, 6, 1),
            datetime(2009, 1, 2, 23, 59, 59, tzinfo=UTC),
            NOW + timedelta(minutes=5, seconds=1),
            datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
            datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
            None,
            "2024-06-01",
        ],
    )
    def test_it_refuses_what_is_no_plausible_time(self, btc: Asset, at: Any) -> None:
        done = record_snapshots([Offer(btc, at, Decimal(1))], now=NOW, source="test")
        assert not PriceSnapshot.objects.exists()
        assert len(done.refused) == 1

    @pytest.mark.parametrize("at", [datetime(2009, 1, 3, tzinfo=UTC), NOW + timedelta(minutes=5)])
    def test_it_takes_the_first_and_the_last_possible_time(self, btc: Asset, at: datetime) -> None:
        assert record_snapshots([Offer(btc, at, Decimal(1))], now=NOW, source="test").stored

    def test_it_cuts_what_lies_beyond_eighteen_decimals(self, btc: Asset) -> None:
        offer(btc, "1.9999999999999999999999")
        assert prices() == [Decimal("1.999999999999999999")]

    def test_a_time_with_an_offset_is_stored_as_that_instant(self, btc: Asset) -> None:
        vienna = datetime(2024, 6, 1, 2, tzinfo=timezone(timedelta(hours=2)))
        record_snapshots([Offer(btc, vienna, Decimal(1))], now=NOW, source="test")
        assert PriceSnapshot.objects.get().at == datetime(2024, 6, 1, tzinfo=UTC)

    @settings(max_examples=200)
    @given(
        price=strategies.decimals() | strategies.none() | strategies.floats() | strategies.text(max_size=5)
    )
    def test_it_judges_anything_without_failing(self, price: Any) -> None:
        fault = fault_of(price, START, NOW)
        is_price = isinstance(price, Decimal) and price.is_finite() and 10**-18 <= price < 10**20
        assert (fault is None) == is_price

    def test_it_says_in_one_line_what_it_refused_and_why(
        self, btc: Asset, caplog: pytest.LogCaptureFixture
    ) -> None:
        offer(btc, 0, 0, "60000", None)
        lines = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
        assert len(lines) == 2
        assert "refused 2 of BTC from test: it is not above zero" in lines[0]
        assert "not a number" in lines[1]

    def test_a_hostile_text_stays_on_its_line_of_the_log(
        self, btc: Asset, caplog: pytest.LogCaptureFixture
    ) -> None:
        record_snapshots([Offer(btc, START, "1\nERROR all is lost" + "x" * 999)], now=NOW, source="test")
        assert "\n" not in caplog.records[0].getMessage()
        assert len(caplog.records[0].getMessage()) < 300


class TestBatches:
    def test_the_same_batch_twice_stores_it_once(self, btc: Asset) -> None:
        offer(btc, 100, 101, 102)
        again = offer(btc, 100, 101, 102)
        assert len(again.known) == 3
        assert not again.stored
        assert PriceSnapshot.objects.count() == 3

    def test_a_stored_price_is_never_changed(self, btc: Asset) -> None:
        offer(btc, 100)
        done = offer(btc, 101)
        assert prices() == [Decimal(100)]
        assert len(done.known) == 1

    def test_duplicates_in_a_batch_collapse(self, btc: Asset) -> None:
        points = [Offer(btc, START, Decimal(100)), Offer(btc, START, Decimal("100.00"))]
        done = record_snapshots(points, now=NOW, source="test")
        assert (len(done.stored), len(done.refused)) == (1, 0)

    def test_of_two_prices_for_one_instant_the_first_stands_and_the_other_is_refused(
        self, btc: Asset
    ) -> None:
        points = [Offer(btc, START, Decimal(100)), Offer(btc, START, Decimal(101))]
        done = record_snapshots(points, now=NOW, source="test")
        assert prices() == [Decimal(100)]
        assert len(done.refused) == 1

    def test_a_bad_price_does_not_take_the_good_ones_with_it(self, btc: Asset) -> None:
        done = offer(btc, 100, 0, 102, None, 104)
        assert (len(done.stored), len(done.refused)) == (3, 2)

    def test_points_may_come_in_any_order_and_of_several_assets(self, btc: Asset, eth: Asset) -> None:
        points = [
            Offer(asset, START + number * HOUR, Decimal(price))
            for asset, price in ((btc, 60000), (eth, 3000))
            for number in (3, 1, 2, 0)
        ]
        done = record_snapshots(points, now=NOW, source="test")
        assert len(done.stored) == 8
        assert not done.refused

    def test_an_empty_batch_is_nothing(self, db: None) -> None:
        assert record_snapshots([], now=NOW, source="test") == Recorded((), (), ())


class TestJumps:
    def test_a_jump_is_refused(self, btc: Asset) -> None:
        offer(btc, 100)
        assert offer(btc, 501, start=START + HOUR).refused
        assert offer(btc, "19.99", start=START + HOUR).refused

    def test_five_times_is_no_jump_yet(self, btc: Asset) -> None:
        offer(btc, 100)
        assert offer(btc, 500, start=START + HOUR).stored

    def test_one_wild_point_in_a_batch_is_refused_alone(self, btc: Asset) -> None:
        done = offer(btc, 100, 101, 10_000, 102, 103)
        assert [refusal.offer.price for refusal in done.refused] == [Decimal(10_000)]

    def test_a_new_level_is_believed_when_the_next_two_points_stay_there(self, btc: Asset) -> None:
        offer(btc, 100)
        done = offer(btc, 1000, 1100, 900, start=START + HOUR)
        assert len(done.stored) == 3

    def test_a_second_point_confirms_a_new_level_unless_a_third_contradicts(self, btc: Asset) -> None:
        offer(btc, 100)
        assert len(offer(btc, 1000, 1100, 101, start=START + HOUR).refused) == 2
        assert len(offer(btc, 1000, 1100, start=START + 10 * HOUR).stored) == 2

    def test_two_points_of_one_minute_may_be_one_mistake(self, btc: Asset) -> None:
        offer(btc, 100)
        done = offer(btc, 1000, 1001, start=START + HOUR, step=timedelta(minutes=1))
        assert len(done.refused) == 2

    def test_points_that_do_not_stay_near_confirm_nothing(self, btc: Asset) -> None:
        offer(btc, 100)
        assert offer(btc, 1000, 2100, 1000, start=START + HOUR).refused

    def test_a_batch_in_the_wrong_unit_is_refused_between_stored_prices(self, btc: Asset) -> None:
        offer(btc, 100, 101)
        offer(btc, 102, 103, start=START + 10 * HOUR)
        done = offer(btc, *[10_000] * 8, start=START + 2 * HOUR)
        assert len(done.refused) == 8

    def test_a_level_that_the_next_stored_price_shares_is_believed(self, btc: Asset) -> None:
        offer(btc, 100)
        offer(btc, 1000, 1000, 1000, start=START + 5 * HOUR)
        assert offer(btc, 990, start=START + 3 * HOUR).stored

    def test_neighbours_more_than_a_week_away_say_nothing(self, btc: Asset) -> None:
        offer(btc, 100)
        assert offer(btc, 1000, start=START + timedelta(days=7, seconds=1)).stored

    def test_a_neighbour_a_week_away_still_counts(self, btc: Asset) -> None:
        offer(btc, 100)
        assert offer(btc, 1000, start=START + timedelta(days=7)).refused

    def test_without_neighbours_a_first_price_that_the_next_contradicts_is_refused(self, btc: Asset) -> None:
        done = offer(btc, "0.01", 100, 101)
        assert [refusal.offer.price for refusal in done.refused] == [Decimal("0.01")]

    def test_two_first_prices_that_contradict_each_other_both_wait(self, btc: Asset) -> None:
        assert len(offer(btc, 100, 10_000).refused) == 2
        assert len(offer(btc, 101, start=START + 2 * HOUR).released) == 1
        assert prices() == [Decimal(100), Decimal(101)]

    def test_a_first_price_needs_only_one_of_its_batch_beside_it(self, btc: Asset) -> None:
        done = offer(btc, 100, 10_000, 101)
        assert [refusal.offer.price for refusal in done.refused] == [Decimal(10_000)]

    def test_another_assets_prices_are_no_neighbours(self, btc: Asset, eth: Asset) -> None:
        offer(btc, 60000)
        assert offer(eth, 3, start=START + HOUR).stored


class TestByHand:
    def test_a_price_is_added_with_the_source_manual(self, btc: Asset) -> None:
        snapshot = add_snapshot(asset=btc, at=START, price=Decimal(100), now=NOW)
        assert (snapshot.source, snapshot.price) == ("manual", Decimal(100))

    def test_the_same_rules_hold(self, btc: Asset) -> None:
        with pytest.raises(PriceRefusedError, match="not above zero"):
            add_snapshot(asset=btc, at=START, price=Decimal(0), now=NOW)
        offer(btc, 100)
        with pytest.raises(PriceRefusedError, match="neighbours"):
            add_snapshot(asset=btc, at=START + HOUR, price=Decimal(1000), now=NOW)

    def test_a_person_may_vouch_for_a_jump_but_not_for_nonsense(self, btc: Asset) -> None:
        offer(btc, 100)
        added = add_snapshot(asset=btc, at=START + HOUR, price=Decimal(1000), now=NOW, checked=True)
        assert added.price == 1000
        with pytest.raises(PriceRefusedError):
            add_snapshot(asset=btc, at=START + 2 * HOUR, price=Decimal("NaN"), now=NOW, checked=True)

    def test_an_instant_that_has_a_price_takes_no_second(self, btc: Asset) -> None:
        offer(btc, 100)
        with pytest.raises(PriceRefusedError, match="already"):
            add_snapshot(asset=btc, at=START, price=Decimal(101), now=NOW)

    def test_a_correction_leaves_a_trace_with_before_and_after(self, btc: Asset) -> None:
        offer(btc, 100)
        corrected = correct_snapshot(snapshot=PriceSnapshot.objects.get(), price=Decimal(120), now=NOW)
        assert (corrected.price, corrected.source) == (Decimal(120), "manual")
        trace = PriceChange.objects.get()
        assert (trace.before, trace.source_before) == (Decimal(100), "test")
        assert (trace.after, trace.source) == (Decimal(120), "manual")

    def test_a_snapshot_is_not_its_own_neighbour(self, btc: Asset) -> None:
        offer(btc, 100)
        assert correct_snapshot(snapshot=PriceSnapshot.objects.get(), price=Decimal(60_000), now=NOW).pk

    def test_a_refused_correction_changes_nothing(self, btc: Asset) -> None:
        offer(btc, 100, 101)
        with pytest.raises(PriceRefusedError):
            correct_snapshot(snapshot=PriceSnapshot.objects.first(), price=Decimal(9999), now=NOW)
        assert prices() == [Decimal(100), Decimal(101)]

    def test_deleted_snapshots_are_gone(self, btc: Asset) -> None:
        offer(btc, 100, 101, 102)
        assert delete_snapshots(snapshots=PriceSnapshot.objects.filter(at__gt=START), now=NOW) == 2
        assert prices() == [Decimal(100)]
