"""A pack carries prices to a machine without network: the same rows, through the gate."""

import zipfile
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from prices.models import Asset, PriceSnapshot
from prices.services import FileRefusedError, Loaded, export_price_pack, load_price_pack
from prices.services.pack import ASSET_COLUMNS, ASSETS, PRICE_COLUMNS, PRICES
from tests.factories import AssetFactory, SnapshotFactory, day
from tests.prices.test_files import HOUR, NOW

Rows = list[tuple[object, ...]]
START = day("2024-03-01")


@pytest.fixture
def full(db: None) -> Rows:
    """Two assets with prices of several sources, jumps among them that somebody confirmed; what is stored."""
    btc = AssetFactory(symbol="BTC", provider_ids={"coingecko": "bitcoin"})
    euro = AssetFactory(symbol="EUR", name="Euro", kind="fiat")
    said = [("61000.123456789012345678", "pack"), ("61001", "coingecko"), ("7", "manual"),
            ("61002", "bitstamp"), ("610000", "coinbase"), ("610001", "binance"),
            ("0.000000000000000001", "manual")]  # fmt: skip
    for number, (price, source) in enumerate(said):
        SnapshotFactory(asset=btc, at=START + number * HOUR, price=Decimal(price), source=source)
    SnapshotFactory(asset=euro, at=START, price=Decimal("1.08"), source="ecb")
    return rows()


def rows() -> Rows:
    columns = ("asset__symbol", "at", "price", "source")
    return list(PriceSnapshot.objects.order_by("asset__symbol", "at").values_list(*columns))


def pack(path: Path, *prices: str, assets: str = "BTC,Bitcoin,crypto,{}") -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(ASSETS, "\n".join([",".join(ASSET_COLUMNS), assets]))
        file.writestr(PRICES, "\n".join([",".join(PRICE_COLUMNS), *prices]))
    return path


class TestRoundTrip:
    def test_what_was_exported_is_there_after_the_import(self, tmp_path: Path, full: Rows) -> None:
        file = tmp_path / "pack.zip"
        assert export_price_pack(file) == len(full)
        Asset.objects.all().delete()
        assert load_price_pack(file, now=NOW) == Loaded(stored=len(full))
        assert rows() == full
        made = Asset.objects.get(symbol="EUR")
        assert (made.name, made.kind) == ("Euro", "fiat")
        assert Asset.objects.get(symbol="BTC").provider_ids == {"coingecko": "bitcoin"}
        assert load_price_pack(file, now=NOW) == Loaded(known=len(full))

    def test_a_part_may_be_chosen(self, tmp_path: Path, full: Rows) -> None:
        file = tmp_path / "pack.zip"
        btc = Asset.objects.get(symbol="BTC")
        assert export_price_pack(file, assets=[btc], since=START + HOUR, until=START + 3 * HOUR) == 3
        Asset.objects.all().delete()
        load_price_pack(file, now=NOW)
        assert rows() == [row for row in full if row[0] == "BTC"][1:4]

    def test_nothing_half_written_is_left(self, tmp_path: Path, full: Rows) -> None:
        with pytest.raises(OSError, match="directory"):
            export_price_pack(tmp_path / "nowhere" / "pack.zip")
        (tmp_path / "folder").mkdir()
        with pytest.raises(OSError, match="directory"):
            export_price_pack(tmp_path / "folder")
        assert [path.name for path in tmp_path.iterdir()] == ["folder"]

    def test_the_commands_do_the_same(self, tmp_path: Path, full: Rows) -> None:
        file, out = str(tmp_path / "pack.zip"), StringIO()
        call_command("export_price_pack", file, "--asset", "btc", "EUR", stdout=out)
        Asset.objects.all().delete()
        call_command("load_price_pack", file, stdout=out)
        assert rows() == full
        assert out.getvalue() == f"8 prices in {file}.\n8 new prices, 0 known already.\n"
        with pytest.raises(CommandError, match="no such asset"):
            call_command("export_price_pack", file, "--asset", "XYZ")


class TestRefusals:
    def test_its_rows_go_through_the_gate(self, tmp_path: Path, db: None) -> None:
        prices = ["BTC,2024-03-01T00:00:00Z,61000,binance", "BTC,2024-03-01T01:00:00Z,0,binance",
                  "BTC,yesterday,61000,binance", "BTC,2024-03-01T02:00:00Z,6100000,binance",
                  "BTC,2024-03-01T03:00:00Z,61001,b'd", "BTC"]  # fmt: skip
        done = load_price_pack(pack(tmp_path / "pack.zip", *prices), now=NOW)
        assert done == Loaded(stored=2, refused=4)
        assert [row[3] for row in rows()] == ["binance", "pack"]

    @pytest.mark.parametrize(
        "assets",
        ['BTC,Bitcoin,crypto,"{""coingecko"": ""bitcoin-cash""}"', "BTC,Bitcoin,fiat,{}", "BTC,Bitcoin,,{}",
         "A/B,x,crypto,{}", ",x,crypto,{}", "NEW,,crypto,{}", "NEW,x,crypto,[]", "NEW,x,crypto,", "NEW",
         "NEW,x,crypto," + "[" * 2000, "NEW,\x00,crypto,{}", "\x00,x,crypto,{}"],
    )  # fmt: skip
    def test_another_coin_under_a_known_name_is_refused_before_any_price(
        self, tmp_path: Path, assets: str, btc: Asset
    ) -> None:
        file = pack(tmp_path / "pack.zip", "BTC,2024-03-01T00:00:00Z,61000,binance", assets=assets)
        with pytest.raises(FileRefusedError):
            load_price_pack(file, now=NOW)
        assert not PriceSnapshot.objects.exists()

    def test_a_damaged_or_foreign_file_is_refused(self, tmp_path: Path, full: Rows) -> None:
        whole = tmp_path / "pack.zip"
        export_price_pack(whole)
        body = whole.read_bytes()
        flipped = bytearray(body)
        flipped[body.index(b"prices.csv") + 20] ^= 0xFF
        with zipfile.ZipFile(tmp_path / "other.zip", "w") as file:
            file.writestr("readme.txt", "hello")
        (tmp_path / "short.zip").write_bytes(body[:-30])
        (tmp_path / "flipped.zip").write_bytes(flipped)
        (tmp_path / "text.zip").write_text("asset,at,price_usd")
        before = rows()
        for name in ("other.zip", "short.zip", "flipped.zip", "text.zip"):
            with pytest.raises(CommandError, match="pack"):
                call_command("load_price_pack", str(tmp_path / name))
        assert rows() == before

    def test_a_price_of_an_asset_that_it_does_not_name_is_refused(self, tmp_path: Path, db: None) -> None:
        with pytest.raises(FileRefusedError, match="no price pack"):
            load_price_pack(pack(tmp_path / "pack.zip", "ETH,2024-03-01T00:00:00Z,3000,binance"), now=NOW)
