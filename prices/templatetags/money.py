"""How figures become text: the only place where amounts, prices, quantities and ratios are rounded.

Personal amounts leave as `<data class="amt" value="…">`: `value` is the exact figure, and `title` repeats it
where the text shows fewer digits. Prices and percentages are public and leave bare. Unknown is "—".
Currencies are ISO codes; "BTC" and "sats" are units too, and both take a value in BTC.
"""

import re
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from babel.numbers import format_currency, format_decimal, get_currency_precision
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, to_locale

from prices.fields import PLACES, canonical
from prices.privacy import amounts_hidden

register = template.Library()
UNKNOWN = "—"
MINUS = "−"
NBSP = "\N{NO-BREAK SPACE}"
MASK = SafeString('<span class="amt">•••••</span>')
SATS_PER_BTC = 100_000_000
BTC_PLACES = 8
SIGNIFICANT = 4  # digits of a unit price below 1
TOO_LARGE = Decimal("1e40")  # past what books can hold: a ratio of almost nothing, which is no figure to show

# --- Plain text -----------------------------------------------------------------------------------------


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
    return format_decimal(abs(value), locale=_locale(), decimal_quantization=False)


def in_currency(value: Decimal, currency: str) -> str:
    """An amount without its sign, with exactly the digits `value` has after the point.

    >>> in_currency(Decimal("52552.50"), "USD"), in_currency(Decimal("-3.0"), "BTC")
    ('$52,552.50', '3.0\\xa0BTC')
    """
    if currency in {"BTC", "sats"}:
        return f"{_digits(abs(value))}{NBSP}{currency}"
    finer = value != rounded(value, minor_places(currency))
    text = format_currency(
        abs(value), currency, locale=_locale(), currency_digits=not finer, decimal_quantization=not finer
    )
    return re.sub(r"(?<=[A-Za-z])(?=\d)", NBSP, text)


def amount_text(value: Decimal, currency: str, *, signed: bool = False) -> str:
    """An amount in a currency's minor units, 8 places of BTC, or whole sats."""
    if currency == "sats":
        value = value * SATS_PER_BTC
    shown = rounded(value, minor_places(currency))
    return _sign(shown, signed) + in_currency(shown, currency)


def price_text(value: Decimal, currency: str) -> str:
    """A unit price: minor units from 1 on, below that up to four significant digits and never an exponent."""
    if currency == "sats":
        return amount_text(value, currency)
    places = minor_places(currency)
    if value and abs(value) < 1:
        fine = rounded(value, SIGNIFICANT - 1 - value.adjusted())
        return _sign(fine) + in_currency(_at_least(fine, places), currency)
    return amount_text(value, currency)


def ratio_text(ratio: Decimal, places: int, *, signed: bool = False) -> str:
    """A ratio as a percentage; beyond ±1,000 % without decimals."""
    percent = ratio * 100
    shown = rounded(percent, 0 if abs(percent) >= 1000 else places)
    return f"{_sign(shown, signed)}{_digits(abs(shown))}%"


def minor_places(currency: str) -> int:
    """How many places an amount in `currency` is shown with."""
    if currency in {"BTC", "sats"}:
        return BTC_PLACES if currency == "BTC" else 0
    return get_currency_precision(currency)


def _locale() -> str:
    return to_locale(get_language() or "en-us")


def _sign(value: Decimal, signed: bool = False) -> str:
    if value < 0:
        return MINUS
    return "+" if signed and value > 0 else ""


def _digits(value: Decimal) -> str:
    """Grouped digits that keep the zeros `value` ends in, which Babel would drop."""
    whole, point, fraction = format(value, "f").partition(".")
    separator = format_decimal(Decimal("0.5"), locale=_locale()).strip("05") if point else ""
    return grouped(Decimal(whole)) + separator + fraction


def _styled(value: Decimal, currency: str, *, signed: bool = False) -> str:
    text = amount_text(value, currency, signed=signed)
    return _grey_zeros(text) if currency == "BTC" else text


def _grey_zeros(text: str) -> SafeString:
    """The zeros a BTC figure ends in, kept so that columns align, in grey so that they don't shout."""
    figure, space, unit = text.partition(NBSP)
    digits = figure.rstrip("0").rstrip(".,")
    zeros = figure[len(digits) :]
    grey = format_html('<span class="z">{}</span>', zeros) if zeros else ""
    return format_html("{}{}{}{}", digits, grey, space, unit)


def _at_least(value: Decimal, places: int) -> Decimal:
    """`value` without trailing zeros, yet with at least so many places."""
    text = canonical(value)
    return Decimal(text) if len(text.partition(".")[2]) >= places else rounded(value, places)


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
def plain(value: object) -> str:
    """The exact decimal, for inputs: no grouping, no exponent, no trailing zeros, nothing when unknown."""
    exact = number(value)
    return "" if exact is None else canonical(exact)


def _quantity(value: object, symbol: str, *, suffix: bool = False, signed: bool = False) -> str:
    exact = number(value)
    if exact is None:
        return UNKNOWN
    stored = exact == rounded(exact, PLACES)  # else it was computed, and its tail says nothing
    kept = _at_least(exact if stored else rounded(exact, BTC_PLACES), BTC_PLACES if symbol == "BTC" else 0)
    text = _sign(kept, signed) + _digits(abs(kept)) + (f"{NBSP}{symbol}" if suffix else "")
    return _amount(_grey_zeros(text) if symbol == "BTC" else text, exact, symbol)
