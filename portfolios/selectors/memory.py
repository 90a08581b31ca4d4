"""Remembering what does not change: lines and returns up to the last midnight, until a stamp says otherwise.

The stamp names everything that they follow from: each portfolio with the version of its books, each coin and
each currency with the version of its price history and its last price before that midnight. A change of any
of them makes another stamp, and what was remembered under the old one is asked for no more.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from django.core.cache import cache
from django.db.models import Q

from portfolios.models import Portfolio, left_out_of
from prices.models import Asset
from prices.selectors import DAY, floor, stamps

KEPT = 24 * 60 * 60  # seconds
Remembered = TypeVar("Remembered")


class Memory:
    """What is remembered of some portfolios in one currency, up to the UTC midnight before a moment."""

    def __init__(self, until: datetime, stamp: str | None) -> None:
        self.until, self.stamp = until, stamp

    def recall(self, name: str, find: Callable[[], Remembered]) -> Remembered:
        """Return what is remembered under a name, or find it and remember it."""
        if self.stamp is None:
            return find()
        key = key_of(f"{self.stamp}:{name}")
        found: Remembered | None = cache.get(key)
        if found is None:
            found = find()
            cache.set(key, found, KEPT)
        return found


def memory(portfolios: Sequence[Portfolio], assets: Iterable[Asset], currency: str, now: datetime) -> Memory:
    """Return the memory of these portfolios, which are about these assets; three queries. What is asked under
    another cost method is not remembered.
    """
    if not all(each.as_kept for each in portfolios):
        return forgetful(now)
    until = floor(now, DAY)
    without = sorted(left_out_of(portfolios))
    return Memory(until, f"{stamp(portfolios, assets, currency, until)}:{without}")


def stamp(portfolios: Sequence[Portfolio], assets: Iterable[Asset], currency: str, until: datetime) -> str:
    """Return what changes with the books, or with a price or a rate until then; three queries."""
    held, rates = Q(pk__in={asset.pk for asset in assets}), Q(symbol=currency) | Q(kind=Asset.Kind.FIAT)
    # As they are now, whenever the portfolios were read.
    mine = Portfolio.objects.filter(pk__in=[each.pk for each in portfolios]).order_by("pk")
    books = list(mine.values_list("pk", "created_at", "books_version"))
    return repr(
        ("books", currency, until, books, sorted(stamps(Asset.objects.filter(held | rates), until).items()))
    )


def key_of(label: str) -> str:
    """A label of any length as a key of the cache."""
    return hashlib.sha256(label.encode()).hexdigest()


def forgetful(now: datetime) -> Memory:
    """A memory that keeps nothing."""
    return Memory(floor(now, DAY), None)
