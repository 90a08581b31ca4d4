"""One asset's offers beside what is stored around them: which are new, known, better, or hard to believe.

Decides only. What it is given was read before; what it decides is written by the gate.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from prices.models import RefusedPrice
from prices.selectors import HOUR, ceiling
from prices.services.belief import (
    CONFIRMING,
    JUMP,
    NEIGHBOURHOOD,
    Pair,
    Said,
    apart,
    confirm,
    differ,
    fits_its_batch,
    is_believable,
    levels_before,
    within,
)
from prices.services.offers import Offer, Refusal

JUMPED = f"it lies more than {JUMP} times off its neighbours, and nothing confirms that"
MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Case:
    """One asset's sound offers, what is stored around them, both oldest first, and jumps that wait there."""

    points: list[Offer]
    stored: list[Said]
    waiting: list[RefusedPrice]


@dataclass(slots=True)
class Weighed:
    """`stored` are to be stored; `changed` are those of them that replace a stored price. `confirmed` are
    waiting jumps that they make credible.
    """

    stored: list[Offer] = field(default_factory=list)
    changed: list[tuple[Offer, Said]] = field(default_factory=list)
    known: list[Offer] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    confirmed: list[RefusedPrice] = field(default_factory=list)


def weigh(case: Case, now: datetime, *, checked: bool = False) -> Weighed:
    """Decide about each offer. `checked`: somebody vouches for jumps."""
    weighed = Weighed()
    trail = Trail(case.stored)
    for number, offer in enumerate(case.points):
        before = trail.advance(offer.at)
        if before and (before.price == offer.price or not may_replace(offer, before, now)):
            trail.add(offer.at, before.price)
            weighed.known.append(offer)
        elif checked or _is_believed(number, case, trail):
            trail.add(offer.at, offer.price)
            weighed.stored.append(offer)
            if before:
                weighed.changed.append((offer, before))
        else:
            if before:
                trail.add(offer.at, before.price)
            weighed.refused.append(Refusal(offer, JUMPED, is_jump=True))
    weighed.confirmed = [row for row in case.waiting if _is_confirmed(row, weighed.stored, trail)]
    return weighed


def may_replace(offer: Offer, stored: Said, now: datetime) -> bool:
    """A better source may; the same rank while the hour is open that the price stands in, and by hand."""
    mine, theirs = rank(offer.source), rank(stored.source)
    if mine != theirs:
        return mine < theirs
    return offer.source == MANUAL or now < ceiling(offer.at, HOUR)


def rank(source: str) -> int:
    """The smaller, the better: a person, the price sources in their order, then files and packs."""
    if source == MANUAL:
        return 0
    order: Sequence[str] = settings.PRICE_SOURCES
    return 1 + (order.index(source) if source in order else len(order))


def first_prices(cases: Iterable[Case]) -> Iterator[tuple[Decimal, Decimal]]:
    """Each asset's last stored price, whatever its age, and the first one offered after it."""
    for case in cases:
        first = case.points[0]
        before = [said.price for said in case.stored if said.at <= first.at]
        if before:
            yield before[-1], first.price


class Trail:
    """What is believed so far, oldest first, as the offers are walked along; and what is stored ahead."""

    def __init__(self, stored: Sequence[Said]) -> None:
        self.believed: list[Pair] = []
        self._stored = stored
        self._passed = 0

    def advance(self, at: datetime) -> Said | None:
        """Walk up to an instant; what is stored there, or None."""
        stored = self._stored
        while self._passed < len(stored) and stored[self._passed].at < at:
            self.add(stored[self._passed].at, stored[self._passed].price)
            self._passed += 1
        if self._passed < len(stored) and stored[self._passed].at == at:
            self._passed += 1
            return stored[self._passed - 1]
        return None

    def add(self, at: datetime, price: Decimal) -> None:
        self.believed.append((at, price))

    def after(self, at: datetime) -> Decimal | None:
        """The stored price ahead, if it is near enough in time to say something."""
        ahead = [(said.at, said.price) for said in self._stored[self._passed : self._passed + 1]]
        return next(iter(within(at, ahead)), None)

    def between(self, one: datetime, other: datetime) -> Iterator[Decimal]:
        """What is believed of the time from one to the other."""
        first, last = sorted((one, other))
        ahead = ((said.at, said.price) for said in self._stored[self._passed :])
        for pairs in (self.believed, ahead):
            yield from (price for at, price in pairs if first <= at <= last)


def _is_believed(number: int, case: Case, trail: Trail) -> bool:
    offer = case.points[number]
    if trail.believed:  # nearly always enough, and quick
        at, price = trail.believed[-1]
        if offer.at - at <= NEIGHBOURHOOD and not differ(price, offer.price, JUMP):
            return True
    after = trail.after(offer.at)
    before = levels_before(offer.at, trail.believed)
    if not before and after is None and _fits_its_batch(number, case.points):
        return True
    if (before or after) and is_believable(offer.price, before, after, _following(number, case.points)):
        return True
    if after is not None:  # what stands on both sides of it is the better witness
        return False
    said = _said(offer)
    return any(
        confirm(said, other, trail.between(said.at, other.at)) for other in map(_waiting, case.waiting)
    )


def _fits_its_batch(number: int, points: Sequence[Offer]) -> bool:
    offer = points[number]
    near = [*points[max(number - CONFIRMING, 0) : number], *points[number + 1 : number + 1 + CONFIRMING]]
    return fits_its_batch(offer.price, within(offer.at, [(other.at, other.price) for other in near]))


def _following(number: int, points: Sequence[Offer]) -> list[Decimal]:
    """The next prices of the batch, if one of them is a testimony of its own."""
    offer, following = points[number], points[number + 1 : number + 1 + CONFIRMING]
    if not any(apart(_said(offer), _said(other)) for other in following):
        return []
    return within(offer.at, [(other.at, other.price) for other in following])


def _is_confirmed(row: RefusedPrice, stored: Iterable[Offer], trail: Trail) -> bool:
    waiting = _waiting(row)
    return any(confirm(waiting, _said(offer), trail.between(waiting.at, offer.at)) for offer in stored)


def _said(offer: Offer) -> Said:
    return Said(offer.at, offer.price, offer.source)


def _waiting(row: RefusedPrice) -> Said:
    assert row.at is not None  # a jump has a sound time and a sound price
    return Said(row.at, Decimal(row.value), row.source)
