"""Positions: the running figures of an asset, and how they add up to totals."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from portfolios.ledger.entries import ZERO


@dataclass(frozen=True, slots=True)
class Position:
    """Where the books of one asset (or of several together) stand; amounts in the book's currency.

    The books balance at every step: cost_basis = money_in - money_out + realised + income.
    """

    quantity: Decimal = ZERO
    cost_basis: Decimal = ZERO
    realised: Decimal = ZERO
    income: Decimal = ZERO
    fees: Decimal = ZERO
    money_in: Decimal = ZERO
    money_out: Decimal = ZERO

    @property
    def average_price(self) -> Decimal | None:
        """Cost basis per unit; None where nothing is held."""
        return ratio(self.cost_basis, self.quantity)

    def balances(self) -> bool:
        """Whether realised + unrealised + income = value + money out - money in (the value cancels out)."""
        return self.cost_basis == self.money_in - self.money_out + self.realised + self.income


def total(positions: Iterable[Position]) -> Position:
    """Add positions field by field. The quantity means something only where the asset is the same."""
    sums = Position()
    for one in positions:
        sums = Position(
            sums.quantity + one.quantity,
            sums.cost_basis + one.cost_basis,
            sums.realised + one.realised,
            sums.income + one.income,
            sums.fees + one.fees,
            sums.money_in + one.money_in,
            sums.money_out + one.money_out,
        )
    return sums


def ratio(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """Return part ÷ whole as a fraction; None where either is unknown or the whole is 0.

    >>> ratio(Decimal(25), Decimal(250)), ratio(Decimal(25), Decimal(0))
    (Decimal('0.1'), None)
    """
    if part is None or not whole:
        return None
    return part / whole
