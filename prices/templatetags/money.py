"""How figures become markup: the filters of amounts, prices, quantities and ratios. Their text is `digits`.

Personal amounts leave as `<data class="amt" value="…">`: `value` is the exact figure, and `title` repeats it
where the text shows fewer digits. Prices and percentages are public and leave bare. Unknown is "—".
Currencies are ISO codes; "BTC" and "sats" are units too, and both take a value in BTC.
"""

import re
from decimal import Decimal

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from prices.fields import PLACES, canonical
from prices.privacy import DOTS, amounts_hidden
from prices.templatetags.digits import (
    BTC_PLACES,
    NBSP,
    amount_text,
    at_least,
    digits,
    grouped,
    minor_places,
    number,
    price_text,
    rate_text,
    ratio_text,
    rounded,
    sign,
)

register = template.Library()
UNKNOWN = "—"
MASK = format_html('<span class="amt">{}</span>', DOTS)


def _styled(value: Decimal, currency: str, *, signed: bool = False) -> str:
    text = amount_text(value, currency, signed=signed)
    return _grey_zeros(text) if currency == "BTC" else text


def _grey_zeros(text: str) -> SafeString:
    """The zeros a BTC figure ends in, kept so that columns align, in grey so that they don't shout."""
    figure, space, unit = text.partition(NBSP)
    shown = figure.rstrip("0").rstrip(".,")
    zeros = figure[len(shown) :]
    grey = format_html('<span class="z">{}</span>', zeros) if zeros else ""
    return format_html("{}{}{}{}", shown, grey, space, unit)


def _amount(text: str | SafeString, exact: Decimal, unit: str) -> SafeString:
    """Wrap a personal figure, so that hide-amounts mode finds it."""
    if amounts_hidden.get():
        return MASK
    full = canonical(exact)
    cut = re.sub(r"\D", "", full).strip("0") not in re.sub(r"\D", "", text)
    title = format_html(' title="{} {}"', full, "BTC" if unit == "sats" else unit) if cut else ""
    return format_html('<data class="amt" value="{}"{}>{}</data>', full, title, text)


# --- Amounts and prices ---------------------------------------------------------------------------------


@register.filter
def money(value: object, currency: str) -> str:
    """`{{ overview.value|money:"USD" }}` → $52,552.50"""
    exact = number(value)
    return UNKNOWN if exact is None else _amount(_styled(exact, currency), exact, currency)


@register.filter
def signed_money(value: object, currency: str) -> str:
    """As `money`, with + or − before anything but zero."""
    exact = number(value)
    return UNKNOWN if exact is None else _amount(_styled(exact, currency, signed=True), exact, currency)


@register.filter
def hero_money(value: object, currency: str) -> str:
    """As `money`, with what follows the decimal point in grey."""
    exact = number(value)
    if exact is None:
        return UNKNOWN
    found = re.fullmatch(r"(.*\d)([.,]\d\d)(\D*)", amount_text(exact, currency))
    if not found:
        return money(exact, currency)
    text = format_html('{}<span class="cents">{}</span>{}', *found.groups())
    return _amount(text, exact, currency)


@register.filter
def price(value: object, currency: str = "USD") -> str:
    """`{{ quote.price|price:"USD" }}` → $88,274.15; public, so never hidden."""
    exact = number(value)
    return UNKNOWN if exact is None else price_text(exact, currency)


@register.filter
def rate(value: object, currency: str) -> str:
    """An exchange rate: `{{ used.rate|rate:"USD" }}` → $1.0389; public, so never hidden."""
    exact = number(value)
    return UNKNOWN if exact is None else rate_text(exact, currency)


@register.filter
def personal_price(value: object, currency: str) -> str:
    """As `price`, for what only the owner may see: an average price, a price paid."""
    exact = number(value)
    return UNKNOWN if exact is None else _amount(price_text(exact, currency), exact, currency)


# --- Ratios ---------------------------------------------------------------------------------------------


@register.filter
def pct(ratio: object, places: int = 1) -> str:
    """`{{ roi|pct }}` → 72.2%; `|pct:2` for a day's change."""
    exact = number(ratio)
    return UNKNOWN if exact is None else ratio_text(exact, int(places))


@register.filter
def signed_pct(ratio: object, places: int = 1) -> str:
    exact = number(ratio)
    return UNKNOWN if exact is None else ratio_text(exact, int(places), signed=True)


@register.filter
def factor(value: object) -> str:
    """What 1 became, or a number of days: `{{ 1.03204|factor }}` → 1.0320, `{{ 240.0|factor }}` → 240"""
    exact = number(value)
    return UNKNOWN if exact is None else digits(exact if exact == exact.to_integral() else rounded(exact, 4))


@register.simple_tag
def delta(
    value: object = None, ratio: object = None, currency: str = "", places: int = 1, badge: bool = False
) -> str:
    """A change with arrow, sign, colour and a word for those who see none of them.

    `{% delta gain ratio %}` shows the ratio and points where the gain points; `currency="USD"` shows the
    gain too; `{% delta ratio=change places=2 %}` has only a ratio.
    """
    gain, part = number(value), number(ratio)
    texts: list[str] = []
    if gain is not None and currency:
        texts.append(_amount(amount_text(gain, currency, signed=True), gain, currency))
    if part is not None:
        text = ratio_text(part, int(places), signed=True)
        texts.append(f"({text})" if texts else text)
    if not texts:
        return UNKNOWN
    direction = _direction(gain, part, currency, int(places))
    word = {"pos": "up", "neg": "down"}.get(direction, "unchanged")
    classes = " ".join(name for name in ("delta", direction, "badge" if badge else "") if name)
    body = format_html_join(" ", "{}", ((text,) for text in texts))
    return format_html('<span class="{}"><span class="vh">{} </span>{}</span>', classes, word, body)


def _direction(gain: Decimal | None, part: Decimal | None, currency: str, places: int) -> str:
    """Where a change points after rounding: what reads as 0.00 points nowhere."""
    for figure, kept in ((gain, minor_places(currency) if currency else BTC_PLACES), (part, places + 2)):
        if figure is not None and (shown := rounded(figure, kept)):
            return "pos" if shown > 0 else "neg"
    return ""


# --- Quantities -----------------------------------------------------------------------------------------


@register.filter
def qty(value: object, symbol: str) -> str:
    """`{{ holding.quantity|qty:"BTC" }}` → 0.05000000 BTC, the trailing zeros in grey.

    A quantity is shown to its last stored place. What was computed (a value in BTC) is for `money`.
    """
    return _quantity(value, symbol, suffix=True)


@register.filter
def signed_qty(value: object, symbol: str) -> str:
    return _quantity(value, symbol, suffix=True, signed=True)


@register.filter
def units(value: object, symbol: str) -> str:
    """As `qty`, without the symbol: for columns whose head names it."""
    return _quantity(value, symbol)


@register.filter
def signed_units(value: object, symbol: str) -> str:
    return _quantity(value, symbol, signed=True)


@register.filter
def sats(value: object) -> str:
    """A quantity of BTC in sats: 0.99059309 → 99,059,309 sats"""
    exact = number(value)
    return UNKNOWN if exact is None else _amount(amount_text(exact, "sats"), exact, "BTC")


@register.filter
def count(value: object) -> str:
    """How many of something: `{{ listing.count|count }}` → 1,208"""
    exact = number(value)
    return UNKNOWN if exact is None else sign(exact) + grouped(exact)


@register.filter
def plain(value: object) -> str:
    """The exact decimal, for inputs: no grouping, no exponent, no trailing zeros, nothing when unknown."""
    exact = number(value)
    return "" if exact is None else canonical(exact)


def _quantity(value: object, symbol: str, *, suffix: bool = False, signed: bool = False) -> str:
    exact = number(value)
    if exact is None:
        return UNKNOWN
    stored = exact == rounded(exact, PLACES)  # else it was computed, and its tail says nothing
    kept = at_least(exact if stored else rounded(exact, BTC_PLACES), BTC_PLACES if symbol == "BTC" else 0)
    text = sign(kept, signed) + digits(abs(kept)) + (f"{NBSP}{symbol}" if suffix else "")
    return _amount(_grey_zeros(text) if symbol == "BTC" else text, exact, symbol)
