"""Prices in bitcoin and exchange rates as text: with the digits that others are computed with."""

from decimal import Decimal

import pytest

from prices.templatetags import money
from tests.test_money_filters import shown

D = Decimal


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        ("1.0389", "USD", "$1.0389"),
        ("1.2", "USD", "$1.20"),
        ("0.923787528868360277", "EUR", "€0.9237875289"),
        ("161.253", "JPY", "¥161.253"),
        ("98765.4321", "USD", "$98,765.4321"),
        ("1234567890123.456", "VND", "₫1,234,567,890,123"),
        ("0.00001134", "BTC", "0.00001134 BTC"),
        ("0", "USD", "$0.00"),
    ],
)
def test_an_exchange_rate_keeps_what_others_are_computed_with(value: str, currency: str, text: str) -> None:
    assert shown(money.rate(D(value), currency)) == text


def test_an_unknown_exchange_rate_is_a_dash() -> None:
    assert money.rate(None, "USD") == money.UNKNOWN


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.035669041234", "0.03566904 BTC"),
        ("0.5", "0.50000000 BTC"),
        ("0.000012345678", "0.00001235 BTC"),
        ("0.00000012345678", "0.0000001235 BTC"),
        ("1.234567891", "1.23456789 BTC"),
    ],
)
def test_in_bitcoin_it_keeps_eight_places_and_four_significant_digits_at_least(value: str, text: str) -> None:
    assert shown(money.price(D(value), "BTC")) == text
