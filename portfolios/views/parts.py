"""Figures that more than one page shows, made ready for templates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.models import User
from portfolios.context import Desk, Unit
from portfolios.drafts import WITHOUT_AMOUNT, amount_of
from portfolios.ledger import ratio
from portfolios.models import Kind, Portfolio, Transaction
from portfolios.selectors import HoldingFigures, Overview, Returns, returns
from portfolios.selectors.market import market
from portfolios.selectors.performance import UNVALUED
from portfolios.selectors.sparklines import Sparklines, sparklines
from portfolios.selectors.unpriced import separable, unvalued
from portfolios.views.spans import newest_known, returns_end
from prices.models import Asset
from prices.selectors import rate_asset
from prices.templatetags.drawing import coin_palette

SLICES = 6  # parts of an allocation told one by one
REST = 5  # the grey of the data colours
DEEDS = {
    Kind.BUY: "Bought",
    Kind.SELL: "Sold",
    Kind.DEPOSIT: "Deposited",
    Kind.WITHDRAWAL: "Withdrew",
    Kind.INCOME: "Earned",
    Kind.SWAP: "Swapped",
    Kind.TRANSFER: "Moved",
    Kind.SPEND: "Spent",
    Kind.GIFT: "Gave away",
    Kind.LOST: "Lost",
    Kind.FEE: "Paid a fee of",
}


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of an allocation; `url` leads to what it is, if there is such a page."""

    name: str
    value: Decimal
    ratio: Decimal | None
    palette: object


@dataclass(frozen=True, slots=True)
class Activity:
    """A transaction in a list of recent ones; `amount` is in its own currency, None for a withdrawal."""

    transaction: Transaction
    deed: str
    quantity: Decimal
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class PortfolioLine:
    """A portfolio in a list: its figures, thirty days of its value."""

    portfolio: Portfolio
    figures: Overview
    line: list[Decimal | None]
    palette: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Returns, and the moment until which they are measured."""

    returns: Returns
    until: datetime
    is_now: bool
    separable: tuple[Asset, ...]  # without which there may be returns


def by_asset(overview: Overview) -> list[Slice]:
    slices = [
        Slice(each.asset.name, each.value, each.weight, coin_palette(each.asset.symbol))
        for each in overview.open_holdings
        if each.value
    ]
    return _with_rest(slices, overview.value)


def by_portfolio(
    portfolios: Iterable[Portfolio], each: dict[int, Overview], whole: Decimal | None, palette: dict[int, int]
) -> list[Slice]:
    worth = [(one, each[one.pk].value) for one in portfolios]
    slices = [Slice(one.name, value, ratio(value, whole), palette[one.pk]) for one, value in worth if value]
    return _with_rest(sorted(slices, key=lambda one: -one.value), whole)


def bar(slices: Iterable[Slice]) -> list[tuple[Decimal | None, object]]:
    """What the allocation bar draws of them."""
    return [(each.ratio, each.palette) for each in slices]


def _with_rest(slices: list[Slice], whole: Decimal | None) -> list[Slice]:
    """The largest parts one by one, and the others as one."""
    if len(slices) <= SLICES:
        return slices
    rest = sum((each.value for each in slices[SLICES - 1 :]), Decimal(0))
    name = f"{len(slices) - SLICES + 1} others"
    return [*slices[: SLICES - 1], Slice(name, rest, ratio(rest, whole), REST)]


def portfolio_lines(page: Desk, lines: Sparklines) -> list[PortfolioLine]:
    each = page.overviews[1]
    return [
        PortfolioLine(one, each[one.pk], lines.values[one.pk], page.palette[one.pk])
        for one in page.portfolios
    ]


def activity(rows: Iterable[Transaction]) -> list[Activity]:
    return [
        Activity(
            row,
            DEEDS[Kind(row.kind)],
            row.quantity if row.is_acquisition else -row.quantity,
            None if row.kind in WITHOUT_AMOUNT else amount_of(row),
        )
        for row in rows
    ]


def counterpart(overview: Overview, unit: Unit, user: User, now: datetime) -> tuple[Decimal | None, str]:
    """The value in the other unit: in Bitcoin where the page shows money, in money where it shows Bitcoin."""
    other = user.currency if unit.is_bitcoin else "BTC"
    if overview.value is None:
        return None, other
    price = _bitcoin_price(overview, user.currency if unit.is_bitcoin else unit.currency, now)
    if not price:
        return None, other
    return (overview.value * price if unit.is_bitcoin else overview.value / price), other


def _bitcoin_price(overview: Overview, currency: str, now: datetime) -> Decimal | None:
    held = (each for each in overview.holdings if each.asset.symbol == "BTC")
    bitcoin: HoldingFigures | None = next(held, None)
    if bitcoin and overview.currency == currency:
        return bitcoin.price
    asset = bitcoin.asset if bitcoin else rate_asset("BTC")
    return market([asset], currency, now).price(asset.pk) if asset else None


def measured(page: Desk, portfolios: Sequence[Portfolio], overview: Overview) -> Measured:
    """Returns of these portfolios; unknown while something they hold has no price."""
    end = returns_end(portfolios, overview, page.now)
    lacking = unvalued(overview)
    memory = page.memory(portfolios, overview, end)
    found = returns(
        portfolios,
        currency=overview.currency,
        value=None if lacking else overview.value,
        now=end,
        memory=memory,
        unvalued=lacking or UNVALUED,
    )
    return Measured(found, end, end == page.now, separable(overview))


def lines(page: Desk) -> Sparklines:
    """Thirty days of everything that the desk's figures are about."""
    whole = page.overviews[0]
    until = newest_known(whole, page.now)
    memory = page.memory(page.portfolios, whole, until)
    return sparklines(page.portfolios, whole, until=until, memory=memory)
