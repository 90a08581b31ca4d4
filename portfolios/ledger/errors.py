"""What the ledger refuses, said so that a user can read it."""

from datetime import datetime
from decimal import Decimal


class HoldingWouldBeNegative(Exception):
    """At `at` more of `asset` would leave than the `held` units; the first moment at which that happens."""

    def __init__(self, *, asset: str, at: datetime, held: Decimal, wanted: Decimal) -> None:
        self.asset, self.at, self.held, self.wanted = asset, at, held, wanted
        super().__init__(
            f"You held {held.normalize() + 0:f} {asset} on {at:%-d %B %Y at %H:%M} UTC, "
            f"less than the {wanted.normalize() + 0:f} {asset} that leave then."
        )
