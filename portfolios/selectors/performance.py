"""Returns: time-weighted (what the choice of assets earned) and money-weighted (what the money earned), and
how much the growth swung.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import SupportsFloat

from portfolios.ledger import Flow, Growth, annualised, drawdown_of_returns, volatility
from portfolios.models import Portfolio
from portfolios.selectors.flows import Gap, flows_of
from portfolios.selectors.memory import Memory, forgetful
from portfolios.selectors.moves import moves
from portfolios.selectors.unpriced import Reason, Unpriced, at_flow
from portfolios.selectors.xirr import money_weighted
from prices.selectors import DAY, floor

YEAR = 365  # act/365
ANNUALISED_FROM = 90  # days; a shorter span is not blown up to a year
NOTHING = "Nothing is recorded yet."
NO_RATE = "No rate turns these flows into today's value."
UNVALUED = "The value now is unknown."


@dataclass(frozen=True, slots=True)
class Returns:
    """Fractions; None with a reason where there is none. `growth` is what 1 became, by UTC midnight and now.

    `volatility` and `max_drawdown` are those of the daily time-weighted returns.
    """

    twr: float | None
    twr_reason: Reason
    xirr: float | None
    xirr_reason: Reason
    annualised: bool  # whether xirr is a yearly rate, or that of the whole (short) span
    twr_per_year: float | None = None
    max_drawdown: float | None = None
    volatility: float | None = None
    growth: tuple[tuple[datetime, float | None], ...] = ()


@dataclass
class Track:
    """What the flows up to a midnight came to; `unknown` names what one of them lacks to be told."""

    held: dict[int, Decimal] = field(default_factory=dict)  # by asset
    growth: Growth = field(default_factory=Growth)
    line: list[tuple[datetime, float | None]] = field(default_factory=list)  # growth at midnights
    dated: dict[date, float] = field(default_factory=dict)  # money out less money in
    at_midnight: dict[date, float] = field(default_factory=dict)  # the part of it at the day's first instant
    began: datetime | None = None
    unknown: Unpriced | None = None


def returns(
    portfolios: Sequence[Portfolio],
    *,
    currency: str,
    value: SupportsFloat | None,
    now: datetime,
    memory: Memory | None = None,
    unvalued: Reason = UNVALUED,
) -> Returns:
    """Return what these portfolios together earned until `now`, at `value` in `currency`.

    Without a value for the reason `unvalued`. With a memory, what was up to the last midnight is gone through
    only once.
    """
    if value is None:
        return _none(unvalued)
    track = tracked(portfolios, currency=currency, now=now, memory=memory)
    if track.began is None:
        return _none(NOTHING)
    if track.unknown:
        return _none(track.unknown)
    end = Flow(now, float(value), 0.0, 0.0, float(value))
    rate, is_yearly = _money_weighted(track, end)
    reason = "" if rate is not None else NO_RATE
    return _with_growth(track, end, Returns(None, "Nothing was invested.", rate, reason, is_yearly))


def tracked(
    portfolios: Sequence[Portfolio], *, currency: str, now: datetime, memory: Memory | None = None
) -> Track:
    """Return what the flows of these portfolios together came to until `now`."""
    midnight = floor(now, DAY)
    recall = memory or forgetful(now)
    track = recall.recall("track", lambda: _go_on(Track(), portfolios, currency, midnight))
    return _go_on(copy_of(track), portfolios, currency, now, since=midnight)


def _none(reason: Reason) -> Returns:
    return Returns(None, reason, None, reason, annualised=False)


def copy_of(track: Track) -> Track:
    """To go on from, while what is remembered stays as it is."""
    dated, at_midnight = dict(track.dated), dict(track.at_midnight)
    line, held = list(track.line), dict(track.held)
    return replace(
        track, growth=copy(track.growth), line=line, dated=dated, at_midnight=at_midnight, held=held
    )


def _go_on(
    track: Track,
    portfolios: Sequence[Portfolio],
    currency: str,
    until: datetime,
    since: datetime | None = None,
) -> Track:
    """Take what was booked in (since, until], and the midnights between."""
    booked = moves(portfolios, currency, since=since, until=until)
    if track.unknown or not booked:
        return track
    track.began = track.began or booked[0].at
    for flow, is_midnight in flows_of(booked, currency, until, track.held):
        if isinstance(flow, Gap):
            track.unknown = at_flow(flow, portfolios, currency, until)
            return track
        grown = track.growth.after(flow)
        if is_midnight:
            track.line.append((flow.at, grown))
        day, flowed = flow.at.date(), flow.money_out - flow.money_in
        track.dated[day] = track.dated.get(day, 0.0) + flowed
        if flow.at == floor(flow.at, DAY):
            track.at_midnight[day] = track.at_midnight.get(day, 0.0) + flowed
    for move in booked:
        track.held[move.key[1]] = track.held.get(move.key[1], Decimal(0)) + move.quantity
    return track


def _with_growth(track: Track, end: Flow, found: Returns) -> Returns:
    """Add what follows from the growth at each midnight and at the end."""
    grown = track.growth.after(end)
    if grown is None or track.began is None:
        return found
    days = days_between(track.began, end.at)
    line = [(at, one) for at, one in track.line if at < end.at] + [(end.at, grown)]
    levels = [1.0, *(1.0 if one is None else one for _, one in line)]
    daily = [after / before - 1 for before, after in pairwise(levels) if before]
    return replace(
        found,
        twr=grown - 1,
        twr_reason="",
        twr_per_year=annualised(grown - 1, days) if days >= ANNUALISED_FROM else None,
        max_drawdown=drawdown_of_returns(daily),
        volatility=volatility(daily),
        growth=tuple(line),
    )


def _money_weighted(track: Track, end: Flow) -> tuple[float | None, bool]:
    """The money-weighted rate until the end, and whether it is a yearly one."""
    assert track.began is not None
    today = end.at.date()
    dated = track.dated | {today: track.dated.get(today, 0.0) + end.value_after}
    return rate_between(dated, track.began.date(), today)


def rate_between(dated: Mapping[date, float], first: date, last: date) -> tuple[float | None, bool]:
    """The money-weighted rate of flows, and whether it is a yearly one; un-annualised below 90 days."""
    rate = money_weighted(list(dated.items()))
    if rate is None:
        return None, False
    days = (last - first).days
    return (rate, True) if days >= ANNUALISED_FROM else ((1 + rate) ** (days / YEAR) - 1, False)


def days_between(since: datetime, until: datetime) -> int:
    """Days by the UTC calendar, in which both returns are told by the year: so one flow alone earns the same
    by either.
    """
    return (until.date() - since.date()).days
