"""The catalogue's assets, and a provider of prices on this machine that the sources are pointed at."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import stamina
import time_machine
from pytest_django.fixtures import Settings

from prices.models import Asset
from prices.services import (
    add_coin,
    advance_backfills,
    fetch_latest,
    fetch_rates,
    fill_rates,
    search_coins,
    sync_catalogue,
)
from tests.prices.provider import NAMES, FakeProvider, running

NOW = datetime(2024, 6, 15, 12, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def impatience() -> Iterator[None]:
    """Tries are repeated as in life, but nobody waits between them."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def frozen() -> Iterator[None]:
    """For doors, which read the clock: it is `now`, and goes on."""
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def catalogue(db: None) -> None:
    sync_catalogue()


@pytest.fixture
def btc(catalogue: None) -> Asset:
    return Asset.objects.get(symbol="BTC")


@pytest.fixture
def eth(catalogue: None) -> Asset:
    return Asset.objects.get(symbol="ETH")


@pytest.fixture
def eur(catalogue: None) -> Asset:
    return Asset.objects.get(symbol="EUR")


@pytest.fixture
def provider(settings: Settings) -> Iterator[FakeProvider]:
    """Every source at one local address, four of them asked for coins, at the moment of `now`."""
    with running(now=NOW.timestamp) as server:
        settings.PRICE_SOURCES = ["coingecko", "coinbase", "binance", "cryptocompare"]
        settings.PROVIDERS = {name: {"base_url": server.url, "api_key": ""} for name in NAMES}
        yield server


@pytest.fixture
def nobody(settings: Settings) -> None:
    """Every source at an address where nobody listens."""
    settings.PRICE_SOURCES = ["coingecko", "coinbase", "binance", "cryptocompare"]
    settings.PROVIDERS = {name: {"base_url": "http://127.0.0.1:9", "api_key": ""} for name in NAMES}


@pytest.fixture
def only_btc(btc: Asset) -> Asset:
    """Bitcoin as the one tracked coin."""
    Asset.objects.exclude(pk=btc.pk).update(is_tracked=False)
    return btc


@pytest.fixture(autouse=True)
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice of work ends by the clock; in tests it stands still, so that a slow machine changes nothing."""
    for work in (advance_backfills, fetch_latest, fetch_rates, fill_rates, search_coins, add_coin):
        monkeypatch.setitem(work.__kwdefaults__, "clock", lambda: 0.0)
