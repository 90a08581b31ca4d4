"""What the ledger refuses, said so that a user can read it."""

from datetime import datetime
from decimal import Decimal


class HoldingWouldBeNegative(Exception):
    """At `at` more of `asset` would leave `place` than the `held` units; the first moment of that.

    `action` and `sequence` are those of the entry that takes it.
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
        self.where = ""  # a place other than the reader's own, named
        super().__init__(asset, at, held, wanted)

    def __str__(self) -> str:
        return f"{self.where}You {self._short}"

    @property
    def if_undone(self) -> str:
        """The same of something that is to be taken back."""
        return f"{self.where}Without it you would have {self._short}"

    @property
    def _short(self) -> str:
        return (
            f"held {self.held.normalize() + 0:f} {self.asset} on {self.at:%-d %B %Y at %H:%M} UTC, "
            f"less than the {self.wanted.normalize() + 0:f} {self.asset} that leave then."
        )

    @property
    def order(self) -> tuple[datetime, int, int]:
        """Of several refusals the first in this order, that of booking, is the one to name."""
        return self.at, self.action, self.sequence
