"""Exchange rates: one a bank day for every currency that a figure can be shown in, as in the price pack.

What is missing is worked out anew from what is stored, so that every verb may be killed, run again, and run
beside itself. Which days have a rate is known without asking: see `bank_days`.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db.models import Max, Min

from prices.models import Asset, PriceSnapshot
from prices.selectors import DAY, GENESIS, is_dollar
from prices.services.bank_days import bank_days
from prices.services.gate import record_snapshots
from prices.services.offers import Offer
from prices.services.panel import Panel, Stopwatch
from prices.sources.frankfurter import PUBLISHED, Frankfurter

RECENT = timedelta(days=30)

Missing = dict[int, set[date]]  # by the currency's pk


@dataclass(slots=True)
class RatesReport:
    """New rates, days for which some currency still has none, and what went wrong, by source."""

    stored: int = 0
    missing: int = 0
    failures: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        missing = f"{self.missing:,} days without a rate" if self.missing else "no day is missing"
        return "; ".join([f"{self.stored:,} new exchange rates, {missing}", *self.failures.values()])


def fetch_rates(
    *, now: datetime, seconds: float = 20, clock: Callable[[], float] = time.monotonic
) -> RatesReport:
    """Store the rates of the last 30 days that are not stored yet. Never raises for a source."""
    return fill_rates(now - RECENT, now, now=now, seconds=seconds, clock=clock)


def fill_rates(
    since: datetime,
    until: datetime,
    *,
    now: datetime,
    currencies: Iterable[Asset] | None = None,
    seconds: float = 25,
    clock: Callable[[], float] = time.monotonic,
    moved: Callable[[date], None] = lambda _day: None,
) -> RatesReport:
    """Store the rates of [since, until] that are not stored yet, newest first, until the time is used up.

    `currencies` are looked through for missing days; whatever day is asked for is asked for all of them.
    `moved` is called with the day down to which they were asked for. Never raises for a source.
    """
    panel = Panel(Stopwatch.start(now, seconds, clock), settings.RATE_SOURCES)
    every = list(Asset.objects.fiat())
    wanted = every if currencies is None else list(currencies)
    first, last = _span(since, min(until, now))
    report = RatesReport(failures=panel.failures)
    for source in panel:
        ours = [asset for asset in wanted if asset.id_at(source.name)]
        for window in _windows(missing_rates(ours, first, last), source.page):
            if not isinstance(source, Frankfurter) or panel.watch.is_up():
                break
            offers = _ask(panel, source, every, window)
            if offers is None:
                break
            done = record_snapshots(offers, now=panel.watch.present(), source=source.name)
            report.stored += len(done.stored)
            moved(window[0])
    report.missing = len(missing_days(wanted, since, min(until, now)))
    return report


def missing_days(currencies: list[Asset], since: datetime, until: datetime) -> set[date]:
    """The bank days whose rates stand in [since, until] and that some of the currencies lacks."""
    return set().union(*missing_rates(currencies, *_span(since, until)).values())


def missing_rates(currencies: list[Asset], first: date, last: date) -> Missing:
    """By currency the bank days in [first, last] that want a rate, and have none.

    Outside of the time from its first rate to its last a currency wants one only on days that no currency
    has: whoever asked for a day asked for all, and the bank did not always quote each.
    """
    stored = _stored_days(currencies, first, last)
    known = set().union(*stored.values())
    ends = _ends(currencies)
    days = set(bank_days(first, last))
    return {
        asset.pk: {day for day in days - stored[asset.pk] if _wants(ends.get(asset.pk), day, known)}
        for asset in currencies
        if not is_dollar(asset)
    }


def _wants(ends: tuple[date, date] | None, day: date, known: set[date]) -> bool:
    return ends is None or day not in known or ends[0] <= day <= ends[1]


def _stored_days(currencies: list[Asset], first: date, last: date) -> Missing:
    rows = PriceSnapshot.objects.filter(
        asset__in=currencies, at__gte=_midnight(first), at__lt=_midnight(last) + DAY
    )
    stored: Missing = {asset.pk: set() for asset in currencies}
    for pk, at in rows.order_by().values_list("asset_id", "at"):
        stored[pk].add(at.astimezone(UTC).date())
    return stored


def _ends(currencies: list[Asset]) -> dict[int, tuple[date, date]]:
    rows = PriceSnapshot.objects.filter(asset__in=currencies).order_by().values("asset_id")
    pairs = rows.annotate(first=Min("at"), last=Max("at")).values_list("asset_id", "first", "last")
    return {pk: (first.astimezone(UTC).date(), last.astimezone(UTC).date()) for pk, first, last in pairs}


def _windows(missing: Missing, page: int) -> Iterator[tuple[date, date]]:
    """Spans of a page of days at most that hold all the missing ones, newest first."""
    days = sorted(set().union(*missing.values()))
    while days:
        first = max(days[-1] - (page - 1) * DAY, days[0])
        yield min(day for day in days if day >= first), days[-1]
        days = [day for day in days if day < first]


def _ask(
    panel: Panel, source: Frankfurter, currencies: list[Asset], window: tuple[date, date]
) -> list[Offer] | None:
    """What the source says of the window's days, without what is not true yet; None without an answer."""
    codes = {code: asset for asset in currencies if (code := asset.id_at(source.name))}
    found = panel.ask(source, lambda: source.rates(sorted(codes), *window))
    if found is None:
        return None
    present = panel.watch.present()
    points = ((codes[code], point) for code, points in found.items() for point in points)
    return [Offer(asset, p.at, p.price) for asset, p in points if p.at and p.at <= present]


def _span(since: datetime, until: datetime) -> tuple[date, date]:
    """The first and the last day whose rates stand in [since, until]."""
    first, last = max(since, GENESIS).astimezone(UTC), until.astimezone(UTC)
    begins_later = first > datetime.combine(first.date(), PUBLISHED)
    ends_before = last < datetime.combine(last.date(), PUBLISHED)
    return first.date() + begins_later * DAY, last.date() - ends_before * DAY


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
