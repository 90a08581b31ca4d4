"""How much was held, and how much money had come in, at many moments: arrays, for charts and returns.

Between days the daily positions answer; within days the bookings do.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import reduce
from operator import itemgetter, or_

import numpy as np
from django.db.models import Q

from portfolios.models import Booking, DailyPosition, Portfolio
from portfolios.selectors.anew import Key
from portfolios.selectors.books import books, by_currency, last_before, stood
from portfolios.selectors.moves import moves
from portfolios.selectors.valuing import Numbers, standing
from prices.selectors import DAY, floor

NAN = float("nan")
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


Point = tuple[datetime, Decimal, float]


class _Line:
    """Where one asset of one portfolio stood, from which moment on: (moment, quantity, net money in)."""

    def __init__(self) -> None:
        self.points: list[Point] = []

    def add(self, at: datetime, quantity: Decimal, money: float) -> None:
        self.points.append((at, quantity, money))

    def move(self, at: datetime, quantity: Decimal, money: float) -> None:
        _, held, paid = self.points[-1] if self.points else (at, Decimal(0), 0.0)
        self.points.append((at, held + quantity, paid + money))

    def weave(self, ends: Sequence[Point], moved: Sequence[Point]) -> None:
        """Ends of days tell where it stood; what moved on a day goes on from there, until that day's end."""
        for at, quantity, amount, is_move in sorted(
            [(*end, False) for end in ends] + [(*move, True) for move in moved], key=itemgetter(0, 3)
        ):
            (self.move if is_move else self.add)(at, quantity, amount)

    def at(self, moments: Numbers) -> tuple[Numbers, Numbers]:
        """Quantity and net money in at these moments, in seconds."""
        changed = np.array([at.timestamp() for at, _, _ in self.points])
        quantity = np.array([float(held) for _, held, _ in self.points])
        money = np.array([paid for _, _, paid in self.points])
        return standing(changed, quantity, moments), standing(changed, money, moments)


def standings(portfolios: Sequence[Portfolio], currency: str, moments: Sequence[datetime]) -> Standings:
    """Return where everything stood at these moments (ascending): exactly, wherever in a day they lie."""
    own, other = by_currency(portfolios, currency)
    lines: dict[Key, _Line] = defaultdict(_Line)
    first, last = moments[0], moments[-1]
    if own and all(moment == floor(moment, DAY) for moment in moments[1:-1]):
        _by_day(lines, own, moments)
    elif own:
        _begin(lines, own, first)
        _go_on(lines, own, currency, first, last)
    if other:
        _begin_anew(lines, other, currency, first)
        _go_on(lines, other, currency, first, last)
    seconds = np.array([moment.timestamp() for moment in moments])
    found = {key: line.at(seconds) for key, line in lines.items()}
    return Standings(
        moments, {key: each[0] for key, each in found.items()}, {key: each[1] for key, each in found.items()}
    )


def _begin(lines: dict[Key, _Line], portfolios: Sequence[Portfolio], at: datetime) -> None:
    for key, position in stood(portfolios, at)[0].items():
        lines[key].add(at, position.quantity, float(position.money_in - position.money_out))


def _begin_anew(
    lines: dict[Key, _Line], portfolios: Sequence[Portfolio], currency: str, at: datetime
) -> None:
    """In another currency than the portfolios': money is unknown where a rate is."""
    found = books(portfolios, currency, at)
    for key, held in found.held.items():
        position = found.positions.get(key)
        lines[key].add(at, held, float(position.money_in - position.money_out) if position else NAN)


def _by_day(lines: dict[Key, _Line], portfolios: Sequence[Portfolio], moments: Sequence[datetime]) -> None:
    """From the ends of days, which stand from the midnight after, and what came between them and a moment."""
    first, last = moments[0], moments[-1]
    between = Q(portfolio__in=portfolios, day__gte=first.date(), day__lt=last.date())
    rows = DailyPosition.objects.filter(between | Q(pk__in=last_before(portfolios, first.date())))
    columns = ("portfolio_id", "asset_id", "day", "quantity", "money_in", "money_out")
    ends: dict[Key, list[Point]] = defaultdict(list)
    for portfolio, asset, day, quantity, money_in, money_out in rows.order_by("day").values_list(*columns):
        midnight = datetime.combine(day + timedelta(days=1), MIDNIGHT)
        ends[portfolio, asset].append((midnight, quantity, float(money_in - money_out)))
    moved: dict[Key, list[Point]] = defaultdict(list)
    for key, at, quantity, money in _after_midnights(portfolios, moments):
        moved[key].append((at, quantity, money))
    for key in ends.keys() | moved.keys():
        lines[key].weave(ends[key], moved[key])


def _after_midnights(
    portfolios: Sequence[Portfolio], moments: Sequence[datetime]
) -> Iterator[tuple[Key, datetime, Decimal, float]]:
    """What was booked at a midnight, or on the first and last day until then: no end of a day says it."""
    ends = (Q(occurred_at__gte=floor(at, DAY), occurred_at__lte=at) for at in (moments[0], moments[-1]))
    wanted = reduce(or_, ends, Q(occurred_at__in=moments))
    rows = Booking.objects.of(portfolios).filter(wanted).order_by("occurred_at")
    columns = ("portfolio_id", "asset_id", "occurred_at", "quantity", "money_in", "money_out")
    for portfolio, asset, at, quantity, money_in, money_out in rows.values_list(*columns):
        yield (portfolio, asset), at, quantity, float(money_in - money_out)


def _go_on(
    lines: dict[Key, _Line],
    portfolios: Sequence[Portfolio],
    currency: str,
    since: datetime | None,
    until: datetime,
) -> None:
    for move in moves(portfolios, currency, since=since, until=until):
        flow = move.flow
        lines[move.key].move(move.at, move.quantity, NAN if flow is None else flow)
