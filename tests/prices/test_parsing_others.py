"""What is read out of the answers of Kraken, mempool.space and Frankfurter. Real shapes, typed by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from prices.sources import frankfurter, kraken, mempool
from prices.sources.errors import (
    NotAuthorisedError,
    RateLimitedError,
    SourceError,
    UnknownCoinError,
    UnreachableError,
)
from prices.sources.reading import Point
from tests.prices.test_parsing import AT, HOUR, body


class TestKraken:
    def test_of_all_tickers_the_last_trades_of_the_wanted_ones_are_read(self) -> None:
        answer = body(
            '{"error": [], "result": {"XXBTZUSD": {"a": ["9", "1"], "c": ["67123.40000", "0.5"], "o": "1"},'
            ' "XETHZEUR": {"c": ["3000", "1"]}}}'
        )
        assert dict(kraken.parse_tickers(answer, ["XXBTZUSD", "XETHZUSD"])) == {
            "XXBTZUSD": Point(None, Decimal("67123.4"))
        }

    def test_a_close_stands_at_the_end_of_its_candle(self) -> None:
        answer = body(
            '{"error": [], "result": {"XXBTZUSD":'
            ' [[1717200000, "1", "9", "1", "67001.5", "5", "0.1", 3]], "last": 1717196400}}'
        )
        assert kraken.parse_candles(answer, "XXBTZUSD", HOUR) == [Point(AT + HOUR, Decimal("67001.5"))]

    def test_candles_of_another_pair_are_no_answer(self) -> None:
        answer = body('{"error": [], "result": {"XETHZUSD": [], "last": 1717196400}}')
        with pytest.raises(SourceError):
            kraken.parse_candles(answer, "XXBTZUSD", HOUR)

    @pytest.mark.parametrize(
        "text, error",
        [
            ("EGeneral:Too many requests", RateLimitedError),
            ("EAPI:Rate limit exceeded", RateLimitedError),
            ("EGeneral:Temporary lockout", RateLimitedError),
            ("EAPI:Invalid key", NotAuthorisedError),
            ("EGeneral:Permission denied", NotAuthorisedError),
            ("EQuery:Unknown asset pair", UnknownCoinError),
            ("EService:Unavailable", UnreachableError),
            ("EService:Busy", UnreachableError),
            ("EGeneral:Invalid arguments", SourceError),
        ],
    )
    def test_an_error_with_status_200_is_an_error(self, text: str, error: type[SourceError]) -> None:
        with pytest.raises(error) as caught:
            kraken.refuse_error({"error": [text], "result": {}})
        assert type(caught.value) is error

    def test_a_warning_is_none(self) -> None:
        kraken.refuse_error({"error": ["WGeneral:Deprecated"], "result": {}})


class TestMempool:
    def test_the_price_in_dollars_is_read_and_no_other(self) -> None:
        answer = body('{"time": 1717200000, "USD": 67123, "EUR": 62000, "JPY": 10500000}')
        assert mempool.parse_prices(answer) == Point(AT, Decimal(67123))

    def test_its_word_for_unknown_is_no_price(self) -> None:
        assert mempool.parse_prices(body('{"time": 1717200000, "USD": -1, "EUR": 62000}')) is None

    @pytest.mark.parametrize("answer", ['{"time": 1717200000, "EUR": 62000}', "[]", "5", '{"USD": 5}'])
    def test_another_shape_is_an_error(self, answer: str) -> None:
        with pytest.raises(SourceError):
            mempool.parse_prices(body(answer))


class TestFrankfurter:
    DAYS = '{"amount": 1.0, "base": "EUR", "rates": {%s}}'

    def test_a_rate_becomes_dollars_per_unit_by_the_dollar_of_the_same_day(self) -> None:
        answer = body(self.DAYS % '"2024-06-03": {"USD": 1.0842, "GBP": 0.85365, "JPY": 169.6}')
        found = frankfurter.parse_days(answer, ["GBP", "EUR"], date(2024, 6, 1), date(2024, 6, 5))
        at = datetime(2024, 6, 3, 15, tzinfo=UTC)
        assert found == {
            "GBP": [Point(at, Decimal("1.0842") / Decimal("0.85365"))],
            "EUR": [Point(at, Decimal("1.0842"))],
        }

    def test_days_that_were_not_asked_for_are_left_out(self) -> None:
        answer = body(self.DAYS % '"2024-05-31": {"USD": 1.08}, "2024-06-03": {"USD": 1.09}')
        found = frankfurter.parse_days(answer, ["EUR"], date(2024, 6, 1), date(2024, 6, 5))
        assert [point.price for point in found["EUR"]] == [Decimal("1.09")]

    def test_the_latest_rates_have_their_day(self) -> None:
        answer = body('{"base": "EUR", "date": "2024-06-03", "rates": {"USD": 1.09, "CHF": 0.98}}')
        assert frankfurter.parse_day(answer, ["CHF", "SEK"]) == {
            "CHF": Point(datetime(2024, 6, 3, 15, tzinfo=UTC), Decimal("1.09") / Decimal("0.98"))
        }

    @pytest.mark.parametrize(
        "answer",
        [
            '{"amount": 1.0, "base": "USD", "rates": {"2024-06-03": {"USD": 1, "GBP": 0.8}}}',
            '{"amount": 10.0, "base": "EUR", "rates": {"2024-06-03": {"USD": 10.8}}}',
            '{"base": "EUR", "rates": {"2024-06-03": {"GBP": 0.8}}}',
            '{"base": "EUR", "rates": {"2024-06-03": {"USD": 0}}}',
            '{"base": "EUR", "rates": {"03.06.2024": {"USD": 1.08}}}',
            '{"base": "EUR", "rates": {"2024-06-03": 1.08}}',
            '{"base": "EUR", "rates": []}',
            "[]",
        ],
    )
    def test_what_could_be_other_rates_is_an_error(self, answer: str) -> None:
        with pytest.raises(SourceError):
            frankfurter.parse_days(body(answer), ["EUR", "GBP"], date(2024, 6, 1), date(2024, 6, 5))

    @pytest.mark.parametrize("rate", ["0", "-1", '"0.85"', "null", "true", "1e-30", "1e30"])
    def test_what_is_no_rate_is_left_to_the_gate(self, rate: str) -> None:
        answer = body(self.DAYS % f'"2024-06-03": {{"USD": 1.0842, "GBP": {rate}}}')
        found = frankfurter.parse_days(answer, ["GBP"], date(2024, 6, 1), date(2024, 6, 5))
        assert found["GBP"][0].price is None

    def test_the_dollars_rate_is_always_asked_for_and_the_euros_never(self) -> None:
        assert frankfurter.symbols(["EUR", "GBP"]) == "GBP,USD"
