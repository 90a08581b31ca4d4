"""What changed in the books, leg by leg, for returns and series: amounts are floats here, never money."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from portfolios.drafts import WITHOUT_AMOUNT
from portfolios.ledger import Action
from portfolios.models import FEE_LEG, Booking, Kind, Portfolio
from portfolios.selectors.anew import Key
from portfolios.selectors.books import Step, by_currency, steps
from portfolios.selectors.crossings import crossings
from portfolios.selectors.entries import action_of

# Coins that come or go, which count at their market value.
AT_MARKET = {Kind.DEPOSIT, Kind.WITHDRAWAL, Kind.TRANSFER}
COLUMNS = ("occurred_at", "kind", "leg", "transaction_id", "portfolio_id", "asset_id")
AMOUNTS = ("quantity", "cost_basis", "realised", "fees", "money_in", "money_out")


class Move(NamedTuple):
    """One leg of a transaction; money is None where an exchange rate in its asset's history is unknown.

    `price` is what a unit was traded at, fees left out; None where the market's price is what counts.
    """

    at: datetime
    action: Action
    transaction: int
    comes: bool
    key: Key
    quantity: Decimal  # exact: what adds up to nothing is nothing
    price: float | None
    money_in: float | None
    money_out: float | None
    at_market: bool  # coins from outside, or to it: a flow of their market value

    @property
    def flow(self) -> float | None:
        """Money in less money out."""
        return None if self.money_in is None or self.money_out is None else self.money_in - self.money_out


def moves(
    portfolios: Sequence[Portfolio], currency: str, *, since: datetime | None = None, until: datetime
) -> list[Move]:
    """Return what was booked in (since, until], in booking order; money in `currency`."""
    own, other = by_currency(portfolios, currency)
    found = [*_stored(own, since, until)] if own else []
    found += [_of_step(step) for step in steps(other, currency, since=since, until=until)] if other else []
    return sorted(_inside(found), key=lambda move: move[:4])


def _inside(found: Sequence[Move]) -> Iterator[Move]:
    """Transfers of which both sides are looked at are no flows."""
    sides = Counter(move.transaction for move in found if move.action is Action.TRANSFER)
    for move in found:
        is_inside = move.action is Action.TRANSFER and sides[move.transaction] > 1
        yield move._replace(at_market=False, money_in=0.0, money_out=0.0) if is_inside else move


def _stored(portfolios: Sequence[Portfolio], since: datetime | None, until: datetime) -> Iterator[Move]:
    across = crossings(portfolios, (), portfolios[0].currency, since=since, until=until)
    rows = Booking.objects.of(portfolios).filter(occurred_at__lte=until)
    if since:
        rows = rows.filter(occurred_at__gt=since)
    for at, kind, leg, transaction, portfolio, asset, *amounts in rows.values_list(*COLUMNS, *AMOUNTS):
        quantity, cost_basis, realised, fees, money_in, money_out = amounts
        comes = quantity > 0
        crossed = across.get((transaction, leg))
        if crossed:
            money_in, money_out = money_in + crossed.money_in, money_out + crossed.money_out
        gross = cost_basis - fees if comes else realised - cost_basis + fees
        yield Move(
            at,
            action_of(kind, leg),
            transaction,
            comes,
            (portfolio, asset),
            quantity,
            None if _has_no_price(kind, leg, gross) else float(gross / abs(quantity)),
            float(money_in),
            float(money_out),
            _is_at_market(kind, leg),
        )


def _of_step(step: Step) -> Move:
    has_price = step.unit_price is not None and not _has_no_price(step.kind, step.leg, step.unit_price)
    return Move(
        step.at,
        action_of(step.kind, step.leg),
        step.transaction,
        step.quantity > 0,
        step.key,
        step.quantity,
        float(step.unit_price) if has_price and step.unit_price is not None else None,
        _float(step.money_in),
        _float(step.money_out),
        _is_at_market(step.kind, step.leg),
    )


def _has_no_price(kind: str, leg: int, gross: Decimal) -> bool:
    """Nothing is traded at 0: what is said to cost or bring nothing is worth what the market says. Nor is the
    fee of what moves coins traded: it leaves at its cost, which is no price.
    """
    return not gross or kind in AT_MARKET or (leg != FEE_LEG and kind in WITHOUT_AMOUNT)


def _is_at_market(kind: str, leg: int) -> bool:
    """A fee in coins is no flow: what it cost is lost."""
    return kind in AT_MARKET and leg != FEE_LEG


def _float(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)
