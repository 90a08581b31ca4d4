"""What the ledger refuses, said so that a user can read it."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal


class HoldingWouldBeNegative(Exception):
    """At `at` more of `asset` would leave `place` than the `held` units; the first moment of that.

    `action` and `sequence` are those of the entry that takes it. `short` is the most that is ever missing
    there from then on: so much less must leave before. `is_later` says that it is not the entered
    transaction that takes it, but another one that was there.
    """

    def __init__(
        self,
        *,
        asset: str,
        at: datetime,
        held: Decimal,
        wanted: Decimal,
        place: int = 0,
        action: int = 0,
        sequence: int = 0,
    ) -> None:
        self.asset, self.at, self.held, self.wanted = asset, at, held, wanted
        self.place, self.action, self.sequence = place, action, sequence
        self.short = wanted - held
        self.is_later = False
        self.where = ""  # a place other than the reader's own, named
        super().__init__(asset, at, held, wanted)

    def __str__(self) -> str:
        return self.plainly()

    def plainly(self, *, undone: bool = False) -> str:
        """The refusal for readers of any language: in UTC, without separators."""
        return self.told(f"{self.at:%-d %B %Y at %H:%M} UTC", _plain, undone=undone)

    def told(self, on: str, number: Callable[[Decimal], str], *, undone: bool = False) -> str:
        """The refusal, with its moment (`on`) and its quantities as the reader writes them; or that of
        something that is to be taken back.
        """
        held = f"{number(self.held)} {self.asset}"
        if undone:
            begin = f"Without it you would have held {held}"
        else:
            begin = f"After this only {held} would be held" if self.is_later else f"You held {held}"
        left = f"{number(self.wanted)} {self.asset}"
        return f"{self.where}{begin} on {on}, less than the {left} that leave then."

    @property
    def order(self) -> tuple[datetime, int, int]:
        """Of several refusals the first in this order, that of booking, is the one to name."""
        return self.at, self.action, self.sequence


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize() + 0:f}"
