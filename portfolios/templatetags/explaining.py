"""Figures that open how they came about: `{% how "value" %}{{ overview.value|money:"USD" }}{% endhow %}`."""

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from portfolios.models import Portfolio, Transaction
from portfolios.selectors.explain.earned import TITLES as EARNED
from portfolios.selectors.explain.scene import VALUED, title_of
from portfolios.selectors.gains import Gain
from portfolios.selectors.unpriced import Reason, Unpriced
from prices.models import Asset
from prices.templatetags.dates import moment

WITHOUT = "priced"  # what an address says where assets without a price are left out
PERIOD = ("range", "from", "to", WITHOUT)  # and of a period

register = template.Library()
TOLD = '<span class="vh"> how {2} came about</span>'
# The page's script opens it as a dialog: a page has so many that each attribute more of them weighs.
LINK = f'<a class="why" href="{{0}}"{{3}}>{{1}}{TOLD}</a>'
PLAIN = SafeString("")
# Within a region that hands down to be replaced whole, and told in the address.
WITHIN = SafeString(' hx-swap="innerHTML" hx-push-url="false"')


@register.simple_block_tag(takes_context=True)
def how(context: template.Context, content: str, figure: str, asset: Asset | None = None) -> str:
    """Make a figure a link to its explanation: of the page's `portfolio`, if any, of an asset if named."""
    symbol = asset.symbol if asset else ""
    address = explanation_of(figure, context.get("portfolio"), symbol) + moment_in(context)
    return format_html(LINK, address, content, spoken(figure), PLAIN)


@register.simple_block_tag(takes_context=True)
def how_earned(context: template.Context, content: str, figure: str, asset: Asset | None = None) -> str:
    """As `how`, of a figure in the period that the page's address names."""
    asked = context["request"].GET
    said = {name: asked.get(name, "") for name in (*PERIOD, "at")}
    return _link(context, content, figure, asset, said)


@register.simple_block_tag(takes_context=True)
def how_grown(context: template.Context, content: str, first: date, last: date) -> str:
    """As `how`, of the time-weighted return of the days from `first` to `last`."""
    days = {"from": first.isoformat(), "to": last.isoformat()}
    asked = context["request"].GET
    days |= {name: asked.get(name, "") for name in (WITHOUT, "at")}
    return _link(context, content, "twr", None, days)


def _link(
    context: template.Context, content: str, figure: str, asset: Asset | None, said: Mapping[str, str]
) -> str:
    path = explanation_of(figure, context.get("portfolio"), asset.symbol if asset else "")
    return format_html(LINK, addressed(path, said), content, spoken(figure), WITHIN)


@register.simple_block_tag(takes_context=True)
def how_gain(context: template.Context, content: str, row: Transaction) -> str:
    """Make what a transaction realised a link to its explanation: by legs, where a fee in coins is one."""
    figure = "realised" if row.fee_asset_id else "gain"
    address = reverse("transaction-explain", args=[row.pk, figure]) + moment_in(context)
    return format_html(LINK, address, content, "the gain", PLAIN)


@register.simple_block_tag(takes_context=True)
def how_stands(context: template.Context, content: str, row: Transaction, figure: str, leg: int = 0) -> str:
    """As `how`, of what a transaction's coins are worth now, or what they earned. Leg 1: where they went."""
    path = reverse("transaction-explain", args=[row.pk, figure]) + moment_in(context)
    if leg:
        path += f"{'&' if '?' in path else '?'}leg={leg}"
    return format_html(LINK, path, content, spoken(figure), PLAIN)


@register.simple_block_tag(takes_context=True)
def how_disposed(context: template.Context, content: str, gain: Gain, figure: str, currency: str) -> str:
    """As `how`, of the gain of a disposal, its proceeds or its cost, as they are told in a currency."""
    path = reverse("transaction-explain", args=[gain.transaction, figure])
    said = {"leg": gain.leg, "in": currency, "at": context["request"].GET.get("at", "")}
    return format_html(LINK, addressed(path, said), content, spoken(figure), WITHIN)


@register.simple_block_tag(takes_context=True)
def how_lot(context: template.Context, content: str, number: int) -> str:
    """Make a figure of a lot a link to how the lot stands: of the page's `portfolio` and `asset`."""
    path = reverse("lot", args=[context["portfolio"].pk, context["asset"].symbol, number])
    return format_html(LINK, path + moment_in(context), content, f"lot {number}", PLAIN)


@register.simple_block_tag(takes_context=True)
def how_realised(
    context: template.Context, content: str, figure: str, symbol: str = "", *, as_booked: bool = False
) -> str:
    """As `how`, of the gains that the page asks for (`scope`, `asked`), of an asset of them if named, or by
    the method that the books are kept by.
    """
    asked = context["asked"]
    said = {
        "year": asked.year or "all",
        "asset": symbol or (asked.asset.symbol if asked.asset else ""),
        "method": "" if as_booked else asked.method,
        "at": context["request"].GET.get("at", ""),
    }
    path = gains_explanation_of(figure, context["scope"].portfolio)
    return format_html(LINK, addressed(path, said), content, spoken(figure), WITHIN)


def gains_explanation_of(figure: str, portfolio: Portfolio | None) -> str:
    """The address of how a sum over disposals came about: of all portfolios, or of one."""
    if portfolio is None:
        return reverse("gains-explain", args=[figure])
    return reverse("portfolio-gains-explain", args=[portfolio.pk, figure])


@register.simple_tag
def why_unknown(reason: Reason) -> str:
    """Why a figure is unknown; what has no price then leads to what is known of its prices."""
    if not isinstance(reason, Unpriced):
        return reason
    coins = map(_to_prices, reason.coins)
    at = moment(localtime(reason.at), "zone")
    return format_html(reason.told("{}", lambda _: "{}"), *coins, *reason.currencies, at)


def _to_prices(symbol: str) -> str:
    return format_html('<a href="{}">{}</a>', reverse("price-page", args=[symbol]), symbol)


def explanation_of(figure: str, portfolio: Portfolio | int | None = None, symbol: str = "") -> str:
    """The address of an explanation: of everything, of a portfolio, or of an asset in either."""
    if portfolio is None:
        return (
            reverse("explain-asset", args=[symbol, figure]) if symbol else reverse("explain", args=[figure])
        )
    pk = portfolio.pk if isinstance(portfolio, Portfolio) else portfolio
    if symbol:
        return reverse("asset-explain", args=[pk, symbol, figure])
    return reverse("portfolio-explain", args=[pk, figure])


def addressed(path: str, said: Mapping[str, object]) -> str:
    """A path, and behind it what is said of it; of what is empty nothing is said."""
    query = urlencode({name: value for name, value in said.items() if value})
    return f"{path}?{query}" if query else path


def moment_in(context: template.Context) -> str:
    """What keeps a link at the moment of the page, if that is past: "?at=2024-12-31"."""
    moment = getattr(getattr(context, "request", None), "moment", None)
    return moment.query if moment else ""


def spoken(figure: str) -> str:
    """The name of a figure within a sentence."""
    title = EARNED.get(figure) or title_of(figure.removeprefix(VALUED))
    return title if title.isupper() else title[0].lower() + title[1:]
