"""What part of the whole each portfolio is: the cheap reading, for lists beside every page."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from portfolios.ledger import ratio
from portfolios.models import Holding, Portfolio
from prices.selectors import latest_prices


def shares(portfolios: Iterable[Portfolio], *, now: datetime) -> dict[int, Decimal | None]:
    """Return each portfolio's part of the value of all, as a fraction by its pk, in two queries.

    A ratio is the same in every currency, so this one is taken in dollars. None where nothing of a portfolio
    can be valued, or all together are worth nothing; assets without a price are left out.
    """
    portfolios = list(portfolios)
    rows = Holding.objects.filter(portfolio__in=portfolios).select_related("asset")
    held = [row for row in rows if row.quantity]
    quotes = latest_prices({row.asset for row in held}, now=now) if held else {}
    values: dict[int, Decimal] = defaultdict(Decimal)
    for row in held:
        if row.asset_id in quotes:
            values[row.portfolio_id] += row.quantity * quotes[row.asset_id].price
    whole = sum(values.values(), Decimal(0))
    return {each.pk: ratio(values.get(each.pk), whole) for each in portfolios}
