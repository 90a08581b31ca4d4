"""What a portfolio's books would say under another cost method, beside what they say now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolios.ledger import Position, total
from portfolios.models import Holding, Portfolio
from portfolios.selectors.anew import with_method
from portfolios.selectors.entries import booked_in, connected, rated_together, rows_of
from portfolios.selectors.formulas import less, worth
from portfolios.selectors.market import market
from prices.models import Asset


@dataclass(frozen=True, slots=True)
class Standing:
    """Figures of one asset, or of all together, under one method; in the portfolio's currency.

    Unrealised and net result are None where the price is unknown.
    """

    position: Position
    unrealised: Decimal | None

    @property
    def net_result(self) -> Decimal | None:
        if self.unrealised is None:
            return None
        return self.unrealised + self.position.realised + self.position.income


@dataclass(frozen=True, slots=True)
class Comparison:
    """`asset` is None for all together."""

    asset: Asset | None
    before: Standing
    after: Standing


def compare(portfolio: Portfolio, method: str, now: datetime) -> list[Comparison]:
    """Return what stands now and what would stand under `method`: each asset, and, last, all together."""
    before, after = under(portfolio, portfolio.cost_method, now), under(portfolio, method, now)
    each = [Comparison(asset, before[asset], after[asset]) for asset in before]
    return [*each, Comparison(None, _together(before.values()), _together(after.values()))]


def under(portfolio: Portfolio, method: str, now: datetime) -> dict[Asset, Standing]:
    """Book a portfolio's assets under `method`; other portfolios keep theirs."""
    holdings = Holding.objects.filter(portfolio=portfolio).select_related("asset").order_by("asset__symbol")
    assets = [each.asset for each in holdings]
    prices = market(assets, portfolio.currency, now)
    standings = {}
    for asset in assets:
        position, price = _position(portfolio, asset, method, now), prices.price(asset.pk)
        standings[asset] = Standing(position, less(worth(position.quantity, price), position.cost_basis))
    return standings


def _position(portfolio: Portfolio, asset: Asset, method: str, now: datetime) -> Position:
    changed = with_method(portfolio, method)
    portfolios = [changed if each.pk == portfolio.pk else each for each in connected(portfolio, asset.pk)]
    rows = rows_of(portfolios).about(asset.pk).filter(occurred_at__lte=now)
    told = rated_together(rows, portfolios, portfolio.currency)
    booked = booked_in(portfolios, asset.symbol, told)[portfolio.currency]
    return total(one.change for one in booked if one.place == portfolio.pk)


def _together(standings: Iterable[Standing]) -> Standing:
    """What has no price is left out of the unrealised sum, as in every total."""
    all_of_them = list(standings)
    known = [one.unrealised for one in all_of_them if one.unrealised is not None]
    unrealised = sum(known, Decimal(0)) if known or not all_of_them else None
    return Standing(total(one.position for one in all_of_them), unrealised)
