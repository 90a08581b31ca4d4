"""What is offered to the gate, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prices.models import Asset


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody says the price was: US dollars per unit. Not believed yet, so `price` may be anything.

    `source` only where it is not the one of the whole batch; `place` where in a file it stood: "line 17".
    """

    asset: Asset
    at: datetime
    price: Any
    source: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An offer that was not stored, and why. A jump may still be confirmed by another price."""

    offer: Offer
    reason: str
    is_jump: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a batch. `stored` and `known` (there already, unchanged) hold the offers themselves.

    `changed` are those of `stored` that took the place of another price; `released` are earlier offers,
    refused as jumps then, that this batch confirmed.
    """

    stored: tuple[Offer, ...]
    known: tuple[Offer, ...]
    refused: tuple[Refusal, ...]
    changed: tuple[Offer, ...] = ()
    released: tuple[Offer, ...] = ()
