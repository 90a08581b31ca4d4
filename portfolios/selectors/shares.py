"""What part of the whole each portfolio is: the cheap reading, for lists beside every page."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from portfolios.ledger import ratio
from portfolios.models import Portfolio
from portfolios.selectors.books import stood
from prices.selectors import latest_prices


def shares(portfolios: Iterable[Portfolio], *, now: datetime) -> dict[int, Decimal | None]:
    """Return each portfolio's part of the value of all, as a fraction by its pk, in three queries.

    A ratio is the same in every currency, so this one is taken in dollars. None where nothing of a portfolio
    can be valued, or all together are worth nothing; assets without a price are left out.
    """
    portfolios = list(portfolios)
    positions, assets = stood(portfolios, now)
    held = {key: position.quantity for key, position in positions.items() if position.quantity}
    quotes = latest_prices([assets[asset] for asset in {asset for _, asset in held}], now=now) if held else {}
    values: dict[int, Decimal] = defaultdict(Decimal)
    for (portfolio, asset), quantity in held.items():
        if asset in quotes:
            values[portfolio] += quantity * quotes[asset].price
    whole = sum(values.values(), Decimal(0))
    return {each.pk: ratio(values.get(each.pk), whole) for each in portfolios}
