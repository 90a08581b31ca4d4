"""The last thirty days at a glance: prices of assets and values of portfolios, one point a day."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from portfolios.models import Portfolio
from portfolios.selectors.books import Step
from portfolios.selectors.figures import Overview
from prices.models import Asset
from prices.selectors import daily_closes, rate_asset

DAYS = 30
CARRIED = timedelta(days=7)  # how long a fixing or a close stands for days without one


@dataclass(frozen=True, slots=True)
class Sparklines:
    """Daily figures, oldest first, by pk; None where a price is unknown."""

    prices: dict[int, list[Decimal | None]]
    values: dict[int, list[Decimal | None]]


def sparklines(
    portfolios: Sequence[Portfolio], whole: Overview, booked: Sequence[Step], *, until: datetime
) -> Sparklines:
    """Return the thirty days to `until` in the overview's currency; `booked` are the portfolios' steps."""
    assets = {each.asset.pk: each.asset for each in whole.holdings}
    midnights, prices = _prices(list(assets.values()), whole.currency, until)
    latest = {each.asset.pk: each.price for each in whole.holdings}
    moments = [*midnights, until]
    lines = {pk: [*(prices[pk].get(day) for day in midnights), latest[pk]] for pk in assets}
    values = {}
    for each in portfolios:
        own = [step for step in booked if step.key[0] == each.pk]
        values[each.pk] = _values(own, moments, lines)
    return Sparklines(lines, values)


def _prices(
    assets: list[Asset], currency: str, until: datetime
) -> tuple[list[datetime], dict[int, dict[datetime, Decimal]]]:
    target = None if currency == "USD" else rate_asset(currency)
    wanted = [*assets, target] if target else assets
    closes = daily_closes(wanted, since=until - timedelta(days=DAYS), until=until, within=CARRIED)
    midnights = sorted({day for found in closes.values() for day in found})
    if currency == "USD":
        return midnights, {each.pk: closes[each.pk] for each in assets}
    dollars = closes[target.pk] if target else {}
    return midnights, {
        each.pk: {day: price / dollars[day] for day, price in closes[each.pk].items() if day in dollars}
        for each in assets
    }


def _values(
    booked: Sequence[Step], moments: Sequence[datetime], lines: dict[int, list[Decimal | None]]
) -> list[Decimal | None]:
    held: dict[int, Decimal] = defaultdict(Decimal)
    place, values = 0, []
    for number, moment in enumerate(moments):
        while place < len(booked) and booked[place].at <= moment:
            held[booked[place].key[1]] += booked[place].quantity
            place += 1
        values.append(_value(held, {pk: line[number] for pk, line in lines.items()}) if place else None)
    return values


def _value(held: dict[int, Decimal], prices: dict[int, Decimal | None]) -> Decimal | None:
    """Unknown while a price of something held is; before the first transaction there is no value."""
    value = Decimal(0)
    for asset, quantity in held.items():
        price = prices.get(asset)
        if quantity and price is None:
            return None
        value += quantity * (price or Decimal(0))
    return value
