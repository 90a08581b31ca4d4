"""The price gate: the one place where a price is written, whoever offers it.

What is not certainly a price at a plausible time is refused, said in the log and kept in quarantine. A
stored price is changed by a better source, by a person, or while its hour is open; each leaves a trace.
"""

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.db import transaction

from prices.selectors import GENESIS
from prices.services import quarantine, shelf
from prices.services.belief import is_mix_up
from prices.services.offers import Offer, Recorded, Refusal
from prices.services.soundness import cut, fault_of
from prices.services.weighing import Case, Weighed, first_prices, weigh

logger = logging.getLogger(__name__)

__all__ = ["GENESIS", "NOBODY", "Offer", "Recorded", "Refusal", "Voucher", "record_snapshots"]

MIXED_UP = "most assets of its batch are off by the same factor: another unit or currency"
TWICE = "the same batch gives another price for that instant"


@dataclass(frozen=True, slots=True)
class Voucher:
    """Who stands for a batch, and why it is offered: a person, or the file of another installation.

    `checked`: the jumps are believed too.
    """

    by: str = ""
    why: str = ""
    checked: bool = False


NOBODY = Voucher()


def record_snapshots(
    offers: Iterable[Offer], *, now: datetime, source: str, voucher: Voucher = NOBODY
) -> Recorded:
    """Store what is believable and new, in any order, as often as you like. Never raises for a bad price.

    The whole batch is looked through before anything is written. What is refused waits in quarantine;
    a jump that this batch confirms is released from there and stored too.
    """
    sound, refused = _sift(offers, source, now)
    batches = _by_asset(sound)
    with transaction.atomic():
        newest = shelf.newest(batches)
        cases = _cases(batches)
        if not voucher.checked and is_mix_up(first_prices(cases)):
            refused += [Refusal(offer, MIXED_UP) for offer in sound.values()]
            cases = []
        weighed = [weigh(case, now, checked=voucher.checked) for case in cases]
        refused += [refusal for each in weighed for refusal in each.refused]
        released = _write(weighed, newest, voucher, now)
        quarantine.keep(refused, now=now)
    _tell(refused, source)
    return _recorded(weighed, refused, released)


def _sift(
    offers: Iterable[Offer], source: str, now: datetime
) -> tuple[dict[tuple[int, datetime], Offer], list[Refusal]]:
    """Sound offers by (asset, instant), duplicates collapsed, and those refused on their own account."""
    sound: dict[tuple[int, datetime], Offer] = {}
    refused = []
    for offer in offers:
        if fault := fault_of(offer.price, offer.at, now):
            refused.append(Refusal(_signed(offer, source), fault))
            continue
        exact = _exact(offer, source)
        first = sound.setdefault((exact.asset.id, exact.at), exact)
        if first.price != exact.price:
            refused.append(Refusal(_signed(offer, source), TWICE))
    return sound, refused


def _exact(offer: Offer, source: str) -> Offer:
    """The offer in UTC, signed, without digits that no column holds."""
    at = offer.at if offer.at.tzinfo is UTC else offer.at.astimezone(UTC)
    return Offer(offer.asset, at, cut(offer.price), offer.source or source, offer.place)


def _signed(offer: Offer, source: str) -> Offer:
    return offer if offer.source else replace(offer, source=source)


def _by_asset(sound: dict[tuple[int, datetime], Offer]) -> dict[int, list[Offer]]:
    """By asset pk its offers, oldest first."""
    by_asset: dict[int, list[Offer]] = {}
    for key in sorted(sound):
        by_asset.setdefault(key[0], []).append(sound[key])
    return by_asset


def _cases(batches: dict[int, list[Offer]]) -> list[Case]:
    waiting = quarantine.witnesses(batches)
    return [Case(points, shelf.around(points), waiting.get(pk, [])) for pk, points in batches.items()]


def _write(
    weighed: list[Weighed], newest: dict[int, datetime | None], voucher: Voucher, now: datetime
) -> list[Offer]:
    """Store what was believed, note what it replaced, and free the jumps that it confirms."""
    stored = [offer for each in weighed for offer in each.stored]
    released = [offer for each in weighed for offer in quarantine.release(each.confirmed, now=now)]
    changes = {id(offer): before for each in weighed for offer, before in each.changed}
    shelf.put([offer for offer in stored if id(offer) not in changes] + released)
    shelf.change([(offer, changes[id(offer)]) for offer in stored if id(offer) in changes])
    traced = stored if voucher.by else [offer for offer in stored if id(offer) in changes]
    shelf.note(traced, changes, by=voucher.by, why=voucher.why, now=now)
    shelf.raise_versions(stored + released, newest)
    return released


def _recorded(weighed: list[Weighed], refused: list[Refusal], released: list[Offer]) -> Recorded:
    return Recorded(
        tuple(offer for each in weighed for offer in each.stored),
        tuple(offer for each in weighed for offer in each.known),
        tuple(refused),
        tuple(offer for each in weighed for offer, _ in each.changed),
        tuple(released),
    )


def _tell(refused: list[Refusal], source: str) -> None:
    """One warning per asset and reason, however many prices it concerns."""
    examples = {(refusal.offer.asset.symbol, refusal.reason): refusal.offer for refusal in reversed(refused)}
    counts = Counter((refusal.offer.asset.symbol, refusal.reason) for refusal in refused)
    for (symbol, reason), count in counts.items():
        offer = examples[symbol, reason]
        logger.warning(
            "refused %d of %s from %s: %s (first: %.60r at %.40s)",
            *(count, symbol, source, reason, offer.price, offer.at),
        )
