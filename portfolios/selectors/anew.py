"""What portfolios of another currency did until a moment: booked anew in this one."""

from collections.abc import Sequence
from datetime import datetime

from portfolios.ledger import Booked
from portfolios.models import Portfolio
from portfolios.selectors.books import Key, _booked_anew


def booked_until(
    portfolios: Sequence[Portfolio], currency: str, at: datetime
) -> dict[Key, tuple[list[Booked], bool]]:
    """Return, by portfolio and asset, what was booked until then, and whether all its rates are known.

    What comes later never changes what was booked before. Only the lots go on: of theirs, `open_quantity` and
    `open_cost` are those of the end.
    """
    found = {}
    for key, (booked, is_known) in _booked_anew(portfolios, currency).items():
        until = [one for one in booked if one.entry.at <= at]
        if until:
            found[key] = until, is_known
    return found


def parted(portfolios: Sequence[Portfolio], currency: str) -> tuple[list[Portfolio], list[Portfolio]]:
    """Those that are kept in the currency, whose read models answer; and the others."""
    own = [each for each in portfolios if each.currency == currency]
    return own, [each for each in portfolios if each.currency != currency]
