"""Asking over HTTP: a real server that misbehaves, and what the sources make of it."""

import time
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from prices.sources import SOURCES
from prices.sources.errors import (
    NotAuthorisedError,
    OutOfTimeError,
    RateLimitedError,
    SourceError,
    UnknownCoinError,
    UnreachableError,
)
from tests.prices.conftest import NOW
from tests.prices.fake_provider import FakeProvider, price_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
COINS = {
    "coingecko": "bitcoin",
    "coinbase": "BTC-USD",
    "kraken": "XXBTZUSD",
    "binance": "BTCUSDT",
    "cryptocompare": "BTC",
}
UNTIL = NOW.replace(minute=0)
each_source = pytest.mark.parametrize("name", COINS)


def latest(name: str, coin: str = "") -> dict[str, object]:
    return dict(SOURCES[name]().latest([coin or COINS[name]]))


class TestEachSource:
    @each_source
    def test_the_latest_price_comes_with_all_its_digits(self, provider: FakeProvider, name: str) -> None:
        point = latest(name)[COINS[name]]
        assert point.price == price_of("bitcoin", int(NOW.timestamp()))  # type: ignore[attr-defined]

    @each_source
    def test_a_coin_it_does_not_have_is_left_out(self, provider: FakeProvider, name: str) -> None:
        assert latest(name, "NOSUCH-USD") == {}

    @each_source
    @pytest.mark.parametrize("hours", [1, 2, 30, 300])
    def test_history_is_one_close_an_hour(self, provider: FakeProvider, name: str, hours: int) -> None:
        points = SOURCES[name]().closes(COINS[name], UNTIL - (hours - 1) * HOUR, UNTIL, HOUR)
        assert len(points) == hours
        assert all(UNTIL - hours * HOUR < point.at <= UNTIL for point in points if point.at)
        assert [point.at for point in points] == sorted({point.at for point in points})

    @each_source
    def test_each_point_is_the_price_of_its_own_instant(self, provider: FakeProvider, name: str) -> None:
        for point in SOURCES[name]().closes(COINS[name], UNTIL - 5 * HOUR, UNTIL, HOUR):
            assert point.at is not None
            assert point.price == price_of("bitcoin", int(point.at.timestamp()))

    @each_source
    def test_history_by_the_day_stands_at_midnights_or_just_before(
        self, provider: FakeProvider, name: str
    ) -> None:
        until = UNTIL.replace(hour=0)
        points = SOURCES[name]().closes(COINS[name], until - 9 * DAY, until, DAY)
        assert len(points) == 10
        assert len({point.at.date() for point in points if point.at}) == 10

    @each_source
    def test_the_unfinished_candle_is_left_out(self, provider: FakeProvider, name: str) -> None:
        points = SOURCES[name]().closes(COINS[name], UNTIL - HOUR, UNTIL, HOUR)
        assert all(point.at <= UNTIL for point in points if point.at)

    @each_source
    def test_a_page_is_not_more_than_one_request_brings(self, provider: FakeProvider, name: str) -> None:
        source = SOURCES[name]()
        points = source.closes(COINS[name], UNTIL - (source.page - 1) * HOUR, UNTIL, HOUR)
        assert len(points) == source.page
        assert len(provider.requests) == 1

    def test_coingecko_is_asked_for_two_days_at_least_or_it_answers_nothing(
        self, provider: FakeProvider
    ) -> None:
        SOURCES["coingecko"]().closes("bitcoin", UNTIL, UNTIL, HOUR)
        query = provider.asked("range")[0]
        assert int(query["to"]) - int(query["from"]) == 2 * 86400

    def test_coins_that_are_no_path_segment_stay_inside_theirs(self, provider: FakeProvider) -> None:
        with pytest.raises(UnknownCoinError):
            SOURCES["coingecko"]().closes("../simple/price?x=", UNTIL - HOUR, UNTIL, HOUR)
        assert provider.requests[0][0].endswith("/market_chart/range")


class TestFaults:
    @each_source
    @pytest.mark.parametrize(
        "fault, error, tries",
        [
            ("rate limit", RateLimitedError, 1),
            ("server error", UnreachableError, 3),
            ("html", UnreachableError, 3),
            ("truncated", UnreachableError, 3),
            ("hang up", UnreachableError, 3),
            ("nan", UnreachableError, 3),
            ("unauthorised", NotAuthorisedError, 1),
            ("redirect", SourceError, 1),
            ("oversize", SourceError, 1),
            ("nonsense", SourceError, 1),
        ],
    )
    def test_a_bad_answer_is_an_error(
        self, provider: FakeProvider, name: str, fault: str, error: type[SourceError], tries: int
    ) -> None:
        provider.faults[name] = fault
        with pytest.raises(error):
            SOURCES[name]().closes(COINS[name], UNTIL - HOUR, UNTIL, HOUR)
        assert len(provider.requests) == tries

    def test_a_body_is_read_no_further_than_five_megabytes(self, provider: FakeProvider) -> None:
        provider.faults["coingecko"] = "oversize"
        with pytest.raises(SourceError, match="more than 5 MB"):
            latest("coingecko")

    def test_retry_after_is_read(self, provider: FakeProvider) -> None:
        provider.faults["coingecko"] = "rate limit"
        with pytest.raises(RateLimitedError) as caught:
            latest("coingecko")
        assert caught.value.retry_after == 7

    def test_a_limit_that_says_no_time_has_none(self, provider: FakeProvider) -> None:
        provider.faults["coingecko"] = "silent rate limit"
        provider.faults["cryptocompare"] = "response limit"
        for name in "coingecko", "cryptocompare":
            with pytest.raises(RateLimitedError) as caught:
                latest(name)
            assert caught.value.retry_after is None

    @pytest.mark.parametrize("fault", ["slow", "slow headers"])
    def test_a_trickle_cannot_outlast_the_time(self, provider: FakeProvider, fault: str) -> None:
        provider.faults["coingecko"] = fault
        started = time.monotonic()
        with pytest.raises(SourceError, match="took longer"):
            dict(SOURCES["coingecko"](lambda: 0.5).latest(["bitcoin"]))
        assert time.monotonic() - started < 20  # the half second, not the half minute

    def test_without_time_nobody_is_asked(self, provider: FakeProvider) -> None:
        with pytest.raises(OutOfTimeError):
            dict(SOURCES["coingecko"](lambda: 0).latest(["bitcoin"]))
        assert provider.requests == []

    def test_where_nobody_listens_the_host_is_named_and_nothing_else(self, settings: Settings) -> None:
        settings.PROVIDERS = {"coingecko": {"base_url": "http://127.0.0.1:9", "api_key": "s3cret"}}
        with pytest.raises(UnreachableError, match=r"^coingecko: 127\.0\.0\.1: ConnectionError$"):
            latest("coingecko")

    def test_a_fault_that_passes_is_not_noticed(self, provider: FakeProvider) -> None:
        provider.faults["coingecko"] = "hiccup"
        assert latest("coingecko")["bitcoin"]
        assert len(provider.requests) == 2


class TestKeys:
    @pytest.mark.parametrize(
        "name, header, value",
        [
            ("coingecko", "x-cg-demo-api-key", "s3cret"),
            ("cryptocompare", "Authorization", "Apikey s3cret"),
        ],
    )
    def test_a_key_travels_in_a_header_alone(
        self, provider: FakeProvider, settings: Settings, name: str, header: str, value: str
    ) -> None:
        settings.PROVIDERS = {name: {"base_url": provider.url, "api_key": "s3cret"}}
        latest(name)
        path, query, headers = provider.requests[0]
        assert headers[header] == value
        assert "s3cret" not in path + str(query)

    @each_source
    def test_without_a_key_none_is_sent(self, provider: FakeProvider, name: str) -> None:
        latest(name)
        headers = {header.lower() for header in provider.requests[0][2]}
        assert not headers & {"authorization", "x-cg-demo-api-key"}

    def test_a_key_is_in_no_error(self, provider: FakeProvider, settings: Settings) -> None:
        settings.PROVIDERS = {"coingecko": {"base_url": provider.url, "api_key": "s3cret"}}
        for fault in "rate limit", "server error", "html", "unauthorised", "redirect", "truncated":
            provider.faults["coingecko"] = fault
            with pytest.raises(SourceError) as caught:
                latest("coingecko")
            assert "s3cret" not in repr(caught.value)

    def test_cryptocompare_needs_one_at_its_public_address_only(
        self, provider: FakeProvider, settings: Settings
    ) -> None:
        assert SOURCES["cryptocompare"]().is_usable()
        public = {"base_url": "https://min-api.cryptocompare.com", "api_key": ""}
        settings.PROVIDERS = {"cryptocompare": public}
        assert not SOURCES["cryptocompare"]().is_usable()
        settings.PROVIDERS = {"cryptocompare": public | {"api_key": "s3cret"}}
        assert SOURCES["cryptocompare"]().is_usable()

    def test_coingeckos_free_history_ends_at_its_public_address_only(
        self, provider: FakeProvider, settings: Settings
    ) -> None:
        old = NOW - 400 * DAY
        assert SOURCES["coingecko"]().reaches(old, NOW)
        settings.PROVIDERS = {"coingecko": {"base_url": "https://api.coingecko.com/api/v3/", "api_key": "k"}}
        assert not SOURCES["coingecko"]().reaches(old, NOW)
        assert SOURCES["coingecko"]().reaches(NOW - 360 * DAY, NOW)

    def test_every_source_has_its_settings(self) -> None:
        assert set(SOURCES) <= set(django_settings.PROVIDERS)
        for name, source in SOURCES.items():
            assert source.name == name
            assert source.default_url.startswith("https://")
