"""Outside flows with the value held just before and after each: what the time-weighted return is made of.

All that happens in one instant is one flow: the legs of a swap or a fee in coins are never told apart from
the trade that they belong to.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import accumulate, groupby
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from portfolios.ledger import Flow
from portfolios.selectors.moves import Move
from portfolios.selectors.valuing import Numbers, prices_in
from prices.models import Asset
from prices.selectors import DAY, ceiling


class Event(NamedTuple):
    """Everything that was booked in one instant; nothing at a midnight."""

    at: datetime
    moves: tuple[Move, ...] = ()

    def about(self, asset: int) -> list[Move]:
        return [move for move in self.moves if move.key[1] == asset]


class Gap(NamedTuple):
    """A flow that can't be told: of what was held or moved then, what has no price in the currency; and what
    was moved for money whose exchange rate is unknown.
    """

    at: datetime
    assets: tuple[Asset, ...]
    unrated: tuple[Asset, ...]

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(sorted({asset.symbol for asset in (*self.assets, *self.unrated)}))


class Values(NamedTuple):
    """At each event: what everything was worth before and after it, and the coins that came and went at
    market; and of what is held or moved there, what has no price.
    """

    before: list[float]
    after: list[float]
    worth_in: list[float]
    worth_out: list[float]
    lacking: Mapping[int, list[Asset]]
    assets: Mapping[int, Asset]


def flows_of(
    booked: Sequence[Move],
    currency: str,
    until: datetime,
    held: Mapping[int, Decimal],
    since: datetime | None = None,
) -> Iterator[tuple[Flow | Gap, bool]]:
    """Yield each flow, and whether it is that of a UTC midnight: a flow of nothing, where prices are known.

    A gap where a price at a flow is unknown. An asset that is traded is valued at its own price in that trade
    (several at one instant: at their mean, by quantity), the others at the market's. Income is a flow of
    nothing: what it adds was earned in the stretch that it ends. `held`: by asset, at the start. Midnights
    are those from `since` on, or those after the first instant in which something was booked.
    """
    events = _events(booked, until, since)
    before, after, worth_in, worth_out, lacking, assets = _values(events, currency, held)
    for place, event in enumerate(events):
        if not event.moves:
            if after[place] == after[place]:
                yield Flow(event.at, after[place], 0.0, 0.0, after[place]), True
            continue
        moved = [move for move in event.moves if not move.at_market]
        paid = [(move.money_in, move.money_out) for move in moved]
        unknown = {move.key[1] for move in moved if move.flow is None}
        money_in = worth_in[place] + sum(each or 0.0 for each, _ in paid)
        money_out = worth_out[place] + sum(each or 0.0 for _, each in paid)
        flow = Flow(event.at, before[place], money_in, money_out, after[place])
        is_told = not unknown and all(number == number for number in flow[1:])
        if is_told or unknown or money_in or money_out:  # of what is no flow the value need not be known
            lost = Gap(event.at, tuple(lacking.get(place, ())), tuple(assets[pk] for pk in unknown))
            yield (flow if is_told else lost), False


def _events(booked: Sequence[Move], until: datetime, since: datetime | None) -> list[Event]:
    """Instants in which something was booked, and the midnights, in time order; a midnight stands before what
    was booked in its instant.
    """
    first = ceiling(since or booked[0].at, DAY)
    midnights = (first + DAY * number for number in range((until - first) // DAY + 1))
    instants = [Event(at, tuple(moves)) for at, moves in groupby(booked, attrgetter("at"))]
    found = [Event(at) for at in midnights if since or at > booked[0].at] + instants
    return sorted(found, key=lambda event: (event.at, bool(event.moves)))


def _values(events: Sequence[Event], currency: str, begin: Mapping[int, Decimal]) -> Values:
    about = {move.key[1] for event in events for move in event.moves}
    assets = Asset.objects.in_bulk(about | {pk for pk, held in begin.items() if held})
    moments = sorted({event.at for event in events})
    number = {at: place for place, at in enumerate(moments)}
    where = np.array([number[event.at] for event in events])
    before, after, worth_in, worth_out = (np.zeros(len(events)) for _ in range(4))
    places, lacking = np.arange(len(events)), defaultdict[int, list[Asset]](list)
    for pk, market in prices_in(currency, assets.values(), moments).items():
        price = market[where]
        mine = [place for place, event in enumerate(events) if event.about(pk)]
        for place in mine:
            moves = events[place].about(pk)
            price[place] = _own_price(moves, price[place])
            worth_in[place] += _at_market(moves, price[place], comes=True)
            worth_out[place] += _at_market(moves, price[place], comes=False)
        held = _held([events[place].about(pk) for place in mine], begin.get(pk, Decimal(0)))
        held_before = held[np.searchsorted(mine, places, "left")]
        held_after = held[np.searchsorted(mine, places, "right")]
        before += _worth(held_before, price)
        after += _worth(held_after, price)
        is_there = (held_before != 0) | (held_after != 0) | np.isin(places, mine)
        for place in np.flatnonzero(is_there & np.isnan(price)).tolist():
            lacking[place].append(assets[pk])
    return Values(before.tolist(), after.tolist(), worth_in.tolist(), worth_out.tolist(), lacking, assets)


def _own_price(moves: Sequence[Move], market: float) -> float:
    traded = [(abs(float(move.quantity)), move.price) for move in moves if move.price is not None]
    whole = sum(quantity for quantity, _ in traded)
    return sum(quantity * price for quantity, price in traded) / whole if whole else market


def _at_market(moves: Sequence[Move], price: float, *, comes: bool) -> float:
    moved = sum(abs(float(move.quantity)) for move in moves if move.at_market and move.comes == comes)
    return moved * price if moved else 0.0


def _held(moved: Sequence[Sequence[Move]], begin: Decimal) -> Numbers:
    """Quantities of an asset before the first of its events, and after each."""
    changes = [sum((move.quantity for move in moves), Decimal(0)) for moves in moved]
    return np.array([float(held) for held in accumulate(changes, initial=begin)])


def _worth(held: Numbers, price: Numbers) -> Numbers:
    return np.where(held == 0, 0.0, held * price)
