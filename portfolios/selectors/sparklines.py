"""The last thirty days at a glance: prices of assets and values of portfolios, one point a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portfolios.models import Portfolio
from portfolios.selectors.figures import Overview
from portfolios.selectors.history import known
from portfolios.selectors.memory import Memory, forgetful
from portfolios.selectors.standings import Standings, standings
from portfolios.selectors.valuing import Numbers, prices_in, worth
from prices.models import Asset
from prices.selectors import DAY, ceiling

DAYS = 30
Line = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Sparklines:
    """Daily figures, oldest first, by pk; None where a price is unknown, or nothing was recorded yet."""

    prices: dict[int, Line]
    values: dict[int, Line]


def sparklines(
    portfolios: Sequence[Portfolio], whole: Overview, *, until: datetime, memory: Memory | None = None
) -> Sparklines:
    """Return the thirty days to `until` in the overview's currency: each UTC midnight, and the end."""
    first = ceiling(until - timedelta(days=DAYS), DAY)
    moments = [first + DAY * number for number in range((until - first) // DAY + 1)]
    assets = [each.asset for each in whole.holdings]
    recall = memory or forgetful(until)
    name = f"sparklines:{first}:{len(moments)}"
    lines = recall.recall(name, lambda: _lines(portfolios, assets, whole.currency, moments))
    end = _lines(portfolios, assets, whole.currency, [until]) if until > moments[-1] else Sparklines({}, {})
    return Sparklines(_joined(lines.prices, end.prices), _joined(lines.values, end.values))


def _joined(lines: dict[int, Line], ends: dict[int, Line]) -> dict[int, Line]:
    """An asset that came today has no line before."""
    return {pk: (*lines.get(pk, ()), *ends.get(pk, ())) for pk in lines | ends}


def _lines(
    portfolios: Sequence[Portfolio], assets: Sequence[Asset], currency: str, moments: list[datetime]
) -> Sparklines:
    prices = prices_in(currency, assets, moments)
    stood = standings(portfolios, currency, moments)
    return Sparklines(
        {pk: known(line) for pk, line in prices.items()},
        {each.pk: _values(stood.of(each.pk), prices) for each in portfolios},
    )


def _values(stood: Standings, prices: dict[int, Numbers]) -> Line:
    """Before the first transaction there is no value."""
    values = known(worth(stood.by_asset(), prices, len(stood.moments)))
    began = [place for line in stood.quantity.values() for place in line.nonzero()[0].tolist()]
    first = min(began, default=len(values))
    return (None,) * first + values[first:]
