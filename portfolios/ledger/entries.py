"""Entries: the ledger form of what a user did, one effect on one asset in one place each."""

from datetime import datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import NamedTuple

ZERO = Decimal(0)


class Action(IntEnum):
    """What an entry does to the lots. The number is its rank among entries of one instant."""

    ACQUIRE = 0
    TRANSFER = 1  # from a place to another, with cost and acquisition time
    DISPOSE = 2
    FEE = 3  # a disposal that pays for something else of that instant


class Against(Enum):
    """What stands on the other side of an entry."""

    MONEY = "money"  # paid in, or received; or another asset, as far as `inside` says
    INCOME = "income"  # earned: nothing was paid
    COST = "cost"  # coins leave at what they cost; nothing is realised
    NOTHING = "nothing"  # coins leave for nothing: their cost is a realised loss
    FEE = "fee"  # the same, and the loss is counted among the fees


class Entry(NamedTuple):
    """One effect on one asset.

    `amount` is the cost of an acquisition or the proceeds of a disposal, fee already included or taken
    off, in the book's currency; `fee` repeats the fee for the record. `inside` is the part of `amount` that
    comes from other assets of the same place, or goes to them: no money. Entries against COST, NOTHING or
    FEE, and transfers, carry no amount: the books say what they cost. A place is where lots are kept (a
    portfolio); only a transfer has a place `to` which it goes.
    """

    at: datetime
    sequence: int  # order of entry, which decides among equals
    asset: str
    action: Action
    against: Against
    quantity: Decimal
    amount: Decimal = ZERO
    fee: Decimal = ZERO
    inside: Decimal = ZERO
    place: int = 0
    to: int | None = None
    leg: int = 0  # which part of its transaction this is

    @property
    def order(self) -> tuple[datetime, int, int]:
        return self.at, self.action, self.sequence
