"""What the gate believes when the last stored prices are too old to be neighbours."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from prices.models import Asset, PriceSnapshot
from prices.services import Offer, Recorded, add_snapshot, record_snapshots
from tests.prices.test_gate import HOUR, NOW, START, offer


class TestMixUps:
    PRICES = {"BTC": 60000, "ETH": 3000, "SOL": 150, "BNB": 600}
    LATER = START + timedelta(days=20)  # the neighbours say nothing any more

    def batch(self, at: datetime, factors: dict[str, Any]) -> Recorded:
        assets = {asset.symbol: asset for asset in Asset.objects.filter(symbol__in=self.PRICES)}
        points = [
            Offer(assets[symbol], at, self.PRICES[symbol] * Decimal(factor))
            for symbol, factor in factors.items()
        ]
        return record_snapshots(points, now=NOW, source="test")

    @pytest.fixture(autouse=True)
    def long_ago(self, catalogue: None) -> None:
        assert len(self.batch(START, dict.fromkeys(self.PRICES, 1)).stored) == 4

    @pytest.mark.parametrize("factor", ["100", "0.01", "3", "0.33"])
    def test_a_batch_in_another_unit_is_refused_however_old_the_last_prices_are(self, factor: str) -> None:
        done = self.batch(self.LATER, dict.fromkeys(self.PRICES, factor))
        assert {refusal.reason for refusal in done.refused} == {
            "most assets of its batch are off by the same factor: another unit or currency"
        }
        assert not done.stored
        assert len(self.batch(self.LATER + timedelta(minutes=1), dict.fromkeys(self.PRICES, 1)).stored) == 4

    @pytest.mark.parametrize("factor", ["2.9", "0.35"])
    def test_the_market_may_move_by_less_than_three_times(self, factor: str) -> None:
        assert len(self.batch(self.LATER, dict.fromkeys(self.PRICES, factor)).stored) == 4

    def test_the_right_ones_of_a_mixed_up_batch_go_with_it(self) -> None:
        done = self.batch(self.LATER, {"BTC": 100, "ETH": 109, "SOL": 92, "BNB": 1})
        assert len(done.refused) == 4

    def test_factors_that_differ_are_a_market_and_no_mix_up(self) -> None:
        done = self.batch(self.LATER, {"BTC": 4, "ETH": 6, "SOL": 9, "BNB": 4})
        assert len(done.stored) == 4

    def test_two_assets_are_no_majority(self) -> None:
        assert len(self.batch(self.LATER, {"BTC": 4, "ETH": 4}).stored) == 2

    def test_assets_without_a_stored_price_have_no_say(self) -> None:
        PriceSnapshot.objects.filter(asset__symbol__in=["SOL", "BNB"]).delete()
        assert len(self.batch(self.LATER, dict.fromkeys(self.PRICES, 4)).stored) == 4


class TestAfterASilence:
    """A wrong price that came when nothing could contradict it."""

    SILENCE = START + timedelta(days=20)
    SOON = SILENCE + timedelta(minutes=1)

    @pytest.fixture(autouse=True)
    def wrong(self, btc: Asset) -> None:
        offer(btc, 100, 101, 99)
        assert offer(btc, 10_000, start=self.SILENCE).stored

    def test_it_does_not_lock_out_the_price_it_jumped_from(self, btc: Asset) -> None:
        assert offer(btc, 130, start=self.SOON).stored
        assert offer(btc, 131, start=self.SOON + HOUR).stored
        assert offer(btc, 10_000, start=self.SOON + 2 * HOUR).stored  # nothing yet confirms 130 either
        assert offer(btc, 132, start=self.SOON + 3 * HOUR).stored

    def test_a_third_level_is_refused(self, btc: Asset) -> None:
        assert offer(btc, 1000, start=self.SOON).refused

    def test_once_confirmed_the_new_level_stands(self, btc: Asset) -> None:
        assert offer(btc, 10_001, start=self.SOON).stored
        assert offer(btc, 10_002, start=self.SOON + HOUR).stored
        assert offer(btc, 130, start=self.SOON + 2 * HOUR).refused

    def test_by_hand_it_is_the_same(self, btc: Asset) -> None:
        assert add_snapshot(asset=btc, at=self.SOON, price=Decimal(130), now=NOW).pk

    def test_what_nothing_old_tells_apart_is_cleared_up_by_history(self, eth: Asset) -> None:
        offer(eth, 10_000, start=self.SILENCE)
        assert offer(eth, 100, start=self.SOON).refused
        assert len(offer(eth, *[100] * 200, start=self.SILENCE - 200 * HOUR).stored) == 200
        assert offer(eth, 100, start=self.SOON).stored
