"""Every fault of a provider, through the services: what is stored is true, what is missing heals."""

from datetime import UTC, timedelta
from decimal import ROUND_DOWN, Decimal

import pytest
from pytest_django import Settings

from prices.fields import ONE_UNIT
from prices.models import Asset, PriceSnapshot, RefusedPrice, SourceState
from prices.selectors import missing_closes
from prices.services import ask_again, backfill, fetch_latest, fetch_rates
from tests.factories import SnapshotFactory
from tests.prices.conftest import NOW
from tests.prices.provider import BENT, COINS, FAULTS, FakeProvider, price_of, rate_of

HOUR = timedelta(hours=1)
LATEST = ("coingecko", "coinbase", "kraken", "binance", "cryptocompare", "mempool")
HISTORY = LATEST[:-1]
CURRENCIES = ("USD", "EUR", "GBP", "CHF", "JPY", "ZAR")
TRACKED = ("BTC", "ETH", "BNB", "SOL")
FIRST, LAST = (NOW - 12 * HOUR).replace(minute=0), (NOW - 3 * HOUR).replace(minute=0)
# A trickle takes the time it is given: test_asking gives it little.
PATIENT = {"slow", "slow headers"}
# After these not a single price may come from the source.
USELESS = set(FAULTS) - PATIENT - {"hiccup"}
NO_PRICES = {
    *("zero", "zero point zero", "null", "boolean", "negative", "text", "text nan", "text infinity"),
    *("too large", "too small", "cents"),
}
each_fault = pytest.mark.parametrize("fault", sorted((set(FAULTS) | set(BENT)) - PATIENT))
pytestmark = pytest.mark.django_db


def truth(snapshot: PriceSnapshot) -> Decimal:
    if snapshot.asset.kind == Asset.Kind.CRYPTO:
        return price_of(COINS[snapshot.asset.symbol], int(snapshot.at.timestamp()))
    day = snapshot.at.astimezone(UTC).date()
    euros = Decimal(1) if snapshot.asset.symbol == "EUR" else rate_of(snapshot.asset.symbol, day)
    return (rate_of("USD", day) / euros).quantize(ONE_UNIT, ROUND_DOWN)


def fetched() -> list[PriceSnapshot]:
    return list(PriceSnapshot.objects.exclude(source="pack").select_related("asset"))


def lies() -> list[tuple[str, Decimal, Decimal]]:
    return [(str(row), row.price, truth(row)) for row in fetched() if row.price != truth(row)]


def begin_anew() -> None:
    """As if no source had said anything: what one said would confirm another that says the same."""
    PriceSnapshot.objects.exclude(source="pack").delete()
    RefusedPrice.objects.all().delete()
    ask_again(sources=LATEST)


@pytest.fixture
def surrounded(catalogue: None) -> None:
    """True prices before and after the time in question, so that a wrong one is seen to jump."""
    for asset in Asset.objects.filter(symbol__in=TRACKED):
        for at in (FIRST - HOUR, LAST + HOUR):
            price = price_of(COINS[asset.symbol], int(at.timestamp()))
            SnapshotFactory(asset=asset, at=at, price=price, source="pack")


class TestCoins:
    @each_fault
    def test_no_latest_price_is_wrong(
        self, surrounded: None, provider: FakeProvider, settings: Settings, fault: str
    ) -> None:
        for name in LATEST:
            begin_anew()
            settings.PRICE_SOURCES, provider.faults = [name], {name: fault}
            report = fetch_latest(now=NOW)
            assert (name, lies()) == (name, [])
            if fault in USELESS | NO_PRICES:
                assert (name, fetched(), report.stored) == (name, [], ())

    @each_fault
    def test_the_next_source_stands_in(
        self, surrounded: None, provider: FakeProvider, settings: Settings, fault: str
    ) -> None:
        settings.PRICE_SOURCES = ["kraken", "binance"]
        provider.faults = {"kraken": fault}
        fetch_latest(now=NOW)
        assert lies() == []
        assert sorted(row.asset.symbol for row in fetched()) == sorted(TRACKED)

    @each_fault
    def test_no_price_of_the_past_is_wrong_and_what_is_missing_heals(
        self, surrounded: None, btc: Asset, provider: FakeProvider, fault: str
    ) -> None:
        for name in HISTORY:
            begin_anew()
            provider.faults = {name: fault}
            report = backfill(btc, FIRST, LAST, now=NOW, source=name)
            assert (name, lies()) == (name, [])
            assert (name, report.missing) == (name, len(missing_closes(btc, FIRST, LAST)))
            if fault in USELESS | NO_PRICES:
                assert (name, report.stored, report.missing) == (name, 0, 10)
            provider.faults = {}
            ask_again(sources=[name])
            healed = backfill(btc, FIRST, LAST, now=NOW, source=name)
            assert (name, lies(), healed.missing) == (name, [], 0)

    @pytest.mark.parametrize("fault", ["out of order", "twice", "hiccup"])
    @pytest.mark.parametrize("name", HISTORY)
    def test_what_can_be_put_right_is(
        self, surrounded: None, btc: Asset, provider: FakeProvider, fault: str, name: str
    ) -> None:
        provider.faults = {name: fault}
        report = backfill(btc, FIRST, LAST, now=NOW, source=name)
        assert (report.stored, report.missing, lies()) == (10, 0, [])

    @pytest.mark.parametrize("name", HISTORY)
    def test_a_page_that_brings_nothing_new_ends_the_loop(
        self, btc: Asset, provider: FakeProvider, name: str
    ) -> None:
        provider.faults = {name: "same page"}
        backfill(btc, FIRST, LAST, now=NOW, source=name)
        asked = len(provider.requests)
        report = backfill(btc, FIRST - 200 * HOUR, LAST, now=NOW, source=name)
        assert len(provider.requests) <= asked + 2
        assert report.missing == len(missing_closes(btc, FIRST - 200 * HOUR, LAST)) > 0
        assert lies() == []

    @pytest.mark.parametrize("name", HISTORY)
    def test_gaps_of_a_provider_are_known_to_the_hour(
        self, btc: Asset, provider: FakeProvider, name: str
    ) -> None:
        lacking = [FIRST + 2 * HOUR, FIRST + 3 * HOUR, FIRST + 7 * HOUR]
        provider.gaps = {int(close.timestamp()) for close in lacking}
        provider.offset = 0
        report = backfill(btc, FIRST, LAST, now=NOW, source=name)
        assert (report.stored, report.is_finished) == (7, True)
        assert missing_closes(btc, FIRST, LAST) == lacking
        provider.gaps = set()
        backfill(btc, FIRST, LAST, now=NOW, source=name)
        assert missing_closes(btc, FIRST, LAST) == []


class TestExchangeRates:
    @each_fault
    def test_no_rate_is_wrong_and_what_is_missing_heals(
        self, catalogue: None, provider: FakeProvider, fault: str
    ) -> None:
        Asset.objects.fiat().exclude(symbol__in=CURRENCIES).delete()
        fetch_rates(now=NOW)
        PriceSnapshot.objects.filter(at__range=(NOW - timedelta(days=9), NOW - timedelta(days=3))).delete()
        PriceSnapshot.objects.update(source="pack")
        provider.faults = {"frankfurter": fault}
        first = fetch_rates(now=NOW)
        assert lies() == []
        if fault in (USELESS | NO_PRICES) - {"cents"}:  # a hundredfold of both rates is the same price
            assert (first.stored, first.missing) == (0, 4)
        provider.faults = {}
        ask_again(sources=["frankfurter"])
        healed = fetch_rates(now=NOW)
        assert (lies(), healed.missing) == ([], 0)


class TestStates:
    def test_a_fault_of_each_source_is_noted_with_its_time(
        self, surrounded: None, provider: FakeProvider, settings: Settings
    ) -> None:
        settings.PRICE_SOURCES = list(LATEST)
        provider.faults = dict.fromkeys(LATEST, "server error")
        fetch_latest(now=NOW)
        states = SourceState.objects.filter(failures=1, failed_at=NOW, answered_at=None)
        assert {state.source for state in states} == set(LATEST)
