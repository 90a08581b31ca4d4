"""Stored prices through the API: by Unix timestamp, and the latest."""

from decimal import Decimal

import pytest

from tests.factories import NOW, AssetFactory, FiatFactory, SnapshotFactory, day

pytestmark = pytest.mark.django_db


@pytest.fixture
def prices():
    SnapshotFactory(at=day("2024-06-01 10:00"), price=Decimal("67500.123456789012345678"), source="coinbase")
    SnapshotFactory(at=day("2024-06-01 11:00"), price=Decimal(67600))


def at(text: str) -> int:
    return int(day(text).timestamp())


def test_the_price_at_or_before_a_unix_second(program, prices) -> None:
    told = program.send("get", f"/prices/BTC?timestamp={at('2024-06-01 10:30')}")
    assert told.status_code == 200
    assert told.json() == {
        "symbol": "BTC",
        "currency": "USD",
        "at": "2024-06-01T10:00:00Z",
        "price": "67500.123456789012345678",
        "source": "coinbase",
        "age_seconds": 1800,
    }
    exact = program.send("get", f"/prices/BTC/?timestamp={at('2024-06-01 11:00')}").json()
    assert (exact["price"], exact["age_seconds"]) == ("67600", 0)
    iso = program.send("get", "/prices/BTC?timestamp=2024-06-01T12:30:00%2B02:00").json()
    assert (iso["price"], iso["age_seconds"]) == ("67500.123456789012345678", 1800)


def test_the_latest(program, prices) -> None:
    told = program.send("get", "/prices/BTC/latest").json()
    assert (told["price"], told["at"]) == ("67600", "2024-06-01T11:00:00Z")
    assert program.send("get", "/prices/btc/latest").json() == told
    assert told["age_seconds"] == (NOW - day("2024-06-01 11:00")).total_seconds()


@pytest.mark.parametrize(
    "path",
    ["/prices/BTC?timestamp=1717200000", "/prices/NOPE/latest", "/prices/USD/latest",
     "/prices/ETH/latest", "/prices/B%00C/latest", "/prices/NOPE?timestamp=1717236000"],
)  # fmt: skip
def test_where_there_is_none_it_is_a_404(program, prices, path) -> None:
    FiatFactory(symbol="USD")
    AssetFactory(symbol="ETH")
    assert program.send("get", path).status_code == 404


@pytest.mark.parametrize(
    "query", ["", "?timestamp=", "?timestamp=soon", "?timestamp=1e9", "?timestamp=1000000000", "?at=5",
              "?timestamp=99999999999", "?timestamp=1717236000&currency=EUR"],
)  # fmt: skip
def test_what_is_no_moment_is_refused(program, prices, query) -> None:
    assert program.send("get", f"/prices/BTC{query}").status_code == 422


def test_a_symbol_that_a_coin_had_before_still_finds_it(program) -> None:
    coin = AssetFactory(symbol="POL", former_symbols="MATIC")
    SnapshotFactory(asset=coin, price=Decimal("0.5"))
    assert program.send("get", "/prices/MATIC/latest").json()["symbol"] == "POL"


def test_a_currency_has_a_price_in_dollars(program) -> None:
    SnapshotFactory(asset=FiatFactory(), price=Decimal("1.04"), source="ecb")
    assert program.send("get", "/prices/EUR/latest").json()["price"] == "1.04"


def test_prices_are_for_whoever_is_known(client, prices) -> None:
    assert client.get("/api/prices/BTC/latest").status_code == 401
