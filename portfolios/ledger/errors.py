"""What the ledger refuses, said so that a user can read it."""

from datetime import datetime
from decimal import Decimal


class HoldingWouldBeNegative(Exception):
    """At `at` more of `asset` would leave `place` than the `held` units; the first moment of that.

    `sequence` is the entry that takes it.
    """

    def __init__(
        self,
        *,
        asset: str,
        at: datetime,
        held: Decimal,
        wanted: Decimal,
        place: int = 0,
        sequence: int = 0,
    ) -> None:
        self.asset, self.at, self.held, self.wanted = asset, at, held, wanted
        self.place, self.sequence = place, sequence
        super().__init__(
            f"You held {held.normalize() + 0:f} {asset} on {at:%-d %B %Y at %H:%M} UTC, "
            f"less than the {wanted.normalize() + 0:f} {asset} that leave then."
        )
