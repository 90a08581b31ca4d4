"""Figures to their last digit, where they are held against each other or taken apart.

A quotient may have no last digit: it ends after 18 places, with "…".
"""

from decimal import Decimal

from django import template

from prices.fields import PLACES
from prices.templatetags.digits import at_least, in_currency, in_percent, minor_places, number, rounded, sign
from prices.templatetags.money import UNKNOWN, _amount

register = template.Library()
MOST_PLACES = 2 * PLACES  # of a product of two stored amounts


@register.filter
def exact_money(value: object, currency: str) -> str:
    """As `money`, to the last digit; `currency` is one that amounts are kept in, so BTC but not sats."""
    return _exact_money(value, currency)


@register.filter
def signed_exact_money(value: object, currency: str) -> str:
    return _exact_money(value, currency, signed=True)


@register.filter
def exact_pct(ratio: object) -> str:
    """`{{ roi|exact_pct }}` → 72.212345%"""
    return _exact_pct(ratio)


@register.filter
def signed_exact_pct(ratio: object) -> str:
    return _exact_pct(ratio, signed=True)


def _exact_money(value: object, currency: str, *, signed: bool = False) -> str:
    exact = number(value)
    if exact is None:
        return UNKNOWN
    shown, tail = _ended(exact)
    text = sign(shown, signed) + in_currency(at_least(shown, minor_places(currency)), currency) + tail
    return _amount(text, exact, currency)


def _exact_pct(ratio: object, *, signed: bool = False) -> str:
    exact = number(ratio)
    if exact is None:
        return UNKNOWN
    shown, tail = _ended(exact * 100)
    return in_percent(shown, tail, signed=signed)


def _ended(value: Decimal) -> tuple[Decimal, str]:
    """The value with its last digit, and ""; or cut, with what says so."""
    plain = Decimal(format(value.normalize(), "f"))
    is_endless = -int(plain.as_tuple().exponent) > MOST_PLACES
    return (rounded(value, PLACES), "…") if is_endless else (plain, "")
