"""What one worker learns of a source holds for all: limits, refusals, and a circuit that opens and closes."""

import logging
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from prices.models import Asset, SourceState
from prices.services import advance_backfills, ask_again, backfill, fetch_latest, request_missing
from prices.services.panel import Panel, Stopwatch
from prices.sources.errors import HeldBackError
from tests.prices.conftest import NOW
from tests.prices.provider import NAMES, FakeProvider, running

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def only_kraken(only_btc: Asset, provider: FakeProvider, settings: Settings) -> FakeProvider:
    """Bitcoin as the one tracked coin, Kraken as the one source."""
    settings.PRICE_SOURCES = ["kraken"]
    return provider


def panel(now: datetime) -> Panel:
    return Panel(Stopwatch.start(now, 45, lambda: 0.0))


def state() -> SourceState:
    return SourceState.objects.get(source="kraken")


class TestLimits:
    @pytest.mark.parametrize(
        "fault, seconds",
        [
            ("rate limit", 7),
            ("rate limit until a date", 90),
            ("rate limit of a day", 3600),
            ("rate limit of no time", 1),
            ("banned", 120),
        ],
    )
    def test_it_is_left_alone_for_as_long_as_it_says(
        self, only_kraken: FakeProvider, fault: str, seconds: int
    ) -> None:
        only_kraken.faults = {"kraken": fault}
        fetch_latest(now=NOW)
        assert (state().cause, state().until) == ("limit", NOW + timedelta(seconds=seconds))
        only_kraken.faults = {}
        fetch_latest(now=NOW + timedelta(seconds=seconds - 1))
        assert len(only_kraken.requests) == 1
        assert fetch_latest(now=NOW + timedelta(seconds=seconds)).stored == ("BTC",)

    def test_limits_that_say_no_time_make_it_wait_longer_and_longer(self, only_kraken: FakeProvider) -> None:
        only_kraken.faults = {"kraken": "response limit"}
        now, waits = NOW, []
        for _ in range(9):
            fetch_latest(now=now)
            until = state().until
            assert until is not None
            waits.append(until - now)
            now = until
        assert MINUTE <= waits[0] <= 2 * MINUTE
        assert 2 * MINUTE <= waits[1] <= 4 * MINUTE
        assert waits[-1] == HOUR

    def test_a_worker_in_the_middle_of_its_work_heeds_what_another_has_just_met(
        self, only_kraken: FakeProvider
    ) -> None:
        busy = panel(NOW)
        source = next(iter(busy))
        only_kraken.faults = {"kraken": "rate limit"}
        fetch_latest(now=NOW)
        only_kraken.faults = {}
        assert busy.ask(source, lambda: dict(source.latest(["XXBTZUSD"]))) is None
        assert busy.failures == {"kraken": "kraken: too many requests"}
        assert len(only_kraken.requests) == 1

    def test_an_answer_that_was_on_its_way_does_not_lift_it(self, only_kraken: FakeProvider) -> None:
        busy = panel(NOW)
        source = next(iter(busy))
        answer = dict(source.latest(["XXBTZUSD"]))
        only_kraken.faults = {"kraken": "rate limit"}
        fetch_latest(now=NOW)
        assert busy.ask(source, lambda: answer) == answer
        assert (state().cause, state().until) == ("limit", NOW + timedelta(seconds=7))

    @pytest.mark.django_db(transaction=True)
    def test_it_holds_for_other_processes_and_their_logs_know_no_key(self, tmp_path: Path) -> None:
        with running() as provider:
            provider.faults = dict.fromkeys(NAMES, "rate limit of a day")
            variables = ("CRYPTO_API", *(name.upper() for name in NAMES if name != "coingecko"))
            names = (*variables, "COINGECKO")
            environment = {
                **os.environ,
                "VAR_DIR": str(tmp_path),
                "DATABASE_URL": "",
                "LOG_LEVEL": "DEBUG",
                **{f"{name}_BASE_URL": provider.url for name in variables},
                **{f"{name}_API_KEY": f"s3cret-{name}" for name in names},
            }
            said = [manage(environment, *words) for words in COMMANDS]
        assert len(provider.requests) == 4  # those that have candles or prices of Bitcoin, once each
        assert "too many requests" in said[-1]
        assert "s3cret" not in "".join(said)
        assert any("s3cret-COINGECKO" in str(headers) for _, _, headers in provider.requests)


CATALOGUE = "from prices.services import sync_catalogue; sync_catalogue()"
ORDER = ("--asset", "BTC", "--since", "2024-06-01", "--until", "2024-06-02")
COMMANDS = (
    ("migrate", "-v0"),
    ("shell", "--no-imports", "--command", CATALOGUE),
    *[("backfill_prices", *ORDER)] * 3,
)


def manage(environment: dict[str, str], *arguments: str) -> str:
    """All that a management command of another process says."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=django_settings.BASE_DIR,
        env=environment,
        timeout=300,
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


class TestRefusals:
    @pytest.mark.parametrize("fault", ["unauthorised", "forbidden", "forbidden by law"])
    def test_it_is_not_hammered_at_and_somebody_is_told_once(
        self, only_kraken: FakeProvider, caplog: pytest.LogCaptureFixture, fault: str
    ) -> None:
        only_kraken.faults = {"kraken": fault}
        for minutes in range(0, 60, 5):
            report = fetch_latest(now=NOW + minutes * MINUTE)
            assert "check its API key" in report.failures["kraken"]
        assert len(only_kraken.requests) == 1
        errors = [record for record in caplog.records if record.levelno == logging.ERROR]
        assert ["check its API key" in record.getMessage() for record in errors] == [True]
        assert (state().cause, state().until) == ("refused", NOW + HOUR)

    def test_it_is_asked_ever_more_seldom(self, only_kraken: FakeProvider) -> None:
        only_kraken.faults = {"kraken": "forbidden"}
        for hours in range(24 * 7):
            fetch_latest(now=NOW + hours * HOUR)
        assert len(only_kraken.requests) == 11

    def test_another_key_is_tried_at_once(self, only_kraken: FakeProvider, settings: Settings) -> None:
        only_kraken.faults = {"kraken": "forbidden"}
        fetch_latest(now=NOW)
        only_kraken.faults = {}
        settings.PROVIDERS["kraken"]["api_key"] = "another"
        assert fetch_latest(now=NOW + MINUTE).stored == ("BTC",)
        assert (state().cause, state().until, state().failures) == ("", None, 0)

    def test_another_key_that_fails_otherwise_is_not_held_back_by_the_old_one(
        self, only_kraken: FakeProvider, settings: Settings
    ) -> None:
        only_kraken.faults = {"kraken": "forbidden"}
        fetch_latest(now=NOW)
        settings.PROVIDERS["kraken"]["api_key"] = "another"
        only_kraken.faults = {"kraken": "server error"}
        fetch_latest(now=NOW + MINUTE)
        assert (state().cause, state().until, state().failures) == ("failing", None, 1)

    def test_an_administrator_can_have_it_asked_again(self, only_kraken: FakeProvider) -> None:
        only_kraken.faults = {"kraken": "forbidden"}
        fetch_latest(now=NOW)
        only_kraken.faults = {}
        assert ask_again(sources=["kraken"]) == 1
        assert fetch_latest(now=NOW + MINUTE).stored == ("BTC",)


class TestTheCircuit:
    def open_it(self, provider: FakeProvider) -> datetime:
        """Until when it is open after three failures, a minute apart."""
        provider.faults = {"kraken": "server error"}
        for minutes in range(3):
            assert state_or_none() is None or state_or_none().until is None  # type: ignore[union-attr]
            fetch_latest(now=NOW + minutes * MINUTE)
        until = state().until
        assert until == NOW + 3 * MINUTE
        provider.requests.clear()
        return until

    def test_after_three_failures_in_a_row_nobody_asks(self, only_kraken: FakeProvider) -> None:
        until = self.open_it(only_kraken)
        report = fetch_latest(now=until - timedelta(seconds=1))
        assert only_kraken.requests == []
        assert report.failures == {"kraken": "kraken: server error 500"}

    def test_an_answer_in_between_begins_the_count_anew(self, only_kraken: FakeProvider) -> None:
        for minutes, fault in enumerate(["server error", "html", "out of order", "reset", "empty"]):
            only_kraken.faults = {"kraken": fault}
            fetch_latest(now=NOW + minutes * MINUTE)
        assert (state().failures, state().until) == (2, None)

    def test_after_its_pause_one_tries_and_the_others_wait(self, only_kraken: FakeProvider) -> None:
        until = self.open_it(only_kraken)
        first, second = panel(until), panel(until)
        one, other = next(iter(first)), next(iter(second))
        one.permit()
        with pytest.raises(HeldBackError):
            other.permit()
        one.permit()  # its trial may take several requests
        assert list(panel(until + MINUTE)) == []

    def test_a_trial_that_fails_makes_it_wait_twice_as_long(self, only_kraken: FakeProvider) -> None:
        until = self.open_it(only_kraken)
        waits = []
        for _ in range(8):
            fetch_latest(now=until)
            waits.append((state().until or until) - until)
            until = state().until or until
        assert waits[:3] == [2 * MINUTE, 4 * MINUTE, 8 * MINUTE]
        assert waits[-1] == HOUR
        assert len(only_kraken.requests) == 8 * 3  # each trial with the tries of any request

    def test_a_trial_that_succeeds_closes_it(
        self, only_kraken: FakeProvider, caplog: pytest.LogCaptureFixture
    ) -> None:
        until = self.open_it(only_kraken)
        only_kraken.faults = {}
        assert fetch_latest(now=until).stored == ("BTC",)
        assert (state().failures, state().until, state().cause) == (0, None, "")
        assert "price source answers again: kraken" in caplog.text
        assert fetch_latest(now=until + MINUTE).stored == ("BTC",)

    def test_a_trial_for_which_no_time_was_left_leaves_it_to_the_next(
        self, only_kraken: FakeProvider
    ) -> None:
        until = self.open_it(only_kraken)
        only_kraken.faults = {}
        trying = panel(until)
        source = next(iter(trying))
        source.permit()
        source.seconds_left = lambda: 0
        assert trying.ask(source, lambda: dict(source.latest(["XXBTZUSD"]))) is None
        assert fetch_latest(now=until).stored == ("BTC",)

    def test_a_trial_whose_worker_was_killed_is_over_after_two_minutes(
        self, only_kraken: FakeProvider
    ) -> None:
        until = self.open_it(only_kraken)
        only_kraken.faults = {}
        next(iter(panel(until))).permit()
        assert fetch_latest(now=until + MINUTE).stored == ()
        assert fetch_latest(now=until + 2 * MINUTE).stored == ("BTC",)

    def test_a_coin_it_does_not_have_is_no_failure(self, only_kraken: FakeProvider, only_btc: Asset) -> None:
        only_kraken.faults = {"kraken": "unknown pair"}
        for _ in range(5):
            backfill(only_btc, NOW - 5 * HOUR, NOW, now=NOW, source="kraken")
        assert (state().failures, state().until) == (0, None)

    def test_the_history_is_held_back_too(self, only_kraken: FakeProvider) -> None:
        until = self.open_it(only_kraken)
        request_missing(now=until)
        advance_backfills(now=until - timedelta(seconds=1))
        assert only_kraken.requests == []
        only_kraken.faults = {}
        report = advance_backfills(now=until + 15 * MINUTE)
        assert (report.stored, report.finished) == (
            718,
            1,
        )  # Kraken's 720 hours, of the year that was asked for


def state_or_none() -> SourceState | None:
    return SourceState.objects.filter(source="kraken").first()
