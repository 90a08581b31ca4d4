"""Entries: the ledger form of what a user did, one asset and one effect each."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum, IntEnum

ZERO = Decimal(0)


class Action(IntEnum):
    """What an entry does to the lots. The number is its rank among entries of one instant."""

    ACQUIRE = 0
    DISPOSE = 2


class Against(Enum):
    """What stands on the other side of an entry."""

    MONEY = "money"  # paid in, or received
    INCOME = "income"  # earned: nothing was paid
    COST = "cost"  # coins leave at what they cost; nothing is realised


@dataclass(frozen=True, slots=True)
class Entry:
    """One effect on one asset.

    `amount` is the cost of an acquisition or the proceeds of a disposal, fee already included or taken
    off, in the book's currency; `fee` repeats the fee for the record. Entries against COST carry no amount:
    the books say what they cost.
    """

    at: datetime
    sequence: int  # order of entry, which decides among equals
    asset: str
    action: Action
    against: Against
    quantity: Decimal
    amount: Decimal = ZERO
    fee: Decimal = ZERO

    @property
    def order(self) -> tuple[datetime, int, int]:
        return self.at, self.action, self.sequence
