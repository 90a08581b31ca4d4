"""Performance in a period: what 1 became from UTC midnight to UTC midnight, by month, and beside Bitcoin.

Every period is cut out of one line, which is gone through once and remembered. Growth is a float: it
describes money, it never is money.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import accumulate, pairwise
from typing import SupportsFloat

from portfolios.ledger import Flow, annualised, drawdown_of_returns, volatility
from portfolios.models import Portfolio
from portfolios.selectors.figures import Overview
from portfolios.selectors.history import known, thinned
from portfolios.selectors.memory import Memory
from portfolios.selectors.performance import (
    ANNUALISED_FROM,
    NO_RATE,
    NOTHING,
    Returns,
    Track,
    days_between,
    rate_between,
    tracked,
)
from portfolios.selectors.periods import Bridge, Contribution, bridge, contributions
from portfolios.selectors.unpriced import Reason, Unpriced, unpriced_at
from portfolios.selectors.valuing import prices_in
from prices.selectors import DAY, ceiling, floor, rate_asset

UNKNOWN_END = "A price at the start or at the end of the period is unknown."
NO_TIME = "No time has passed in this period."
Levels = tuple[float | None, ...]  # None is unknown


@dataclass(frozen=True, slots=True)
class Grown:
    """What 1 became: at the start, at each UTC midnight and at the end. None: a price of then is unknown."""

    at: tuple[datetime, ...] = ()
    level: Levels = ()

    def between(self, since: datetime, until: datetime) -> "Grown":
        """The part of it that begins at a UTC midnight, or with the line, as growth from there."""
        kept = [(at, one) for at, one in zip(self.at, self.level, strict=True) if since <= at <= until]
        if len(kept) < 2:
            return Grown()
        first = kept[0][1]
        return Grown(tuple(at for at, _ in kept), tuple(_over(one, first) for _, one in kept))

    def thinned(self) -> "Grown":
        """At most as many points as a chart shows, evenly picked, first and last kept."""
        levels = dict(zip(self.at, self.level, strict=True))
        at = thinned(list(self.at))
        return Grown(tuple(at), tuple(levels[each] for each in at))

    @property
    def falls(self) -> Levels:
        """How far below its highest so far it stands, as fractions from −1 to 0."""
        peaks = accumulate((0.0 if one is None else one for one in self.level), max)
        return tuple(
            None if one is None or not peak else one / peak - 1
            for one, peak in zip(self.level, peaks, strict=True)
        )

    @property
    def swings(self) -> list[float]:
        """The returns from each known point to the next."""
        levels = [one for one in self.level if one is not None]
        return [after / before - 1 for before, after in pairwise(levels) if before]


@dataclass(frozen=True, slots=True)
class YearOfReturns:
    """Time-weighted returns of a year's UTC months, and of the year as far as it is lived; fractions.

    None before the first transaction, after the end, and where a price at either end is unknown.
    """

    year: int
    months: Levels
    whole: float | None


@dataclass(frozen=True, slots=True)
class Performance:
    """What some portfolios together earned in a period; `returns.growth` is its line, from the start on.

    `began` is the first transaction of all. `since` is None where nothing is recorded yet. `flows` are those
    that the money-weighted rate is made of, by day: money in is negative, and what was held at the start.
    """

    began: datetime | None
    since: datetime | None
    until: datetime
    returns: Returns
    bridge: Bridge
    contributions: tuple[Contribution, ...] = ()
    grown: Grown = field(default_factory=Grown)
    flows: tuple[tuple[date, float], ...] = ()
    years: tuple[YearOfReturns, ...] = ()


def performance(
    portfolios: Sequence[Portfolio],
    *,
    whole: Overview,
    since: datetime | None,
    until: datetime,
    now: datetime,
    memory: Memory | None = None,
) -> Performance:
    """Return what these portfolios together earned from `since` (None: the beginning) to `until`.

    Both are UTC midnights, or `until` is `now`, of which `whole` is the overview. A period that begins before
    the first transaction begins with it. With a memory, what was up to the last midnight is found only once.
    """
    currency, value = whole.currency, None if whole.prices.missing else whole.value
    end = whole if until == now else None
    track = tracked(portfolios, currency=currency, now=now, memory=memory)
    began = track.began
    if began is None or began >= until:
        empty = bridge(portfolios, currency=currency, since=since or until, until=until, end=end)
        return Performance(began, None, until, _none(NOTHING), empty)
    first = max(since or began, began)
    start = first - datetime.resolution if first == began else first  # the first transaction belongs to it
    led = bridge(portfolios, currency=currency, since=start, until=until, end=end, memory=memory)
    line = _line(track, now, value)
    cut = line.between(first, until)
    flows = _dated(track, led, first, until)
    return Performance(
        began=began,
        since=first,
        until=until,
        returns=_earned(track, flows, cut, led, first, until),
        bridge=led,
        contributions=contributions(led),
        grown=cut,
        flows=tuple(sorted(flows.items())),
        years=years_of(line),
    )


def bitcoin_instead(currency: str, moments: Sequence[datetime]) -> Levels:
    """What 1 in a currency became in Bitcoin bought at the first moment; None where no price is known."""
    bitcoin = rate_asset("BTC")
    if bitcoin is None or not moments:
        return (None,) * len(moments)
    prices = known(prices_in(currency, [bitcoin], moments)[bitcoin.pk])
    return tuple(_over(price, prices[0]) for price in prices)


def years_of(line: Grown) -> tuple[YearOfReturns, ...]:
    """Return the years of a line, newest first."""
    if not line.at:
        return ()
    levels = dict(zip(line.at, line.level, strict=True))
    first, last = line.at[0], line.at[-1]

    def growth(start: datetime, end: datetime) -> float | None:
        if end <= first or start >= last:
            return None
        factor = _over(levels.get(min(end, last)), levels.get(max(start, first)))
        return None if factor is None else factor - 1

    return tuple(
        YearOfReturns(
            year,
            tuple(growth(_month(year, month), _month(year, month + 1)) for month in range(12)),
            growth(_month(year, 0), _month(year, 12)),
        )
        for year in range((last - datetime.resolution).year, first.year - 1, -1)
    )


def _month(year: int, month: int) -> datetime:
    """When a month begins, counted from 0."""
    return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)


def _over(level: float | None, first: float | None) -> float | None:
    return None if level is None or not first else level / first


def _earned(
    track: Track, flows: Mapping[date, float], line: Grown, led: Bridge, first: datetime, until: datetime
) -> Returns:
    """Unknown altogether where a price at a flow in the period, or before it, is."""
    is_told = flows and line.level and line.level[-1] is not None
    lacking = None if is_told else _lacking(line, led, first, until)
    if track.unknown and (not line.level or line.level[-1] is None or led.end_value is None):
        return _none(track.unknown if track.unknown.at <= until else lacking or track.unknown)
    return _returns(flows, line, first, until, lacking or UNKNOWN_END)


def _lacking(line: Grown, led: Bridge, first: datetime, until: datetime) -> Unpriced | None:
    """What keeps an end of the period from being told: a price, or an exchange rate, of then."""
    if led.unvalued:
        return led.unvalued
    levels = dict(zip(line.at, line.level, strict=True))
    for end, at in ((led.start, first), (led.end, until)):
        held = [each.asset for each in end.open_holdings]
        lost = unpriced_at(held, end.currency, at) if levels.get(at, 0.0) is None else None
        if lost:
            return lost
    return None


def _none(reason: Reason) -> Returns:
    return Returns(None, reason, None, reason, annualised=False)


def _line(track: Track, now: datetime, value: SupportsFloat | None) -> Grown:
    """The whole line: 1 at the first transaction, the midnights after it, and what it has become by now.

    From a flow on whose price is unknown it is unknown; what was earned before stays told.
    """
    assert track.began is not None
    levels = {at: 1.0 if one is None else one for at, one in track.line}  # nothing had grown yet
    first = ceiling(track.began + datetime.resolution, DAY)
    midnights = [first + DAY * number for number in range((now - first) // DAY + 1)] if first <= now else []
    midnights = [at for at in midnights if at < now]
    at = [track.began, *midnights, now]
    if track.unknown and not levels:
        return Grown(tuple(at), (None,) * len(at))
    end = None if track.unknown else _end(track, now, value)
    return Grown(tuple(at), (1.0, *(levels.get(each) for each in midnights), end))


def _end(track: Track, now: datetime, value: SupportsFloat | None) -> float | None:
    if value is None:
        return None
    grown = copy(track.growth).after(Flow(now, float(value), 0.0, 0.0, float(value)))
    return 1.0 if grown is None else grown


def _returns(
    flows: Mapping[date, float], line: Grown, first: datetime, until: datetime, lacking: Reason
) -> Returns:
    """The money-weighted rate too is none where the value at an end is unknown: then so are the flows."""
    rate, is_yearly = rate_between(flows, first.date(), until.date()) if flows else (None, False)
    reason = "" if rate is not None else NO_RATE if flows else lacking
    found = Returns(None, lacking if line.at else NO_TIME, rate, reason, is_yearly)
    grown = line.level[-1] if line.level else None
    if grown is None:
        return found
    days = days_between(first, until)
    return replace(
        found,
        twr=grown - 1,
        twr_reason="",
        twr_per_year=annualised(grown - 1, days) if days >= ANNUALISED_FROM else None,
        max_drawdown=drawdown_of_returns(line.swings),
        volatility=volatility(line.swings),
        growth=tuple(zip(line.at, line.level, strict=True)),
    )


def _dated(track: Track, led: Bridge, first: datetime, until: datetime) -> dict[date, float]:
    """The flows by day: what was held at the start is paid in, what is held at the end paid out. Empty where
    the value at either end is unknown.
    """
    if led.start.prices.missing or led.end.prices.missing or None in (led.start.value, led.end.value):
        return {}
    start, end = first.date(), until.date()
    dated = _flows(track, led, first, until)
    dated[start] = dated.get(start, 0.0) - float(led.start.value or 0)
    dated[end] = dated.get(end, 0.0) + float(led.end.value or 0)
    return dated


def _flows(track: Track, led: Bridge, first: datetime, until: datetime) -> dict[date, float]:
    """Flows by day in the time of the bridge: of a midnight at its end, those of that instant alone."""
    start, end = first.date(), until.date()
    dated = {day: flow for day, flow in track.dated.items() if start <= day <= end}
    if led.start.as_of == first and start in dated:
        dated[start] -= track.at_midnight.get(start, 0.0)
    if until == floor(until, DAY) and end in dated:
        dated[end] = track.at_midnight.get(end, 0.0)
    return dated
