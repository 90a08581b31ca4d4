"""Exchange rates: one a bank day, from the European Central Bank, without holes and never twice."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from pytest_django import Settings

from prices import tasks
from prices.models import Asset, PriceSnapshot
from prices.selectors import exchange_rate
from prices.services import fetch_rates, fill_rates
from prices.services.bank_days import bank_days, easter, is_bank_day
from prices.services.gate import GENESIS
from tests.factories import SnapshotFactory, day
from tests.prices.conftest import NOW
from tests.prices.provider import FakeProvider, rate_of

DAY = timedelta(days=1)
QUOTED = ("EUR", "GBP", "CHF", "JPY", "ZAR")


@pytest.fixture
def currencies(catalogue: None) -> None:
    """Those that the provider quotes, and the dollar."""
    Asset.objects.fiat().exclude(symbol__in=(*QUOTED, "USD")).delete()


def days(code: str = "EUR") -> list[date]:
    rows = PriceSnapshot.objects.filter(asset__symbol=code).order_by("at")
    return [at.astimezone(UTC).date() for at in rows.values_list("at", flat=True)]


class TestBankDays:
    @pytest.mark.parametrize(
        "text, is_open",
        [
            ("2024-06-03", True),
            ("2024-06-08", False),  # a Saturday
            ("2024-01-01", False),
            ("2024-03-29", False),  # Good Friday
            ("2024-04-01", False),  # Easter Monday
            ("2024-05-01", False),
            ("2024-12-24", True),
            ("2024-12-25", False),
            ("2024-12-26", False),
            ("2024-12-31", True),
        ],
    )
    def test_they_are_working_days_without_the_banks_holidays(self, text: str, is_open: bool) -> None:
        assert is_bank_day(date.fromisoformat(text)) is is_open

    @pytest.mark.parametrize(
        "year, text",
        [
            (2009, "04-12"),
            (2011, "04-24"),
            (2019, "04-21"),
            (2024, "03-31"),
            (2025, "04-20"),
            (2038, "04-25"),
        ],
    )
    def test_easter_is_where_the_calendar_has_it(self, year: int, text: str) -> None:
        assert easter(year) == date.fromisoformat(f"{year}-{text}")

    def test_a_year_has_about_as_many_as_there_are_rates(self) -> None:
        assert len(list(bank_days(date(2023, 1, 1), date(2023, 12, 31)))) == 255


@pytest.mark.usefixtures("currencies")
class TestFetching:
    def test_the_last_weeks_come_with_one_request_for_all_currencies(self, provider: FakeProvider) -> None:
        report = fetch_rates(now=NOW)
        expected = list(bank_days(date(2024, 5, 16), date(2024, 6, 14)))
        assert (report.stored, report.missing, report.failures) == (len(expected) * 5, 0, {})
        assert [days(code) for code in QUOTED] == [expected] * 5
        assert len(provider.requests) == 1

    def test_a_rate_is_dollars_per_unit_at_the_instant_of_the_packs(self, provider: FakeProvider) -> None:
        fetch_rates(now=NOW)
        pound = PriceSnapshot.objects.filter(asset__symbol="GBP").latest("at")
        assert (pound.at, pound.source) == (datetime(2024, 6, 14, 15, tzinfo=UTC), "frankfurter")
        exact = rate_of("USD", date(2024, 6, 14)) / rate_of("GBP", date(2024, 6, 14))
        assert abs(pound.price - exact) < Decimal("1e-18")
        assert exchange_rate("GBP", "USD", NOW) == pound.price

    def test_what_is_stored_is_not_asked_for_again(self, provider: FakeProvider) -> None:
        fetch_rates(now=NOW)
        assert str(fetch_rates(now=NOW)) == "0 new exchange rates, no day is missing"
        assert len(provider.requests) == 1

    def test_a_rate_of_the_pack_stays(self, provider: FakeProvider, eur: Asset) -> None:
        SnapshotFactory(asset=eur, at=day("2024-06-14 15:00"), price="1.1", source="ecb")
        fetch_rates(now=NOW)
        kept = PriceSnapshot.objects.get(asset=eur, at=day("2024-06-14 15:00"))
        assert (kept.price, kept.source) == (Decimal("1.1"), "ecb")

    def test_todays_rate_is_there_once_its_time_has_come(self, provider: FakeProvider) -> None:
        friday = day("2024-06-14 14:30")
        provider.now = friday.timestamp
        fetch_rates(now=friday)
        assert days()[-1] == date(2024, 6, 13)
        provider.now = (friday + timedelta(hours=1)).timestamp
        fetch_rates(now=friday + timedelta(hours=1))
        assert days()[-1] == date(2024, 6, 14)

    def test_on_a_weekend_nobody_is_asked(self, provider: FakeProvider) -> None:
        fetch_rates(now=NOW)
        provider.requests.clear()
        provider.now = (NOW + DAY).timestamp
        fetch_rates(now=NOW + DAY)
        assert provider.requests == []

    def test_a_day_the_provider_lacks_is_known_and_heals(self, provider: FakeProvider) -> None:
        provider.days_off = {"2024-06-12"}
        assert fetch_rates(now=NOW).missing == 1
        assert date(2024, 6, 12) not in days()
        provider.days_off = set()
        assert fetch_rates(now=NOW).missing == 0
        assert date(2024, 6, 12) in days()

    def test_a_currency_that_is_not_quoted_any_more_is_let_be(self, provider: FakeProvider) -> None:
        krone = Asset.objects.create(
            symbol="DKK", name="Krone", kind="fiat", provider_ids={"frankfurter": "DKK"}
        )
        SnapshotFactory(asset=krone, at=day("2022-06-14 15:00"), price="0.14")
        fetch_rates(now=NOW)
        provider.requests.clear()
        assert fetch_rates(now=NOW).missing == 0
        assert provider.requests == []

    def test_without_network_it_ends_normally_and_says_so(self, nobody: None) -> None:
        report = fetch_rates(now=NOW)
        assert (report.stored, report.missing) == (0, 22)
        assert str(report).startswith("0 new exchange rates, 22 days without a rate; frankfurter: ")


@pytest.mark.usefixtures("currencies")
class TestFilling:
    def test_years_come_in_pages_of_ninety_days_newest_first(self, provider: FakeProvider) -> None:
        asked: list[date] = []
        report = fill_rates(day("2023-01-01"), NOW, now=NOW, currencies=euro(), moved=asked.append)
        assert report.missing == 0
        assert days() == list(bank_days(date(2023, 1, 1), date(2024, 6, 14)))
        assert asked == sorted(asked, reverse=True)
        spans = [path.rsplit("/", 1)[1].split("..") for path, _, _ in provider.requests]
        lengths = [(date.fromisoformat(last) - date.fromisoformat(first)).days for first, last in spans]
        assert len(spans) == 6
        assert max(lengths) < 90

    def test_it_goes_on_where_its_time_was_up(self, provider: FakeProvider) -> None:
        ticks = iter([0.0] * 12 + [100.0] * 100)
        first = fill_rates(day("2023-01-01"), NOW, now=NOW, currencies=euro(), clock=lambda: next(ticks))
        assert 0 < len(days()) < 300
        assert first.missing > 0
        assert fill_rates(day("2023-01-01"), NOW, now=NOW, currencies=euro()).missing == 0
        assert days() == list(bank_days(date(2023, 1, 1), date(2024, 6, 14)))

    def test_a_day_asked_for_one_currency_is_asked_for_all(self, provider: FakeProvider) -> None:
        for code in QUOTED:
            SnapshotFactory(asset=Asset.objects.get(symbol=code), at=day("2023-12-29 15:00"), price=1)
        fill_rates(day("2024-01-01"), day("2024-02-01"), now=NOW, currencies=euro())
        assert [len(days(code)) for code in QUOTED] == [23] * 5

    def test_only_holes_are_asked_for(self, provider: FakeProvider) -> None:
        fill_rates(day("2024-01-01"), NOW, now=NOW, currencies=euro())
        PriceSnapshot.objects.filter(at__range=(day("2024-02-05"), day("2024-02-10"))).delete()
        provider.requests.clear()
        fill_rates(day("2024-01-01"), NOW, now=NOW, currencies=euro())
        assert [path for path, _, _ in provider.requests] == ["/2024-02-05..2024-02-09"]

    @pytest.mark.usefixtures("frozen")
    def test_the_tasks_say_what_they_brought(self, provider: FakeProvider) -> None:
        assert tasks.fetch_rates() == "110 new exchange rates, no day is missing"
        assert tasks.fill_rates().endswith("new exchange rates, no day is missing")
        assert days()[0] == next(bank_days(GENESIS.date(), date(2009, 2, 1)))

    def test_a_failing_source_is_left_alone_like_any_other(
        self, provider: FakeProvider, settings: Settings
    ) -> None:
        provider.faults = {"frankfurter": "rate limit of a day"}
        fill_rates(day("2023-01-01"), NOW, now=NOW)
        fetch_rates(now=NOW + timedelta(minutes=50))
        assert len(provider.requests) == 1


def euro() -> list[Asset]:
    return list(Asset.objects.filter(symbol="EUR"))
