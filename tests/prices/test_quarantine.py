"""What the gate refuses is kept, and let in once another point, another source or a person confirms it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest

from prices.models import Asset, PriceChange, PriceSnapshot, RefusedPrice
from prices.services import (
    Offer,
    PriceRefusedError,
    Recorded,
    accept_refused,
    delete_snapshots,
    record_snapshots,
    reject_refused,
    set_price,
)

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOW = datetime(2024, 6, 15, 12, 30, tzinfo=UTC)
START = NOW - timedelta(days=30)


def say(asset: Asset, price: Any, at: datetime, source: str = "coingecko", now: datetime = NOW) -> Recorded:
    exact = Decimal(price) if isinstance(price, int) and not isinstance(price, bool) else price
    return record_snapshots([Offer(asset, at, exact)], now=now, source=source)


def stored() -> list[tuple[Decimal, str]]:
    return list(PriceSnapshot.objects.order_by("at").values_list("price", "source"))


class TestWhatIsKept:
    @pytest.mark.parametrize(
        ("price", "value"),
        [
            (None, "None"), (True, "True"), ("61000", "'61000'"), (Decimal(0), "0"), (Decimal(-5), "-5"),
            (Decimal("NaN"), "NaN"), (Decimal("Infinity"), "Infinity"), (1.5, "1.5"),
            ("\x00\ud800\n", "'\\x00\\ud800\\n'"),
        ],
    )  # fmt: skip
    def test_it_is_kept_with_what_was_said_by_whom_when_and_why(
        self, btc: Asset, price: Any, value: str
    ) -> None:
        say(btc, price, START)
        row = RefusedPrice.objects.get()
        assert (row.asset, row.at, row.value, row.source) == (btc, START, value, "coingecko")
        assert (row.offered_at, row.state) == (NOW, "waiting")
        assert row.reason
        assert not row.is_jump
        assert not PriceSnapshot.objects.exists()

    @pytest.mark.parametrize("at", [datetime(2008, 1, 1, tzinfo=UTC), NOW + HOUR, "yesterday", None])
    def test_so_is_what_is_no_plausible_time(self, btc: Asset, at: Any) -> None:
        say(btc, 100, at)
        row = RefusedPrice.objects.get()
        assert "time" in row.reason
        assert row.said_at
        assert row.at == (at if isinstance(at, datetime) else None)

    def test_the_same_thing_said_again_is_there_once(self, btc: Asset) -> None:
        for _ in range(3):
            say(btc, 0, START)
        assert RefusedPrice.objects.count() == 1

    def test_a_flood_is_counted_in_the_log_and_kept_in_part(self, btc: Asset) -> None:
        points = [Offer(btc, START + number * MINUTE, None) for number in range(30)]
        with (
            patch("prices.services.quarantine.MOST_OF_A_BATCH", 20),
            patch("prices.services.quarantine.MOST", 15),
        ):
            done = record_snapshots(points, now=NOW, source="test")
        assert len(done.refused) == 30
        kept = RefusedPrice.objects.order_by("at").values_list("at", flat=True)
        assert list(kept) == [START + number * MINUTE for number in range(5, 20)]

    def test_a_mixed_up_batch_waits_for_a_person(self, catalogue: None) -> None:
        assets = list(Asset.objects.filter(symbol__in=["BTC", "ETH", "SOL"]))
        for at, factor in ((START, 1), (START + HOUR, 100), (START + 2 * HOUR, 100)):
            points = [Offer(asset, at, Decimal(10 * factor)) for asset in assets]
            record_snapshots(points, now=NOW, source="test")
        assert RefusedPrice.objects.waiting().count() == 6
        assert {price for price, _ in stored()} == {Decimal(10)}


class TestWitnesses:
    """A price of 100, then one of 1,000 that nothing confirms yet."""

    JUMP = START + HOUR

    @pytest.fixture(autouse=True)
    def waiting(self, btc: Asset) -> None:
        say(btc, 100, START)
        assert say(btc, 1000, self.JUMP).refused
        assert RefusedPrice.objects.get().is_jump

    def test_another_source_releases_it(self, btc: Asset) -> None:
        done = say(btc, 1050, self.JUMP + MINUTE, "coinbase")
        assert len(done.stored) == len(done.released) == 1
        assert stored() == [(100, "coingecko"), (1000, "coingecko"), (1050, "coinbase")]
        assert RefusedPrice.objects.get().state == "confirmed"

    def test_so_does_another_source_that_speaks_of_the_same_instant(self, btc: Asset) -> None:
        done = say(btc, 1050, self.JUMP, "coinbase")
        assert len(done.stored) == 1
        assert stored() == [(100, "coingecko"), (1050, "coinbase")]

    def test_a_second_point_an_hour_later_releases_it(self, btc: Asset) -> None:
        assert say(btc, 900, self.JUMP + HOUR).stored
        assert [price for price, _ in stored()] == [100, 1000, 900]

    def test_the_same_source_a_minute_later_says_nothing_new(self, btc: Asset) -> None:
        assert say(btc, 1000, self.JUMP + MINUTE).refused
        assert [price for price, _ in stored()] == [100]

    def test_a_day_later_it_is_another_event(self, btc: Asset) -> None:
        assert say(btc, 1000, self.JUMP + timedelta(days=1, seconds=1)).refused

    @pytest.mark.parametrize("price", [499, 2001])
    def test_a_price_that_is_not_near_confirms_nothing(self, btc: Asset, price: int) -> None:
        say(btc, price, self.JUMP + HOUR, "coinbase")
        assert RefusedPrice.objects.first().state == "waiting"
        assert Decimal(1000) not in {price for price, _ in stored()}

    def test_a_believed_price_between_them_contradicts(self, btc: Asset) -> None:
        assert say(btc, 101, self.JUMP + HOUR).stored
        assert say(btc, 1000, self.JUMP + 2 * HOUR).refused
        assert RefusedPrice.objects.waiting().count() == 2

    def test_a_stored_price_after_it_contradicts_every_witness(self, btc: Asset) -> None:
        say(btc, 102, self.JUMP + 5 * HOUR)
        assert say(btc, 1000, self.JUMP + HOUR).refused
        assert say(btc, 1000, self.JUMP + 2 * HOUR, "coinbase").refused
        assert [price for price, _ in stored()] == [100, 102]

    def test_another_asset_confirms_nothing(self, btc: Asset, eth: Asset) -> None:
        say(eth, 100, START)
        assert say(eth, 1000, self.JUMP, "coinbase").refused
        assert RefusedPrice.objects.waiting().count() == 2

    def test_what_a_person_rejected_confirms_nothing(self, btc: Asset) -> None:
        reject_refused(rows=RefusedPrice.objects.all(), now=NOW, by="root")
        assert say(btc, 1000, self.JUMP + HOUR, "coinbase").refused


class TestWhoMayReplaceWhom:
    def test_a_better_source_replaces_a_worse_one_and_leaves_a_trace(self, btc: Asset) -> None:
        say(btc, 100, START, "binance")
        done = say(btc, 101, START, "coingecko")
        assert (len(done.stored), len(done.changed)) == (1, 1)
        assert stored() == [(101, "coingecko")]
        trace = PriceChange.objects.get()
        assert (trace.before, trace.after) == (100, 101)
        assert (trace.source_before, trace.source) == ("binance", "coingecko")
        assert (trace.by, trace.why, trace.changed_at) == ("", "a better source", NOW)

    @pytest.mark.parametrize(
        ("first", "second"),
        [("coingecko", "binance"), ("binance", "pack"), ("manual", "coingecko"), ("pack", "file"),
         ("coinbase", "coinbase")],
    )  # fmt: skip
    def test_a_worse_or_equal_one_never_replaces_it(self, btc: Asset, first: str, second: str) -> None:
        say(btc, 100, START, first)
        done = say(btc, 101, START, second)
        assert len(done.known) == 1
        assert stored() == [(100, first)]
        assert not PriceChange.objects.exists()

    def test_a_better_source_that_jumps_waits_like_any_other(self, btc: Asset) -> None:
        say(btc, 100, START, "binance")
        say(btc, 100, START + HOUR, "binance")
        assert say(btc, 1000, START + HOUR, "coingecko").refused
        assert stored()[1] == (100, "binance")

    def test_the_unfinished_hour_may_change_until_it_closes(self, btc: Asset) -> None:
        close = datetime(2024, 6, 15, 13, tzinfo=UTC)
        say(btc, 100, close, now=close - 4 * MINUTE)
        assert say(btc, 101, close, now=close - MINUTE).changed
        assert PriceChange.objects.get().why == "the hour was still open"
        assert say(btc, 102, close, now=close).known
        assert stored() == [(101, "coingecko")]

    def test_the_same_price_again_changes_nothing(self, btc: Asset) -> None:
        say(btc, 100, START, "binance")
        assert say(btc, 100, START, "coingecko").known
        assert stored() == [(100, "binance")]


class TestByHand:
    def test_accepting_goes_through_the_gate_as_a_checked_price(self, btc: Asset) -> None:
        say(btc, 100, START)
        say(btc, 1000, START + HOUR)
        accept_refused(row=RefusedPrice.objects.get(), now=NOW, by="root")
        assert stored()[1] == (1000, "manual")
        assert PriceChange.objects.get().by == "root"
        with pytest.raises(PriceRefusedError, match="already"):
            accept_refused(row=RefusedPrice.objects.get(), now=NOW, by="root")

    def test_accepting_replaces_what_is_stored_by_then(self, btc: Asset) -> None:
        points = [Offer(btc, START, Decimal(100)), Offer(btc, START, Decimal(101))]
        record_snapshots(points, now=NOW, source="test")
        accept_refused(row=RefusedPrice.objects.get(), now=NOW, by="root")
        assert stored() == [(101, "manual")]
        assert PriceChange.objects.get().before == 100

    def test_removing_leaves_a_trace(self, btc: Asset) -> None:
        say(btc, 100, START)
        delete_snapshots(snapshots=PriceSnapshot.objects.all(), now=NOW, by="root", why="wrong coin")
        trace = PriceChange.objects.get()
        assert (trace.before, trace.after, trace.by, trace.why) == (100, None, "root", "wrong coin")


class TestHistoryVersion:
    def version(self, asset: Asset) -> int:
        return Asset.objects.get(pk=asset.pk).history_version

    def test_what_is_only_newer_leaves_it(self, btc: Asset) -> None:
        for hours in range(3):
            say(btc, 100, START + hours * HOUR)
        assert self.version(btc) == 0

    def test_the_past_raises_it_by_one_for_each_batch_and_asset(self, btc: Asset, eth: Asset) -> None:
        say(btc, 100, START)
        say(eth, 100, START - 3 * HOUR)
        points = [
            Offer(asset, START - hours * HOUR, Decimal(100)) for asset in (btc, eth) for hours in (2, 1)
        ]
        record_snapshots(points, now=NOW, source="test")
        assert (self.version(btc), self.version(eth)) == (1, 0)

    def test_so_do_changes_removals_and_what_is_accepted(self, btc: Asset) -> None:
        say(btc, 100, START, "binance")
        say(btc, 101, START, "coingecko")
        assert self.version(btc) == 1
        set_price(asset=btc, at=START, price=Decimal(102), now=NOW)
        assert self.version(btc) == 2
        say(btc, 1000, START - HOUR)
        accept_refused(row=RefusedPrice.objects.get(), now=NOW, by="root")
        assert self.version(btc) == 3
        delete_snapshots(snapshots=PriceSnapshot.objects.filter(at=START), now=NOW)
        assert self.version(btc) == 4

    def test_what_is_known_or_refused_leaves_it(self, btc: Asset) -> None:
        say(btc, 100, START)
        say(btc, 100, START)
        say(btc, 0, START - HOUR)
        assert self.version(btc) == 0

    def test_a_released_jump_of_the_past_raises_it(self, btc: Asset) -> None:
        say(btc, 100, START)
        say(btc, 1000, START + HOUR)
        say(btc, 1000, START + 2 * HOUR)  # releases the one before it, and is itself the newest
        assert self.version(btc) == 0
        say(btc, 8000, START + HOUR + MINUTE)
        assert self.version(btc) == 0


@pytest.mark.parametrize("count", [499, 500])
def test_many_prices_are_stored_the_same_way_as_few(btc: Asset, count: int) -> None:
    points = [Offer(btc, START + number * MINUTE, Decimal(100) + number) for number in range(count)]
    say(btc, 7, START + 3 * MINUTE, "manual")
    record_snapshots(points[:10], now=NOW, source="coingecko")
    done = record_snapshots(points, now=NOW, source="test")
    again = record_snapshots(points, now=NOW, source="test")
    assert len(done.stored) + len(done.known) + len(done.refused) == count
    assert not again.stored
    assert PriceSnapshot.objects.filter(source="test").count() == len(done.stored) > 400
    row = PriceSnapshot.objects.get(at=points[-1].at)
    assert (row.price, row.source) == (points[-1].price, "test")
