"""Numbers as text, in the reader's locale: digits, amounts, prices and ratios, without markup.

Currencies are ISO codes; "BTC" and "sats" are units too, and both take a value in BTC. Here alone is rounded.
"""

import re
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from babel.numbers import format_currency, format_decimal, get_currency_precision

from prices.fields import canonical
from prices.locales import decimal_sign, locale

MINUS = "−"
NBSP = "\N{NO-BREAK SPACE}"
SATS_PER_BTC = 100_000_000
BTC_PLACES = 8
SIGNIFICANT = 4  # digits of a unit price below 1
RATE_DIGITS = 10  # significant ones of an exchange rate: what is fixed has fewer, what was divided has no end
TOO_LARGE = Decimal("1e40")  # past what books can hold: a ratio of almost nothing, which is no figure to show


def number(value: object) -> Decimal | None:
    """A finite Decimal of what a template hands over, or None; floats (returns) by their shortest text."""
    if value is None or isinstance(value, bool):
        return None
    try:
        found = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < TOO_LARGE else None


def rounded(value: Decimal, places: int) -> Decimal:
    """`value` to so many places, half to even; never a negative zero."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN) + 0


def grouped(value: Decimal) -> str:
    """The digits of `value` as they are, with the thousands grouped in the reader's language."""
    return format_decimal(abs(value), locale=locale(), decimal_quantization=False)


def in_currency(value: Decimal, currency: str) -> str:
    """An amount without its sign, with exactly the digits `value` has after the point.

    >>> in_currency(Decimal("52552.50"), "USD"), in_currency(Decimal("-3.0"), "BTC")
    ('$52,552.50', '3.0\\xa0BTC')
    """
    if currency in {"BTC", "sats"}:
        return f"{digits(abs(value))}{NBSP}{currency}"
    finer = value != rounded(value, minor_places(currency))
    text = format_currency(
        abs(value), currency, locale=locale(), currency_digits=not finer, decimal_quantization=not finer
    )
    return re.sub(r"(?<=[A-Za-z])(?=\d)", NBSP, text)


def amount_text(value: Decimal, currency: str, *, signed: bool = False) -> str:
    """An amount in a currency's minor units, 8 places of BTC, or whole sats."""
    if currency == "sats":
        value = value * SATS_PER_BTC
    shown = rounded(value, minor_places(currency))
    return sign(shown, signed) + in_currency(shown, currency)


def price_text(value: Decimal, currency: str) -> str:
    """A unit price: to minor units, below 1 to four significant digits at least, and never an exponent."""
    if currency == "sats":
        return amount_text(value, currency)
    places = minor_places(currency)
    if value and abs(value) < 1:
        fine = rounded(value, max(places, SIGNIFICANT - 1 - value.adjusted()))
        return sign(fine) + in_currency(at_least(fine, places), currency)
    return amount_text(value, currency)


def rate_text(value: Decimal, currency: str) -> str:
    """An exchange rate in units of `currency`, so that what was computed with it can be computed again."""
    places = minor_places(currency)
    shown = rounded(value, max(places, RATE_DIGITS - 1 - value.adjusted()))
    return sign(shown) + in_currency(at_least(shown, places), currency)


def ratio_text(ratio: Decimal, places: int, *, signed: bool = False) -> str:
    """A ratio as a percentage; beyond ±1,000 % without decimals."""
    percent = ratio * 100
    shown = rounded(percent, 0 if abs(percent) >= 1000 else places)
    return in_percent(shown, signed=signed)


def in_percent(percent: Decimal, tail: str = "", *, signed: bool = False) -> str:
    """A percentage to its last digit, the sign of percent where the reader puts it: 72.2%, 72,2 %, %72,2."""
    pattern = locale().percent_formats[None].pattern
    return sign(percent, signed) + re.sub("[#0,.]+", lambda _: digits(abs(percent)) + tail, pattern, count=1)


def minor_places(currency: str) -> int:
    """How many places an amount in `currency` is shown with."""
    if currency in {"BTC", "sats"}:
        return BTC_PLACES if currency == "BTC" else 0
    return get_currency_precision(currency)


def sign(value: Decimal, signed: bool = False) -> str:
    if value < 0:
        return MINUS
    return "+" if signed and value > 0 else ""


def digits(value: Decimal) -> str:
    """Grouped digits that keep the zeros `value` ends in, which Babel would drop."""
    whole, point, fraction = format(value, "f").partition(".")
    return grouped(Decimal(whole)) + (decimal_sign() if point else "") + fraction


def at_least(value: Decimal, places: int) -> Decimal:
    """`value` without trailing zeros, yet with at least so many places."""
    text = canonical(value)
    return Decimal(text) if len(text.partition(".")[2]) >= places else rounded(value, places)
