"""How much was held, and how much money had come in and gone out, at many moments: exact, or as arrays for
charts and returns.

Between days the daily positions answer; within days the bookings do. Of several portfolios, looked at
together, transfers between them are no money.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import reduce
from operator import itemgetter, or_
from typing import NamedTuple

import numpy as np
from django.db.models import Q

from portfolios.ledger import Position
from portfolios.models import FEE_LEG, Booking, DailyPosition, Kind, Portfolio
from portfolios.selectors.anew import Key
from portfolios.selectors.books import books, by_currency, last_before, steps, stood
from portfolios.selectors.formulas import plus
from portfolios.selectors.valuing import Numbers, standing
from prices.selectors import DAY, floor

NAN = float("nan")
ZERO = Decimal(0)
MIDNIGHT = time(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Standings:
    """By portfolio and asset, one number for each moment. Money is NaN from where a rate is unknown."""

    moments: Sequence[datetime]
    quantity: dict[Key, Numbers]
    net_money_in: dict[Key, Numbers]

    def of(self, portfolio: int) -> "Standings":
        """The part of one portfolio, by its pk."""
        return self._where(lambda key: key[0] == portfolio)

    def about(self, assets: set[int]) -> "Standings":
        """The part of some assets, by their pks."""
        return self._where(lambda key: key[1] in assets)

    def by_asset(self) -> dict[int, Numbers]:
        """Quantities of each asset in all portfolios."""
        sums: dict[int, Numbers] = {}
        for (_, asset), line in self.quantity.items():
            sums[asset] = sums[asset] + line if asset in sums else line
        return sums

    def money(self) -> Numbers:
        return sum(self.net_money_in.values(), np.zeros(len(self.moments)))

    def _where(self, is_wanted: Callable[[Key], bool]) -> "Standings":
        quantity, money = (
            {key: line for key, line in each.items() if is_wanted(key)}
            for each in (self.quantity, self.net_money_in)
        )
        return Standings(self.moments, quantity, money)


class Stand(NamedTuple):
    """What is held, and the money in and out until then: None where an exchange rate is unknown."""

    quantity: Decimal = ZERO
    money_in: Decimal | None = ZERO
    money_out: Decimal | None = ZERO

    def plus(self, other: "Stand") -> "Stand":
        money_in, money_out = plus(self.money_in, other.money_in), plus(self.money_out, other.money_out)
        return Stand(self.quantity + other.quantity, money_in, money_out)

    @property
    def net(self) -> float:
        """NaN where it is unknown."""
        return (
            NAN if self.money_in is None or self.money_out is None else float(self.money_in - self.money_out)
        )


Point = tuple[datetime, Stand]
Change = tuple[Key, datetime, Stand]


class Line:
    """Where one asset of one portfolio stood, from which moment on."""

    def __init__(self) -> None:
        self.points: list[Point] = []

    def add(self, at: datetime, stand: Stand) -> None:
        self.points.append((at, stand))

    def move(self, at: datetime, change: Stand) -> None:
        self.points.append((at, self.points[-1][1].plus(change) if self.points else change))

    def weave(self, ends: Sequence[Point], moved: Sequence[Point]) -> None:
        """Ends of days tell where it stood; what moved on a day goes on from there, until that day's end."""
        for at, stand, is_move in sorted(
            [(*end, False) for end in ends] + [(*move, True) for move in moved], key=itemgetter(0, 2)
        ):
            (self.move if is_move else self.add)(at, stand)

    def at(self, moments: Sequence[datetime]) -> list[Stand]:
        """Exactly, at each of these moments (ascending)."""
        changed = [at for at, _ in self.points]
        stands = [Stand(), *(stand for _, stand in self.points)]
        return [stands[bisect_right(changed, moment)] for moment in moments]

    def numbers(self, moments: Numbers) -> tuple[Numbers, Numbers]:
        """Quantity and net money in at these moments, in seconds."""
        changed = np.array([at.timestamp() for at, _ in self.points])
        quantity = np.array([float(stand.quantity) for _, stand in self.points])
        money = np.array([stand.net for _, stand in self.points])
        return standing(changed, quantity, moments), standing(changed, money, moments)


def standings(portfolios: Sequence[Portfolio], currency: str, moments: Sequence[datetime]) -> Standings:
    """Return where everything stood at these moments (ascending): exactly, wherever in a day they lie."""
    seconds = np.array([moment.timestamp() for moment in moments])
    found = {key: line.numbers(seconds) for key, line in lines(portfolios, currency, moments).items()}
    return Standings(
        moments, {key: each[0] for key, each in found.items()}, {key: each[1] for key, each in found.items()}
    )


def lines(portfolios: Sequence[Portfolio], currency: str, moments: Sequence[datetime]) -> dict[Key, Line]:
    """Return, by portfolio and asset, where it stood at least at each of these moments (ascending)."""
    own, other = by_currency(portfolios, currency)
    found: dict[Key, Line] = defaultdict(Line)
    first, last = moments[0], moments[-1]
    together = len(portfolios) > 1
    if own and all(moment == floor(moment, DAY) for moment in moments[1:-1]):
        _by_day(found, own, moments, together)
    elif own:
        for key, position in stood(own, first)[0].items():
            found[key].add(first, _stand(position, together))
        _go_on(found, _booked(own, Q(occurred_at__gt=first, occurred_at__lte=last), together))
    if other:
        _begin_anew(found, other, currency, first, together)
        _go_on(found, _booked_anew(other, currency, first, last, together))
    return found


def _stand(position: Position, together: bool) -> Stand:
    seen = position.without_transfers() if together else position
    return Stand(seen.quantity, seen.money_in, seen.money_out)


def _begin_anew(
    found: dict[Key, Line], portfolios: Sequence[Portfolio], currency: str, at: datetime, together: bool
) -> None:
    """In another currency than the portfolios': money is unknown where a rate is."""
    then = books(portfolios, currency, at)
    for key, held in then.held.items():
        position = then.positions.get(key)
        found[key].add(at, _stand(position, together) if position else Stand(held, None, None))


def _by_day(
    found: dict[Key, Line], portfolios: Sequence[Portfolio], moments: Sequence[datetime], together: bool
) -> None:
    """From the ends of days, which stand from the midnight after, and what came between them and a moment."""
    first, last = moments[0], moments[-1]
    columns = ["portfolio_id", "asset_id", "day", "quantity", "money_in", "money_out"]
    columns += ["transferred_in", "transferred_out"] if together else []
    days = DailyPosition.objects.order_by().values_list(*columns)
    between = days.filter(portfolio__in=portfolios, day__gte=first.date(), day__lt=last.date())
    # As a union: for an "or" PostgreSQL reads the days of everybody.
    rows = between.union(days.filter(pk__in=last_before(portfolios, first.date())), all=True)
    ends: dict[Key, list[Point]] = defaultdict(list)
    for portfolio, asset, day, quantity, money_in, money_out, *moved_over in rows.order_by("day"):
        stand = Stand(quantity, money_in, money_out)
        if moved_over:
            stand = Stand(quantity, money_in - moved_over[0], money_out - moved_over[1])
        ends[portfolio, asset].append((datetime.combine(day + timedelta(days=1), MIDNIGHT), stand))
    moved: dict[Key, list[Point]] = defaultdict(list)
    for key, at, change in _booked(portfolios, _after_midnights(moments), together):
        moved[key].append((at, change))
    for key in ends.keys() | moved.keys():
        found[key].weave(ends[key], moved[key])


def _after_midnights(moments: Sequence[datetime]) -> Q:
    """What was booked at a midnight, or on the first and last day until then: no end of a day says it."""
    ends = (Q(occurred_at__gte=floor(at, DAY), occurred_at__lte=at) for at in (moments[0], moments[-1]))
    return reduce(or_, ends, Q(occurred_at__in=moments))


def _booked(portfolios: Sequence[Portfolio], wanted: Q, together: bool) -> Iterator[Change]:
    rows = Booking.objects.of(portfolios).filter(wanted).order_by("occurred_at")
    columns = ("portfolio_id", "asset_id", "occurred_at", "quantity", "money_in", "money_out", "kind", "leg")
    for portfolio, asset, at, quantity, money_in, money_out, kind, leg in rows.values_list(*columns):
        is_money = not (together and _is_transfer(kind, leg))
        yield (portfolio, asset), at, Stand(quantity, *((money_in, money_out) if is_money else ()))


def _booked_anew(
    portfolios: Sequence[Portfolio], currency: str, since: datetime, until: datetime, together: bool
) -> Iterator[Change]:
    for step in steps(portfolios, currency, since=since, until=until):
        is_money = step.money_in is None or not (together and _is_transfer(step.kind, step.leg))
        yield step.key, step.at, Stand(step.quantity, *((step.money_in, step.money_out) if is_money else ()))


def _is_transfer(kind: str, leg: int) -> bool:
    return kind == Kind.TRANSFER and leg != FEE_LEG


def _go_on(found: dict[Key, Line], changes: Iterator[Change]) -> None:
    for key, at, change in changes:
        found[key].move(at, change)
