"""Positions: the running figures of an asset, and how they add up to totals."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from portfolios.ledger.entries import ZERO


class Position(NamedTuple):
    """Where the books of one asset (or of several together) stand, or what an entry changed in them.

    Amounts are in the book's currency. The books balance at every step:
    cost_basis = money_in - money_out + moved + realised + income. What is transferred between places counts
    in the money of each place; `transferred_in` and `transferred_out` say how much of it that is.
    """

    quantity: Decimal = ZERO
    cost_basis: Decimal = ZERO
    realised: Decimal = ZERO
    income: Decimal = ZERO
    fees: Decimal = ZERO
    money_in: Decimal = ZERO
    money_out: Decimal = ZERO
    moved: Decimal = ZERO  # value that came from other assets of the same place, less what went to them
    transferred_in: Decimal = ZERO
    transferred_out: Decimal = ZERO

    @property
    def average_price(self) -> Decimal | None:
        """Cost basis per unit; None where nothing is held."""
        return ratio(self.cost_basis, self.quantity)

    def balances(self) -> bool:
        """Whether realised + unrealised + income = value + money out - money in (the value cancels out).

        What moved between assets has to be taken into account for one of them, and is 0 for all together.
        """
        return self.cost_basis == self.money_in - self.money_out + self.moved + self.realised + self.income

    def plus(self, change: "Position") -> "Position":
        return Position(*(one + other for one, other in zip(self, change, strict=True)))

    def without_transfers(self) -> "Position":
        """The same where all places are looked at together: what goes between them is no money in or out."""
        return self._replace(
            money_in=self.money_in - self.transferred_in,
            money_out=self.money_out - self.transferred_out,
            transferred_in=ZERO,
            transferred_out=ZERO,
        )


def total(positions: Iterable[Position]) -> Position:
    """Add positions field by field. The quantity means something only where the asset is the same."""
    sums = Position()
    for one in positions:
        sums = sums.plus(one)
    return sums


def ratio(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """Return part ÷ whole as a fraction; None where either is unknown or the whole is 0.

    >>> ratio(Decimal(25), Decimal(250)), ratio(Decimal(25), Decimal(0))
    (Decimal('0.1'), None)
    """
    if part is None or not whole:
        return None
    return part / whole
