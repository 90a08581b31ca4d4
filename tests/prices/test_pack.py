"""The catalogue and the price pack: there from the first start, and never in an administrator's way."""

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import settings

from prices import catalogue
from prices.models import Asset, PriceSnapshot
from prices.selectors import price_at
from prices.services import load_price_pack, sync_catalogue, track
from prices.services.pack import Loaded
from prices.sources import SOURCES
from tests.factories import day

NOW = datetime(2026, 11, 21, tzinfo=UTC)
pytestmark = pytest.mark.django_db


class TestCatalogue:
    def test_coins_and_currencies_are_made_once(self) -> None:
        assert sync_catalogue() == len(catalogue.COINS) + len(settings.CURRENCIES)
        assert sync_catalogue() == 0

    def test_four_coins_are_tracked_from_the_start(self) -> None:
        sync_catalogue()
        tracked = Asset.objects.tracked().values_list("symbol", flat=True)
        assert sorted(tracked) == ["BNB", "BTC", "ETH", "SOL"]

    def test_what_an_administrator_changed_stays(self) -> None:
        sync_catalogue()
        edited = {"coingecko": "bitcoin", "kraken": "XBTUSDC", "binance": ""}
        Asset.objects.filter(symbol="BTC").update(name="Gold", is_tracked=False, provider_ids=edited)
        sync_catalogue()
        btc = Asset.objects.get(symbol="BTC")
        assert (btc.name, btc.is_tracked) == ("Gold", False)
        assert (btc.id_at("kraken"), btc.id_at("binance")) == ("XBTUSDC", "")
        assert btc.id_at("coinbase") == "BTC-USD"

    def test_no_symbol_and_no_id_is_given_twice(self) -> None:
        symbols = [coin[0] for coin in catalogue.COINS] + list(settings.CURRENCIES)
        assert len(symbols) == len(set(symbols))
        for column in range(2, 8):
            ids = [coin[column] for coin in catalogue.COINS if coin[column]]
            assert len(ids) == len(set(ids))

    def test_every_source_has_its_column(self) -> None:
        assert (*catalogue.SOURCES, "frankfurter") == tuple(SOURCES)

    def test_no_stablecoin_is_priced_in_tether(self) -> None:
        sync_catalogue()
        assert {Asset.objects.get(symbol=symbol).id_at("binance") for symbol in ("USDT", "USDC")} == {""}

    def test_currencies_have_names_and_the_banks_code(self) -> None:
        sync_catalogue()
        euro = Asset.objects.get(symbol="EUR")
        assert (euro.name, euro.kind, euro.provider_ids) == ("Euro", "fiat", {"frankfurter": "EUR"})

    def test_a_coin_can_be_tracked_and_a_currency_cannot(self) -> None:
        sync_catalogue()
        for symbol, tracked in (("XRP", True), ("EUR", False)):
            asset = Asset.objects.get(symbol=symbol)
            track(asset)
            asset.refresh_from_db()
            assert asset.is_tracked is tracked


class TestPack:
    def test_it_is_loaded_whole_and_only_once(self) -> None:
        seen: list[int] = []
        assert load_price_pack(now=NOW, on_progress=seen.append) == Loaded(stored=107_230)
        assert seen[-1] == 107_230
        assert load_price_pack(now=NOW) == Loaded(known=107_230)
        btc, euro = Asset.objects.get(symbol="BTC"), Asset.objects.get(symbol="EUR")
        found = price_at(btc, day("2024-03-03 03:00"))
        assert found is not None
        assert (found.price, found.source, found.grade) == (Decimal("62029.85"), "pack", "B")
        assert price_at(euro, day("2024-03-03")).source == "ecb"  # type: ignore[union-attr]
        assert not PriceSnapshot.objects.filter(at__gt=NOW).exists()

    def test_its_lines_go_through_the_gate(self, tmp_path: Path) -> None:
        lines = ["asset,at,price_usd", "BTC,2024-03-01T00:00:00Z,61000", "BTC,2024-03-02T00:00:00Z,0",
                 "BTC,2024-03-03T00:00:00Z,cheap", "BTC,2024-03-04T00:00:00Z,61000.5"]  # fmt: skip
        file = tmp_path / "pack.csv.gz"
        file.write_bytes(gzip.compress("\n".join(lines).encode()))
        with patch("prices.services.pack.FILES", [(file, "asset", "pack")]):
            assert load_price_pack(now=NOW) == Loaded(stored=2, refused=2)
