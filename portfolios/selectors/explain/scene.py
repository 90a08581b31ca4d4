"""What the explanations of a page are made of: the figures that it shows, and the words for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from portfolios.models import Portfolio
from portfolios.selectors.explain.explanation import (
    NO_CONVERSION,
    NO_PRICE,
    NO_RATE,
    Explanation,
    LeftOut,
    Unit,
    UsedPrice,
)
from portfolios.selectors.explain.rows import Rows, Wanted, rows_behind
from portfolios.selectors.figures import HoldingFigures, Overview
from portfolios.selectors.market import market
from prices.models import Asset
from prices.selectors import latest_prices, rate_asset

TITLES = {
    "quantity": "Quantity",
    "rated_quantity": "Quantity whose cost is known",
    "price": "Latest price",
    "value": "Value",
    "rated_value": "Value of what has a known cost",
    "weight": "Weight",
    "cost_basis": "Cost basis",
    "average_price": "Average price",
    "break_even_price": "Break-even price",
    "realised": "Realised gain",
    "unrealised": "Unrealised gain",
    "unrealised_ratio": "Unrealised %",
    "income": "Income",
    "fees": "Fees",
    "money_in": "Money in",
    "money_out": "Money out",
    "net_money_in": "Net money in",
    "net_result": "Net result",
    "roi": "ROI",
    "day_change": "Result of the day",
    "day_change_ratio": "Change in a day",
    "day_base": "Value at the day's start and what flowed in",
    "day_end_value": "Value at the day's end",
    "day_start_value": "Value at the day's start",
    "day_flow": "What flowed in on the day, less what flowed out",
    "proceeds": "Proceeds",
    "cost": "Cost",
    "gain": "Gain",
    "value_now": "Value now",
}
UNITS = {
    Unit.QUANTITY: {"quantity", "rated_quantity"},
    Unit.PRICE: {"price", "average_price", "break_even_price"},
    Unit.RATIO: {"weight", "unrealised_ratio", "roi", "day_change_ratio"},
}
# Gains, results and returns, which pages show with + or −; amounts and shares have no sign of their own.
SIGNED = {"realised", "unrealised", "unrealised_ratio", "net_result", "roi", "gain"}
SIGNED |= {"day_change", "day_change_ratio"}
VALUED = "valued."  # before a figure: of the assets that have a price
RATED = "rated_"  # before a figure: of the quantity whose cost is known
# What asks for prices, and what for nothing else.
PRICED = {"value", "rated_value", "unrealised", "unrealised_ratio", "net_result", "roi", "weight", "price"}
DAY = {"day_change", "day_change_ratio", "day_base", "day_end_value", "day_start_value"}
PRICED |= DAY
WITHOUT_COST = {"quantity", "price", "value", "weight"} | DAY


def title_of(figure: str) -> str:
    if figure.startswith(VALUED):
        return f"{TITLES[figure.removeprefix(VALUED)]}, of what has a price"
    return TITLES[figure]


def unit_of(figure: str) -> Unit:
    return next((unit for unit, names in UNITS.items() if figure in names), Unit.MONEY)


def is_signed(figure: str) -> bool:
    return figure.removeprefix(VALUED) in SIGNED


@dataclass(frozen=True, slots=True)
class Scene:
    """The overview that a page shows, the one of each of its portfolios, and which rows it turned to."""

    portfolios: Sequence[Portfolio]
    whole: Overview
    each: dict[int, Overview]
    offset: int
    limit: int

    @property
    def together(self) -> bool:
        return len(self.portfolios) > 1

    def explanation(self, figure: str, formula: str, result: Decimal | None, **more: Any) -> Explanation:
        """An explanation with what all have in common; `more` are its other fields."""
        more.setdefault("left_out", self.left_out(figure))
        return Explanation(
            figure=figure,
            title=title_of(figure),
            formula=formula,
            unit=unit_of(figure),
            currency=self.whole.currency,
            as_of=self.whole.as_of,
            result=result,
            **more,
        )

    def rows(
        self,
        figure: str,
        assets: Iterable[int] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Rows:
        """The rows that add to a figure of the books: to `rated_quantity` those whose cost is known."""
        wanted = Wanted(
            figure=figure.removeprefix(RATED),
            currency=self.whole.currency,
            until=until or self.whole.as_of,
            since=since,
            assets=None if assets is None else frozenset(assets),
            together=self.together,
            rated_only=figure != "quantity",
            offset=self.offset,
            limit=self.limit,
        )
        return rows_behind(self.portfolios, wanted)

    def left_out(self, figure: str, among: Iterable[HoldingFigures] | None = None) -> tuple[LeftOut, ...]:
        """What the figure can't take into account, of some holdings or of all."""
        needs_price = figure in PRICED or figure.startswith(VALUED)
        found = []
        for holding in self.whole.holdings if among is None else among:
            needed = holding.price if figure == "price" else holding.value
            if needs_price and needed is None:
                reason = NO_CONVERSION if holding.price_at else NO_PRICE
                found.append(LeftOut(holding.asset, reason))
            elif figure not in WITHOUT_COST and not holding.is_rated:
                found.append(LeftOut(holding.asset, NO_RATE))
        return tuple(found)

    def prices(self, assets: Sequence[Asset], moment: datetime | None = None) -> tuple[UsedPrice, ...]:
        """The prices of assets at a moment, as the overview found them."""
        return used_prices(assets, self.whole.currency, moment or self.whole.as_of)


def used_prices(assets: Sequence[Asset], currency: str, moment: datetime) -> tuple[UsedPrice, ...]:
    """The last prices of assets at a moment, in a currency; of one asset also who fixed its rate."""
    seen = market(assets, currency, moment)
    found = []
    for asset in assets:
        quote = seen.quotes.get(asset.pk)
        if quote:
            used = UsedPrice(asset, quote, seen.dollars.get(quote.at), seen.price(asset.pk))
            found.append(_with_fixing(used, currency) if len(assets) == 1 else used)
    return tuple(found)


def _with_fixing(used: UsedPrice, currency: str) -> UsedPrice:
    target = None if currency == "USD" else rate_asset(currency)
    if target is None or used.rate is None:
        return used
    fixing = latest_prices([target], now=used.quote.at).get(target.pk)
    return UsedPrice(used.asset, used.quote, used.rate, used.price, fixing)
