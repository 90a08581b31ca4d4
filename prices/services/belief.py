"""Whether a price can be believed beside the prices around it. Decides only: reads and writes nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

NEIGHBOURHOOD = timedelta(days=7)  # snapshots further away than this say nothing about a price
JUMP, NEAR = 5, 2  # factors
CONFIRMING = 2  # so many further points, where there are so many, must stay near a new level
TOGETHER = timedelta(days=1)  # jumps further apart than this do not speak of the same event
APART = timedelta(hours=1)  # one source's points nearer than this may be one mistake said twice
MIX_UP = 3  # a whole batch off by more than this factor is in another unit or currency
SAME = Decimal("1.1")  # factors this close are one factor
ENOUGH_ASSETS = 3  # fewer have no majority worth the name

Pair = tuple[datetime, Decimal]


@dataclass(frozen=True, slots=True)
class Said:
    """A price, and who said it of when."""

    at: datetime
    price: Decimal
    source: str


def is_believable(
    price: Decimal, before: Sequence[Decimal], after: Decimal | None, following: Sequence[Decimal]
) -> bool:
    """Whether a price fits its neighbours: `levels_before` it, the stored one after it within 7 days (or
    None), and the next ones of its own batch (of other instants or sources: `apart`).

    It fits when it lies within a factor of 5 of a level before it or of the stored price after it. A new
    level with nothing stored after it is believed when the next points of the same batch (two, or one if
    there is but one) stay within a factor of 2 of it.
    """
    if any(not differ(price, level, JUMP) for level in before):
        return True
    if after is not None:
        return not differ(price, after, JUMP)
    return bool(following) and not any(differ(price, other, NEAR) for other in following)


def fits_its_batch(price: Decimal, beside: Sequence[Decimal]) -> bool:
    """Whether a price with nothing stored around it can be believed beside those of its own batch: when it
    is the only one, or one of them lies within a factor of 5 of it.
    """
    return not beside or any(not differ(price, other, JUMP) for other in beside)


def confirm(one: Said, other: Said, between: Iterable[Decimal]) -> bool:
    """Whether two prices that seem wild vouch for each other: near in value, within a day, told apart, and
    no price that is believed between them lies far off.
    """
    if abs(one.at - other.at) > TOGETHER or not apart(one, other) or differ(one.price, other.price, NEAR):
        return False
    return not any(differ(price, one.price, JUMP) for price in between)


def apart(one: Said, other: Said) -> bool:
    """Whether they are two testimonies: from two sources, or an hour apart."""
    return one.source != other.source or abs(one.at - other.at) >= APART


def levels_before(at: datetime, trail: Sequence[Pair]) -> list[Decimal]:
    """What may be believed of the time before `at`; `trail` holds the prices before it, oldest first.

    The last price, if within 7 days. Where that one jumped (after a silence nothing contradicts a price)
    and fewer than two further points have confirmed it, also the one it jumped from, however old.
    """
    last = within(at, trail[-1:])
    lately = [price for _, price in trail[-1 - CONFIRMING :]]
    return last + [price for price in lately if last and differ(price, last[0], JUMP)][-1:]


def is_mix_up(prices: Iterable[tuple[Decimal, Decimal]]) -> bool:
    """Whether most of a batch's assets are off by the same large factor; pairs of stored and offered."""
    factors = [offered / stored for stored, offered in prices]
    if len(factors) < ENOUGH_ASSETS:
        return False
    wild = [factor for factor in factors if factor >= MIX_UP or factor * MIX_UP <= 1]
    agreeing = (sum(not differ(factor, other, SAME) for other in factors) for factor in wild)
    return 2 * max(agreeing, default=0) > len(factors)


def differ(one: Decimal, other: Decimal, factor: Decimal | int) -> bool:
    return one > other * factor or other > one * factor


def within(at: datetime, neighbours: Sequence[Pair]) -> list[Decimal]:
    return [price for other, price in neighbours if abs(other - at) <= NEIGHBOURHOOD]
