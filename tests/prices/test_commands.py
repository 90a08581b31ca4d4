"""The management commands of prices: as the contract names them, in one clear line when they fail."""

from datetime import timedelta
from io import StringIO
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError
from django.utils.module_loading import import_string
from django_q.models import Schedule

from prices.management.base import moment
from prices.models import Asset, PriceSnapshot
from tests.factories import day
from tests.prices.conftest import NOW
from tests.prices.fake_provider import FakeProvider

COMMANDS = (
    *("add_coin", "backfill_prices", "fetch_prices", "find_coins", "load_price_pack", "sync_schedules"),
)
NEEDED = {"add_coin": ("bitcoin",), "find_coins": ("bitcoin",)}
SPAN = ("--since", "2024-06-01", "--until", "2024-06-03")
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def run(name: str, *arguments: str) -> str:
    output = StringIO()
    call_command(name, *arguments, stdout=output)
    return output.getvalue()


def run_from_a_shell(name: str, *arguments: str) -> int:
    """The exit code; what was said is in capsys."""
    command = import_string(f"prices.management.commands.{name}.Command")()
    with patch("django.core.management.base.connections.close_all"):
        try:
            command.run_from_argv(["manage.py", name, *arguments])
        except SystemExit as stopped:
            return int(stopped.code or 0)
    return 0


class TestAllOfThem:
    @pytest.mark.parametrize("name", COMMANDS)
    def test_each_explains_itself(self, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert run_from_a_shell(name, "--help") == 0
        assert f"manage.py {name}" in capsys.readouterr().out

    @pytest.mark.parametrize("name", COMMANDS)
    def test_a_database_that_is_not_there_is_said_in_one_line(
        self, name: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        target = f"prices.management.commands.{name}.Command.handle"
        with patch(target, side_effect=OperationalError("no such table: prices_asset\nmore")):
            assert run_from_a_shell(name, *NEEDED.get(name, ()), "--skip-checks") == 1
        said = "The database cannot be used (no such table: prices_asset). Has `migrate` been run?"
        assert capsys.readouterr().err == f"CommandError: {said}\n"

    @pytest.mark.parametrize("name", COMMANDS)
    def test_stopping_one_is_no_accident(self, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        with patch(f"prices.management.commands.{name}.Command.handle", side_effect=KeyboardInterrupt):
            assert run_from_a_shell(name, *NEEDED.get(name, ()), "--skip-checks") == 130
        assert capsys.readouterr().err == "CommandError: Stopped. Run it again to go on.\n"


class TestFetchPrices:
    def test_it_says_what_it_brought(self, catalogue: None, provider: FakeProvider) -> None:
        assert run("fetch_prices") == "4 new prices; 0 unchanged\n"
        assert run("fetch_prices") == "0 new prices; 4 unchanged\n"

    def test_when_nobody_answers_it_fails_in_one_line(
        self, catalogue: None, nobody: None, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run_from_a_shell("fetch_prices") == 1
        errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("CommandError")]
        assert len(errors) == 1
        assert "no source answered" in errors[0]

    def test_without_a_tracked_coin_there_is_nothing_to_fail(self, provider: FakeProvider) -> None:
        assert run("fetch_prices") == "no coin is tracked\n"


class TestBackfillPrices:
    def test_every_hour_is_stored_once_also_when_run_twice(self, btc: Asset, provider: FakeProvider) -> None:
        assert run("backfill_prices", "--asset", "BTC", *SPAN) == "BTC: 49 new prices, none missing\n"
        assert run("backfill_prices", "--asset", "BTC", *SPAN) == "BTC: 0 new prices, none missing\n"
        assert PriceSnapshot.objects.count() == 49

    def test_several_coins_in_small_letters_from_one_source(
        self, catalogue: None, provider: FakeProvider
    ) -> None:
        output = run("backfill_prices", "--asset", "btc", "eth", "--source", "cryptocompare", *SPAN)
        assert output == "BTC: 49 new prices, none missing\nETH: 49 new prices, none missing\n"
        assert set(PriceSnapshot.objects.values_list("source", flat=True)) == {"cryptocompare"}

    def test_without_an_asset_all_tracked_coins_are_meant(
        self, catalogue: None, provider: FakeProvider
    ) -> None:
        assert run("backfill_prices", *SPAN).count("none missing") == 4

    def test_without_a_span_the_last_year_is_meant(self, btc: Asset, provider: FakeProvider) -> None:
        assert run("backfill_prices", "--asset", "BTC", "--daily") == "BTC: 366 new prices, none missing\n"

    def test_unix_times_are_understood(self, btc: Asset, provider: FakeProvider) -> None:
        since, until = (str(int(day(text).timestamp())) for text in ("2024-06-01", "2024-06-02"))
        output = run("backfill_prices", "--asset", "BTC", "--since", since, "--until", until)
        assert output == "BTC: 25 new prices, none missing\n"

    def test_a_dry_run_asks_nobody(self, btc: Asset, provider: FakeProvider) -> None:
        output = run("backfill_prices", "--asset", "BTC", "--dry-run", *SPAN)
        assert output == ("BTC: would ask for 49 prices, from 2024-06-01 00:00 to 2024-06-03 00:00 UTC.\n")
        assert provider.requests == []
        assert not PriceSnapshot.objects.exists()

    def test_of_a_currency_the_rates_of_bank_days_are_meant(self, eur: Asset, provider: FakeProvider) -> None:
        span = ("--since", "2024-05-01", "--until", "2024-06-03T16:00")
        said = run("backfill_prices", "--asset", "EUR", "--dry-run", *span)
        assert said == "EUR: would ask for exchange rates; days without one: 23.\n"
        assert provider.requests == []
        said = run("backfill_prices", "--asset", "EUR", *span)
        assert said == "EUR: 115 new exchange rates, no day is missing\n"

    def test_what_nobody_has_is_said_and_is_no_failure(self, btc: Asset, provider: FakeProvider) -> None:
        provider.unlisted_before = int(day("2024-06-02").timestamp())
        assert "25 still unknown" in run("backfill_prices", "--asset", "BTC", *SPAN)

    def test_when_nobody_answers_it_fails_in_one_line(
        self, btc: Asset, nobody: None, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run_from_a_shell("backfill_prices", "--asset", "BTC", *SPAN) == 1
        assert "CommandError: Not finished" in capsys.readouterr().err

    @pytest.mark.parametrize(
        "arguments, message",
        [
            (["--asset", "NOSUCH"], "no coin NOSUCH"),
            (["--asset", "USD"], "USD has no id at any price source"),
            (["--asset", "EUR", "--source", "coinbase"], "EUR has no id at coinbase"),
            (["--asset", "XMR", "--source", "coinbase"], "no id at coinbase"),
            (["--since", "yesterday"], "neither an ISO"),
            (["--since", "2024-06-02", "--until", "2024-06-01"], "after --until"),
            (["--since", "2199-01-01"], "in the future"),
            (["--since", "1999-01-01"], "2009"),
            (["--since", "9" * 30], "neither an ISO"),
            (["--until", "0001-01-01", "--dry-run"], "until lies before 2009"),
            (["--asset", "\udcff"], r"no coin '\\udcff'"),
        ],
    )
    def test_what_cannot_be_meant_is_said(self, catalogue: None, arguments: list[str], message: str) -> None:
        with pytest.raises(CommandError, match=message):
            run("backfill_prices", *arguments)

    def test_progress_is_shown_on_a_terminal_only(self, btc: Asset, provider: FakeProvider) -> None:
        class Terminal(StringIO):
            def isatty(self) -> bool:
                return True

        terminal = Terminal()
        call_command("backfill_prices", "--asset", "BTC", *SPAN, stdout=terminal)
        assert f"\rBTC {'█' * 30} 100%  49 of 49" in terminal.getvalue().replace("\x1b[K", "")
        assert "\r" not in run("backfill_prices", "--asset", "BTC", *SPAN)


class TestTheOthers:
    def test_the_pack_is_loaded_and_counted(self) -> None:
        with patch("prices.services.pack.FILES", ()):
            assert run("load_price_pack") == "0 new prices, 0 known already.\n"
        assert Asset.objects.filter(symbol="BTC").exists()

    def test_a_damaged_pack_fails_in_one_line(self, tmp_path: object) -> None:
        (tmp_path / "pack.csv.gz").write_bytes(b"\x1f\x8bgarbage")  # type: ignore[operator]
        files = [(tmp_path / "pack.csv.gz", "asset", "pack")]  # type: ignore[operator]
        with patch("prices.services.pack.FILES", files), pytest.raises(CommandError, match="cannot be read"):
            run("load_price_pack")

    def test_schedules_are_synced_and_named(self) -> None:
        assert run("sync_schedules").startswith("made: ")
        Schedule.objects.create(name="stranger", func="x", next_run=NOW + timedelta(minutes=1))
        assert run("sync_schedules") == "removed: stranger\n"
        assert run("sync_schedules") == "The schedules are in order.\n"


class TestMoments:
    @pytest.mark.parametrize(
        "text",
        ["2024-06-01", "2024-06-01T00:00", "2024-06-01T02:00+02:00", "2024-06-01T00:00:00Z", "1717200000"],
    )
    def test_iso_and_unix_times_are_utc_unless_they_say_otherwise(self, text: str) -> None:
        assert moment(text) == day("2024-06-01")

    @pytest.mark.parametrize(
        "text", ["", "now", "1e9", "２０２４", "2024-13-01", "-5", "0001-01-01T00:00+14:00"]
    )
    def test_anything_else_is_an_error(self, text: str) -> None:
        with pytest.raises(CommandError, match="neither"):
            moment(text)
