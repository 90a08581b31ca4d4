"""The read models are written here, and nowhere else: whatever a change touches is booked anew."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from secrets import randbits
from typing import Any

from django.core.exceptions import ValidationError

from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import FIGURES, DailyPosition, Portfolio, Transaction
from portfolios.selectors.entries import first_of
from portfolios.selectors.fresh import Fresh, UnknownRate, differing, fresh
from portfolios.selectors.verification import assets_of
from prices.fields import CEILING
from prices.models import Asset

BATCH = 500  # rows in one statement
VERSION_BITS = 62  # what a database's big integer holds


def book_anew(
    portfolios: Sequence[Portfolio], assets: Iterable[Asset], since: datetime | None = None
) -> None:
    """Book assets of portfolios, and of those that exchanged them with these, and write what differs.

    What was booked before the UTC day of `since` stands, and is gone on from. Raises ValidationError;
    HoldingWouldBeNegative about what runs short first, which names the portfolio where it is not the first of
    these.
    """
    _write(try_anew(portfolios, assets, since))
    # All of the owner's: in another currency their figures may hang on this change. And no counter: after a
    # rollback the same count would stand for other books.
    everything = Portfolio.objects.filter(owner=portfolios[0].owner_id)
    everything.update(books_version=randbits(VERSION_BITS))


def try_anew(
    portfolios: Sequence[Portfolio], assets: Iterable[Asset], since: datetime | None = None
) -> list[Fresh]:
    """What `book_anew` would write, refused as there."""
    found: dict[tuple[int, int], Fresh] = {}
    refusals: list[HoldingWouldBeNegative] = []
    for asset in assets:
        for each in portfolios:
            if (each.pk, asset.pk) in found:
                continue
            try:
                booked = _fresh(each, asset, since)
            except HoldingWouldBeNegative as refusal:
                refusals.append(refusal)
            else:
                found |= {(one.portfolio.pk, asset.pk): one for one in booked}
    if refusals:
        raise first_of(refusals, portfolios[0])
    for one in found.values():
        _refuse_what_does_not_fit(one)
    return list(found.values())


def rebuild(portfolio: Portfolio) -> None:
    """Book everything of a portfolio anew."""
    book_anew([portfolio], assets_of(portfolio))


def _write(found: Iterable[Fresh]) -> None:
    """Drop what is not wanted any more or differs, of all assets, and then write what differs."""
    wanted: dict[type, list[Any]] = defaultdict(list)
    rated: dict[int, Transaction] = {}
    for one in found:
        rated |= {row.pk: row for row in one.rated}
        for model, rows in one.rows.items():
            pairs = list(differing(model, one.stored(model), rows))
            dropped = [old.pk for old, _, _ in pairs if old is not None]
            for some in batched(dropped):
                model.objects.filter(pk__in=some).delete()  # type: ignore[attr-defined]
            wanted[model] += [row for _, row, _ in pairs if row is not None]
    Transaction.objects.bulk_update(rated.values(), ["other_rates"], batch_size=BATCH)
    for model, rows in wanted.items():
        model.objects.bulk_create(rows, batch_size=BATCH)  # type: ignore[attr-defined]


def batched(keys: list[int]) -> Iterator[list[int]]:
    """As many as a database takes in one statement."""
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


def _fresh(portfolio: Portfolio, asset: Asset, since: datetime | None) -> list[Fresh]:
    try:
        return fresh(portfolio, asset, since)
    except UnknownRate:
        raise ValidationError(
            f"{asset.symbol} came from a portfolio in another currency, and an exchange rate of that time is "
            "not known. Keep what exchanges coins in one currency."
        ) from None


def _refuse_what_does_not_fit(one: Fresh) -> None:
    for row in one.rows[DailyPosition]:
        if any(abs(getattr(row, name)) >= CEILING for name in FIGURES):
            passed = f"With this, the books of {one.asset.symbol} would pass what can be kept (20 digits)."
            raise ValidationError({"quantity": passed})
