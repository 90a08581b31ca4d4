"""Prices from CSV files: read in the shapes that exporters write, refused by line, stored once."""

import gzip
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings, strategies

from prices.models import Asset, PriceSnapshot, RefusedPrice
from prices.services import FileRefusedError, Imported, Layout, import_prices
from prices.services.files import instant, number
from tests.factories import SnapshotFactory, day

NOW = datetime(2024, 6, 15, 12, 30, tzinfo=UTC)
FIRST = day("2024-03-01")
HOUR = timedelta(hours=1)


def load(folder: Path, asset: Asset, *lines: str, name: str = "prices.csv", **options: Any) -> Imported:
    file = folder / name
    text = "\n".join(lines).encode()
    file.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return import_prices(file, asset=asset, now=NOW, **options)


def stored() -> list[tuple[datetime, Decimal]]:
    return list(PriceSnapshot.objects.order_by("at").values_list("at", "price"))


class TestShapes:
    @pytest.mark.parametrize(
        "time",
        ["1709251200", "1709251200000", "1709251200000000", "1709251200.0", "2024-03-01", "2024-03-01 00:00",
         "2024-03-01T00:00:00Z", "2024-03-01T01:00:00+01:00"],
    )  # fmt: skip
    def test_times_are_told_apart(self, tmp_path: Path, btc: Asset, time: str) -> None:
        assert load(tmp_path, btc, "timestamp,price", f"{time},61000.5").stored == 1
        assert stored() == [(FIRST, Decimal("61000.5"))]
        assert PriceSnapshot.objects.get().source == "file"

    def test_a_header_is_not_needed_and_a_banner_is_no_obstacle(self, tmp_path: Path, btc: Asset) -> None:
        assert load(tmp_path, btc, "1709251200,61000", "1709254800,61001").stored == 2
        layout = Layout("Unix Timestamp", "close")
        lines = ["\ufeffhttps://www.example.org", "", "Unix Timestamp,Open,Close", "1709258400000,1,61002"]
        assert load(tmp_path, btc, *lines, layout=layout, name="prices.csv.gz").stored == 1

    def test_columns_are_named_or_counted(self, tmp_path: Path, btc: Asset) -> None:
        assert load(tmp_path, btc, "a,1709251200,x,61000", layout=Layout("2", "4")).stored == 1

    def test_the_close_of_a_candle_stands_at_its_end(self, tmp_path: Path, btc: Asset) -> None:
        load(tmp_path, btc, "timestamp,price", "1709251200,61000", layout=Layout(candle=HOUR))
        assert stored() == [(FIRST + HOUR, Decimal(61000))]

    @pytest.mark.parametrize("lines", [[], ["time,close", "1709251200,1"], ["\x00"], ["<html>", "</html>"]])
    def test_a_file_without_such_columns_is_refused_as_a_whole(
        self, tmp_path: Path, btc: Asset, lines: list[str]
    ) -> None:
        with pytest.raises(FileRefusedError, match="no columns timestamp and price"):
            load(tmp_path, btc, *lines)

    def test_prices_in_another_currency_are_converted_at_the_rate_of_their_own_time(
        self, tmp_path: Path, btc: Asset, eur: Asset
    ) -> None:
        SnapshotFactory(asset=eur, at=FIRST, price=Decimal("1.1"))
        SnapshotFactory(asset=eur, at=FIRST + 2 * HOUR, price=Decimal("1.2"))
        lines = [f"{(FIRST + hours * HOUR).isoformat()},100" for hours in (-1, 0, 1, 2, 7 * 24 + 3)]
        done = load(tmp_path, btc, *lines, currency=eur)
        assert list(done.errors) == ["line 1", "line 5"]
        assert "no exchange rate" in done.errors["line 1"]
        found = PriceSnapshot.objects.of(btc).order_by("at").values_list("price", flat=True)
        assert list(found) == [110, 110, 120]


class TestRefusals:
    def test_each_is_named_by_its_line_and_kept(self, tmp_path: Path, btc: Asset) -> None:
        lines = [
            "timestamp,price", "1709251200,61000", "1709254800,0", "1709258400,null", "1709262000,",
            "2024-02-30,61000", "1709265600", "1709269200,NaN", "1709272800,-1", "1230000000,61000",
            "1718500000,61000", "1709276400,6100000", "1709280000,61001",
        ]  # fmt: skip
        done = load(tmp_path, btc, *lines)
        assert (done.stored, done.refused) == (2, 10)
        assert list(done.errors) == [f"line {number}" for number in range(3, 13)]
        assert done.errors["line 3"] == "line 3: it is not above zero (0)"
        assert set(RefusedPrice.objects.values_list("place", flat=True)) == set(done.errors)

    def test_again_it_stores_nothing_new(self, tmp_path: Path, btc: Asset) -> None:
        lines = ["timestamp,price", "1709251200,61000", "1709254800,0"]
        first, again = load(tmp_path, btc, *lines), load(tmp_path, btc, *lines)
        assert (first.stored, again.stored, again.known, again.refused) == (1, 0, 1, 1)
        assert RefusedPrice.objects.count() == 1

    def test_a_jump_at_the_edge_of_a_chunk_is_confirmed_by_the_next(self, tmp_path: Path, btc: Asset) -> None:
        lines = [f"{1709251200 + 3600 * number},{price}" for number, price in enumerate((9, 9, 90, 91, 92))]
        with patch("prices.services.files.CHUNK", 3):
            done = load(tmp_path, btc, *lines)
        assert (done.stored, done.refused, done.errors) == (5, 0, {})

    def test_newest_first_and_doubled_lines_are_sorted_out(self, tmp_path: Path, btc: Asset) -> None:
        lines = [f"{1709251200 + 3600 * number},{61000 + number}" for number in (3, 2, 2, 1, 0)]
        assert load(tmp_path, btc, *lines).stored == 4

    @settings(max_examples=100)
    @given(strategies.text(max_size=30))
    def test_any_text_is_an_instant_and_a_number_or_itself(self, text: str) -> None:
        assert isinstance(instant(text), datetime) or instant(text) == text
        assert isinstance(number(text), Decimal) or number(text) == text


class TestCommand:
    def run(self, *arguments: str) -> tuple[str, str]:
        out, err = StringIO(), StringIO()
        call_command("import_prices", *arguments, stdout=out, stderr=err)
        return out.getvalue(), err.getvalue()

    def test_it_says_what_it_did_and_what_it_refused(self, tmp_path: Path, btc: Asset, frozen: None) -> None:
        file = tmp_path / "prices.csv"
        file.write_text("timestamp,price\n1709251200,61000\n1709254800,0\n")
        out, err = self.run(str(file), "--asset", "btc", "--candle", "hour", "--source", "bitstamp")
        assert out == "1 new prices, 0 known already, 1 refused.\n"
        assert err == "line 3: it is not above zero (0)\n"
        assert PriceSnapshot.objects.get().source == "bitstamp"

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--asset", "XYZ"], "no asset 'XYZ'"),
            (["--asset", "\x00"], "no asset"),
            (["--asset", "USD"], "none of its own"),
            (["--asset", "BTC", "--source", "manual"], "not manual"),
            (["--asset", "BTC", "--source", "a,b"], "letters and digits"),
            (["--asset", "BTC", "--time", "when"], "no columns when and price"),
            (["--asset", "BTC"], "No line"),
        ],
    )
    def test_what_cannot_be_done_is_one_line(
        self, tmp_path: Path, btc: Asset, arguments: list[str], message: str
    ) -> None:
        file = tmp_path / "prices.csv"
        file.write_text("timestamp,price\n1709251200,0\n")
        with pytest.raises(CommandError, match=message):
            self.run(str(file), *arguments)

    def test_a_file_that_is_not_there_or_broken_is_said(self, tmp_path: Path, btc: Asset) -> None:
        (tmp_path / "b.csv.gz").write_bytes(b"no gzip")
        (tmp_path / "c.csv.gz").write_bytes(gzip.compress(b"timestamp,price\n" * 999)[:-20])
        for name in ("a.csv", "b.csv.gz", "c.csv.gz"):
            with pytest.raises(CommandError):
                self.run(str(tmp_path / name), "--asset", "BTC")
