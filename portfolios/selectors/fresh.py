"""What the read models of an asset should say, computed from the transactions: what services write and what
verification compares.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from portfolios.ledger import Action, Booked, Position, spread
from portfolios.models import FIGURES, Booking, DailyPosition, Disposal, Holding, Lot, Portfolio
from portfolios.selectors.entries import booked_in, connected, rated, rows_of
from prices.models import Asset

# What tells the rows of one asset in one portfolio apart.
IDENTITY: dict[type, tuple[str, ...]] = {
    Holding: (),
    DailyPosition: ("day",),
    Booking: ("transaction_id", "leg"),
    Lot: ("number",),
    Disposal: ("transaction_id", "leg", "lot"),
}
ARRIVED_LEG = 1  # of a transfer


class UnknownRate(Exception):
    """Coins came from a portfolio of another currency, and a rate in their history there is unknown."""


@dataclass(slots=True)
class Fresh:
    """The rows of one asset in one portfolio, unsaved."""

    portfolio: Portfolio
    asset: Asset
    rows: dict[type, list[Any]] = field(default_factory=lambda: {model: [] for model in IDENTITY})

    def add(self, model: type, **columns: Any) -> None:
        self.rows[model].append(model(portfolio=self.portfolio, asset=self.asset, **columns))


def fresh(portfolio: Portfolio, asset: Asset) -> list[Fresh]:
    """Book an asset in a portfolio and those that hang together with it.

    Raises HoldingWouldBeNegative, UnknownRate.
    """
    portfolios = connected(portfolio, asset.pk)
    found: list[Fresh] = []
    for currency in sorted({each.currency for each in portfolios}):
        kept_in = [each for each in portfolios if each.currency == currency]
        found += _in_currency(portfolios, kept_in, asset, currency)
    return found


def _in_currency(
    portfolios: Sequence[Portfolio], kept_in: Sequence[Portfolio], asset: Asset, currency: str
) -> Iterator[Fresh]:
    rows = rated(rows_of(portfolios).about(asset.pk), currency)
    booked: dict[int, list[Booked]] = defaultdict(list)
    for one in booked_in(portfolios, asset.symbol, rows):
        booked[one.place].append(one)
    if any(rate is None for _, rate in rows) and any(booked[each.pk] for each in kept_in):
        raise UnknownRate
    kinds = {row.pk: row.kind for row, _ in rows}
    for portfolio in kept_in:
        yield _rows_for(portfolio, asset, booked[portfolio.pk], kinds)


def _rows_for(portfolio: Portfolio, asset: Asset, booked: Sequence[Booked], kinds: dict[int, str]) -> Fresh:
    """Turn what was booked into the rows that say so."""
    into = Fresh(portfolio, asset)
    days: dict[Any, Position] = {}
    position = Position()
    for one in booked:
        change = one.change
        position = position.plus(change)
        days[one.entry.at.date()] = position
        _add_booking(into, one, change, kinds[one.entry.sequence])
        _add_lots(into, one)
        _add_disposals(into, one)
    for day, stood in days.items():
        into.add(DailyPosition, day=day, **stood._asdict())
    if booked:
        into.add(Holding, **position._asdict())
    return into


def leg_of(one: Booked) -> int:
    """A transfer is one entry with two legs: where it left and where it arrived."""
    is_arrival = one.arrives and one.entry.action is Action.TRANSFER
    return ARRIVED_LEG if is_arrival else one.entry.leg


def _add_booking(into: Fresh, one: Booked, change: Position, kind: str) -> None:
    into.add(
        Booking,
        transaction_id=one.entry.sequence,
        leg=leg_of(one),
        kind=kind,
        occurred_at=one.entry.at,
        **{name: getattr(change, name) for name in FIGURES[:8]},
    )


def _add_lots(into: Fresh, one: Booked) -> None:
    has_average_cost = into.portfolio.cost_method == Portfolio.CostMethod.AVERAGE
    for lot in one.made:
        into.add(
            Lot,
            number=lot.number,
            transaction_id=one.entry.sequence,
            origin_id=lot.origin,
            acquired_at=lot.acquired_at,
            arrived_at=one.entry.at,
            quantity=lot.quantity,
            cost=lot.cost,
            open_quantity=lot.open_quantity,
            open_cost=Decimal(0) if has_average_cost else lot.open_cost,
        )


def _add_disposals(into: Fresh, one: Booked) -> None:
    shares = proceeds_by_slice(one)
    for piece, proceeds in zip(one.slices if not one.arrives else (), shares, strict=False):
        into.add(
            Disposal,
            transaction_id=one.entry.sequence,
            leg=one.entry.leg,
            lot=piece.lot.number,
            origin_id=piece.lot.origin,
            acquired_at=piece.lot.acquired_at,
            disposed_at=one.entry.at,
            quantity=piece.quantity,
            cost=piece.cost,
            proceeds=proceeds,
        )


def proceeds_by_slice(one: Booked) -> list[Decimal] | list[None]:
    """What each slice of a disposal brought, by quantity; None where nothing is realised."""
    if one.gain is None or one.proceeds is None:
        return [None] * len(one.slices)
    return spread(one.proceeds, [piece.quantity for piece in one.slices])


def differing(
    model: type, stored: Iterable[Any], wanted: Iterable[Any]
) -> Iterator[tuple[Any, Any, list[str]]]:
    """Pairs (stored or None, wanted or None, columns that differ) of the rows that are not the same."""
    name = IDENTITY[model]
    there = {tuple(getattr(row, part) for part in name): row for row in stored}
    columns = [each.attname for each in model._meta.concrete_fields if not each.primary_key]  # type: ignore[attr-defined]
    for row in wanted:
        old = there.pop(tuple(getattr(row, part) for part in name), None)
        unlike = [column for column in columns if old is None or getattr(old, column) != getattr(row, column)]
        if unlike:
            yield old, row, unlike
    for old in there.values():
        yield old, None, []
