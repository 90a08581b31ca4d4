"""What the sources read out of the providers' answers. Extracts of real shapes, typed by hand."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies

from prices.sources import binance, coinbase, coingecko, cryptocompare, frankfurter, kraken, mempool
from prices.sources.errors import (
    NotAuthorisedError,
    RateLimitedError,
    SourceError,
    UnknownCoinError,
)
from prices.sources.reading import Point, from_milliseconds, from_seconds, number, retry_after

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECONDS = 1_717_200_000  # 2024-06-01 00:00 UTC
AT = datetime(2024, 6, 1, tzinfo=UTC)


def body(text: str) -> Any:
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


class TestNumbersAndTimes:
    @pytest.mark.parametrize("text", ["1", "-1.5", "0.000000000000000001", "6.1e4", "1E-9"])
    def test_a_text_that_spells_a_number_is_that_number(self, text: str) -> None:
        assert number(text) == Decimal(text)

    @pytest.mark.parametrize(
        "text", ["", "NaN", "Infinity", "1_000", "１２", " 1", "1,5", "0x1", "1e99999", None, True]
    )
    def test_anything_else_is_handed_on_for_the_gate_to_refuse(self, text: Any) -> None:
        assert number(text) is text

    def test_seconds_and_milliseconds_are_told_apart(self) -> None:
        assert from_seconds(Decimal(SECONDS)) == from_milliseconds(Decimal(SECONDS * 1000)) == AT
        assert from_milliseconds(Decimal(SECONDS * 1000 + 12_345)) == AT + timedelta(seconds=12.345)
        for wrong in (from_seconds, SECONDS * 1000), (from_milliseconds, SECONDS):
            with pytest.raises(SourceError, match="a time that is none"):
                wrong[0](Decimal(wrong[1]))

    @pytest.mark.parametrize(
        "value",
        [None, True, "1717200000", Decimal(0), Decimal(-1), Decimal("1E+999999"), Decimal("NaN"), [], 17],
    )
    def test_what_is_no_time_is_an_error(self, value: Any) -> None:
        with pytest.raises(SourceError):
            from_seconds(value)

    @pytest.mark.parametrize(
        "header, date, seconds",
        [
            ("7", None, 7.0),
            ("0", None, 1.0),
            ("86400", None, 3600.0),
            ("Sat, 01 Jun 2024 00:01:00 GMT", "Sat, 01 Jun 2024 00:00:00 GMT", 60.0),
            ("Sat, 01 Jun 2024 00:00:00 GMT", "Sat, 01 Jun 2024 00:01:00 GMT", 1.0),
            ("Sat, 01 Jun 2024 00:01:00 GMT", None, None),
            ("soon", "Sat, 01 Jun 2024 00:00:00 GMT", None),
            ("-5", None, None),
            ("", None, None),
            (None, None, None),
        ],
    )
    def test_retry_after_is_seconds_or_a_date(
        self, header: str | None, date: str | None, seconds: float | None
    ) -> None:
        assert retry_after(header, date) == seconds


class TestCoinGecko:
    def test_the_latest_prices_keep_all_their_digits(self) -> None:
        answer = body(
            '{"bitcoin": {"usd": 67123.456789012345678, "last_updated_at": 1717200000},'
            ' "ethereum": {"usd": 3100}}'
        )
        assert dict(coingecko.parse_latest(answer, ["bitcoin", "ethereum", "solana"])) == {
            "bitcoin": Point(AT, Decimal("67123.456789012345678")),
            "ethereum": Point(None, Decimal(3100)),
        }

    def test_a_coin_without_a_dollar_price_is_left_out(self) -> None:
        assert dict(coingecko.parse_latest(body('{"bitcoin": {}}'), ["bitcoin"])) == {}

    def test_history_keeps_its_odd_instants(self) -> None:
        answer = body('{"prices": [[1717200012345, 67000.1], [1717203613000, 67100.2]], "market_caps": []}')
        assert coingecko.parse_history(answer) == [
            Point(AT + timedelta(seconds=12.345), Decimal("67000.1")),
            Point(AT + HOUR + timedelta(seconds=13), Decimal("67100.2")),
        ]

    def test_of_five_minute_points_the_last_of_each_hour_stays(self) -> None:
        points = [Point(AT + minutes * timedelta(minutes=5), minutes) for minutes in range(-11, 25)]
        kept = coingecko.last_of_each(points, AT, HOUR)
        assert [point.at for point in kept] == [AT, AT + HOUR, AT + 2 * HOUR]

    def test_of_hourly_points_a_little_late_every_one_stays(self) -> None:
        points = [Point(AT + hours * HOUR + timedelta(seconds=12), hours) for hours in range(5)]
        assert coingecko.last_of_each(points, AT, HOUR) == points


class TestCoinbase:
    def test_a_ticker_has_its_own_time(self) -> None:
        point = coinbase.parse_ticker(
            body('{"price": "67123.45", "time": "2024-06-01T00:00:00.5Z", "bid": "1"}')
        )
        assert point == Point(AT + timedelta(seconds=0.5), Decimal("67123.45"))

    def test_a_close_stands_at_the_end_of_its_candle(self) -> None:
        answer = body("[[1717200000, 1, 9, 5, 67001.5, 12.3], [1717196400, 1, 9, 5, 67000.5, 12.3]]")
        assert coinbase.parse_candles(answer, HOUR) == [
            Point(AT + HOUR, Decimal("67001.5")),
            Point(AT, Decimal("67000.5")),
        ]


class TestBinance:
    def test_of_all_tickers_the_wanted_ones_are_read(self) -> None:
        answer = body(
            '[{"symbol": "ETHBTC", "price": "0.05"}, {"symbol": "BTCUSDT", "price": "67123.45000000"}]'
        )
        assert dict(binance.parse_tickers(answer, ["BTCUSDT", "ETHUSDT"])) == {
            "BTCUSDT": Point(None, Decimal("67123.45"))
        }

    def test_a_close_stands_at_the_end_of_its_candle(self) -> None:
        answer = body('[[1717200000000, "1", "9", "1", "67001.50000000", "12", 1717203599999]]')
        assert binance.parse_klines(answer, HOUR) == [Point(AT + HOUR, Decimal("67001.5"))]
        assert binance.parse_klines(answer, DAY)[0].at == AT + DAY


class TestCryptoCompare:
    def test_the_latest_price_has_the_time_of_its_last_update(self) -> None:
        answer = body(
            '{"RAW": {"BTC": {"USD": {"PRICE": 67123.45, "LASTUPDATE": 1717200000}}}, "DISPLAY": {}}'
        )
        assert dict(cryptocompare.parse_latest(answer, ["BTC", "ETH"])) == {
            "BTC": Point(AT, Decimal("67123.45"))
        }

    @pytest.mark.parametrize("wrapper", ['{"Data": {"Data": %s}}', '{"Response": "Success", "Data": %s}'])
    def test_a_close_stands_at_the_end_of_its_candle_in_both_shapes(self, wrapper: str) -> None:
        rows = '[{"time": 1717200000, "open": 67000, "close": 67001.5}]'
        assert cryptocompare.parse_candles(body(wrapper % rows), HOUR) == [
            Point(AT + HOUR, Decimal("67001.5"))
        ]

    def test_zeros_before_the_listing_are_no_prices(self) -> None:
        answer = body('{"Data": {"Data": [{"time": 1717200000, "open": 0, "close": 0}]}}')
        assert cryptocompare.parse_candles(answer, HOUR) == []

    @pytest.mark.parametrize(
        "answer, error",
        [
            (
                '{"Response": "Error", "Message": "You are over your rate limit", "Type": 99}',
                RateLimitedError,
            ),
            (
                '{"Response": "Error", "Message": "market does not exist for this coin pair", "Type": 1}',
                UnknownCoinError,
            ),
            (
                '{"Response": "Error", "Message": "You need a valid auth key or api key", "Type": 2}',
                NotAuthorisedError,
            ),
            ('{"Response": "Error", "Message": "limit is larger than max value", "Type": 2}', SourceError),
        ],
    )
    def test_an_error_with_status_200_is_an_error(self, answer: str, error: type[SourceError]) -> None:
        for parse in (
            lambda: list(cryptocompare.parse_latest(body(answer), ["BTC"])),
            lambda: cryptocompare.parse_candles(body(answer), HOUR),
        ):
            with pytest.raises(error) as caught:
                parse()
            assert type(caught.value) is error

    def test_a_message_that_may_quote_the_key_is_not_repeated(self) -> None:
        answer = body('{"Response": "Error", "Message": "the api_key s3cret is not valid", "Type": 2}')
        with pytest.raises(NotAuthorisedError) as caught:
            cryptocompare.parse_candles(answer, HOUR)
        assert "s3cret" not in str(caught.value)


PARSERS: list[Callable[[Any], Any]] = [
    lambda answer: list(coingecko.parse_latest(answer, ["bitcoin", "a"])),
    coingecko.parse_history,
    coinbase.parse_ticker,
    lambda answer: coinbase.parse_candles(answer, HOUR),
    lambda answer: list(binance.parse_tickers(answer, ["BTCUSDT", "a"])),
    lambda answer: binance.parse_klines(answer, HOUR),
    lambda answer: list(cryptocompare.parse_latest(answer, ["BTC", "a"])),
    lambda answer: cryptocompare.parse_candles(answer, HOUR),
    coingecko.parse_search,
    coingecko.parse_listing,
    lambda answer: list(kraken.parse_tickers(answer, ["XXBTZUSD", "a"])),
    lambda answer: kraken.parse_candles(answer, "a", HOUR),
    mempool.parse_prices,
    lambda answer: frankfurter.parse_day(answer, ["EUR", "a"]),
    lambda answer: frankfurter.parse_days(answer, ["EUR", "a"], date(2024, 6, 1), date(2024, 6, 5)),
]
scalars = (
    strategies.none()
    | strategies.booleans()
    | strategies.text(max_size=5)
    | strategies.decimals(allow_nan=False, allow_infinity=False)
    | strategies.just(Decimal(SECONDS))
)
NAMES = (
    "a bitcoin BTC BTCUSDT usd USD last_updated_at prices price time symbol RAW PRICE LASTUPDATE Data close"
    " error result c XXBTZUSD base date rates 2024-06-03 coins id name"
)
keys = strategies.sampled_from(NAMES.split(" "))
answers = strategies.recursive(
    scalars,
    lambda inner: strategies.lists(inner, max_size=6) | strategies.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


class TestAnyAnswer:
    @example(answer=[{"symbol": [], "price": Decimal(1)}])
    @example(answer={"prices": [[Decimal("1E+999999"), None]]})
    @settings(max_examples=400)
    @given(answer=answers)
    def test_whatever_comes_is_points_or_a_source_error(self, answer: Any) -> None:
        for parse in PARSERS:
            try:
                parse(answer)
            except SourceError:
                continue
