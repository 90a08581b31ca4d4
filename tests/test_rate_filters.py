"""Exchange rates as text: with the digits that others are computed with."""

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
def test_an_exchange_rate_keeps_what_others_are_computed_with(
    self, value: str, currency: str, text: str
) -> None:
    assert shown(money.rate(D(value), currency)) == text


def test_an_unknown_exchange_rate_is_a_dash(self) -> None:
    assert money.rate(None, "USD") == money.UNKNOWN
