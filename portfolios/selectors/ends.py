"""Until when figures that go over time are told: with old prices, until the newest there is."""

from collections.abc import Sequence
from datetime import datetime

from portfolios.models import Booking, Portfolio
from portfolios.selectors.figures import Overview


def newest_known(overview: Overview, now: datetime) -> datetime:
    """Where charts end: with the newest price, because after it nothing is known."""
    newest = overview.prices.newest_at
    return min(now, newest) if newest else now


def returns_end(portfolios: Sequence[Portfolio], overview: Overview, now: datetime) -> datetime:
    """Until when returns are measured: with old prices until the newest one, if nothing was done since."""
    end = newest_known(overview, now)
    if not overview.prices.stale or Booking.objects.of(portfolios).between(end, now).exists():
        return now
    return end
