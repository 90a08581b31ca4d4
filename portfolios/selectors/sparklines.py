"""The last thirty days at a glance: prices of assets and values of portfolios, one point a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portfolios.models import Portfolio
from portfolios.selectors.figures import Overview
from portfolios.selectors.history import known
from portfolios.selectors.standings import Standings, standings
from portfolios.selectors.valuing import Numbers, prices_in, worth
from prices.selectors import DAY, ceiling

DAYS = 30
Line = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Sparklines:
    """Daily figures, oldest first, by pk; None where a price is unknown, or nothing was recorded yet."""

    prices: dict[int, Line]
    values: dict[int, Line]


def sparklines(portfolios: Sequence[Portfolio], whole: Overview, *, until: datetime) -> Sparklines:
    """Return the thirty days to `until` in the overview's currency: each UTC midnight, and the end."""
    first = ceiling(until - timedelta(days=DAYS), DAY)
    moments = sorted({*(first + DAY * number for number in range(DAYS)), until})
    prices = prices_in(whole.currency, [each.asset for each in whole.holdings], moments)
    stood = standings(portfolios, whole.currency, moments)
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
