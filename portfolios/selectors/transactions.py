"""What each transaction cost, is worth now, and earned; in its portfolio's currency."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolios.drafts import WITHOUT_AMOUNT, amount_of, unit_price_of
from portfolios.ledger import ratio
from portfolios.models import AT_COST, Booking, Portfolio, Transaction
from portfolios.selectors.market import market
from prices.fields import ONE_UNIT


@dataclass(frozen=True, slots=True)
class TransactionFigures:
    """A transaction with its figures. `unit_price`, `amount`, `fee` are in its own currency, the rest in
    the portfolio's; None is unknown or has no meaning for its kind.
    """

    transaction: Transaction
    unit_price: Decimal | None
    amount: Decimal | None  # what it cost or brought, fee included
    cost: Decimal
    proceeds: Decimal | None
    value_now: Decimal | None
    net_result: Decimal | None
    since_then: Decimal | None  # how far the price has moved since, as a fraction

    @property
    def roi(self) -> Decimal | None:
        """Net result ÷ cost; None of coins that leave at theirs: what their fee realised is no return."""
        return None if self.transaction.kind in AT_COST else ratio(self.net_result, self.cost)

    @property
    def signed_quantity(self) -> Decimal:
        quantity = self.transaction.quantity
        return quantity if self.transaction.is_acquisition else -quantity


def figures_of(
    rows: Iterable[Transaction],
    *,
    now: datetime,
    prices: Mapping[int, Decimal | None] | None = None,
    here: Portfolio | None = None,
) -> list[TransactionFigures]:
    """Return figures for transactions that count; expects `asset`, `portfolio` selected and
    `bookings` prefetched with them.

    One query for prices for each portfolio currency among the rows; none where the page has read them
    already: `prices`, by asset pk, in the currency of the one portfolio that the rows are of. A transfer into
    the portfolio `here` is told as that one booked it, in its currency.
    """
    rows = list(rows)
    if prices is not None:
        return [_figures(row, prices.get(row.asset_id), here) for row in rows]
    placed = [(row, here if here and _comes_into(here, row) else row.portfolio) for row in rows]
    assets = {row.asset for row in rows}
    markets = {code: market(assets, code, now) for code in {place.currency for _, place in placed}}
    return [_figures(row, markets[place.currency].price(row.asset_id), here) for row, place in placed]


def _comes_into(here: Portfolio | None, row: Transaction) -> bool:
    return here is not None and row.to_portfolio_id == here.pk


def _figures(row: Transaction, price: Decimal | None, here: Portfolio | None) -> TransactionFigures:
    booking = row.arrival if _comes_into(here, row) else row.booking
    value = None if price is None else (row.quantity * price).quantize(ONE_UNIT)
    unit_price = unit_price_of(row)
    paid = None if unit_price is None else unit_price * row.fx_rate
    return TransactionFigures(
        transaction=row,
        unit_price=unit_price,
        amount=None if row.kind in WITHOUT_AMOUNT else amount_of(row),
        cost=booking.cost,
        proceeds=booking.proceeds,
        value_now=value,
        net_result=_net_result(row, booking, value),
        since_then=None if price is None or paid is None else ratio(price - paid, paid),
    )


def _net_result(row: Transaction, booking: Booking, value: Decimal | None) -> Decimal | None:
    """Value now - cost for an acquisition; all that it realised for a disposal."""
    if not row.is_acquisition:
        return row.realised
    return None if value is None else value - booking.cost
