"""What the read models of an asset should say, computed from the transactions: what services write and what
verification compares.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from portfolios.ledger import (
    METHODS,
    RANK_DIGITS,
    Action,
    Booked,
    Entry,
    Position,
    book,
    book_together,
    spread,
)
from portfolios.ledger import Lot as OpenLot
from portfolios.models import (
    FIGURES,
    Booking,
    DailyPosition,
    Disposal,
    Holding,
    Lot,
    Portfolio,
    Transaction,
)
from portfolios.selectors.entries import Rated, connected, entries_of, rate_into, rows_of, with_rates
from portfolios.selectors.openings import Opening, opening
from prices.fields import canonical
from prices.models import Asset

# What tells the rows of one asset in one portfolio apart.
IDENTITY: dict[type, tuple[str, ...]] = {
    Holding: (),
    DailyPosition: ("day",),
    Booking: ("transaction_id", "leg"),
    Lot: ("number",),
    Disposal: ("transaction_id", "leg", "lot"),
}
WHEN: dict[type, str] = {Booking: "occurred_at", Lot: "arrived_at", Disposal: "disposed_at"}
ARRIVED_LEG = 1  # of a transfer


class UnknownRate(Exception):
    """Coins came from a portfolio of another currency, and a rate in their history there is unknown."""


@dataclass(slots=True)
class Fresh:
    """The rows of one asset in one portfolio, unsaved: all, or from `since` on with what changes before."""

    portfolio: Portfolio
    asset: Asset
    since: datetime | None = None
    opening: Opening | None = None
    rows: dict[type, list[Any]] = field(default_factory=lambda: {model: [] for model in IDENTITY})
    rated: list[Transaction] = field(default_factory=list)  # with rates that are not kept with them yet

    def add(self, model: type, **columns: Any) -> None:
        self.rows[model].append(model(portfolio_id=self.portfolio.pk, asset_id=self.asset.pk, **columns))

    def stored(self, model: type) -> Iterable[Any]:
        """The rows that are there now, of the same stretch."""
        rows = model.objects.filter(portfolio=self.portfolio, asset=self.asset)  # type: ignore[attr-defined]
        if self.since is None or self.opening is None or model is Holding:
            return rows
        if model is DailyPosition:
            return rows.filter(day__gte=self.since.date())
        later = rows.filter(**{f"{WHEN[model]}__gte": self.since})
        return [*(row for row, _ in self.opening.lots), *later] if model is Lot else later


def fresh(portfolio: Portfolio, asset: Asset, since: datetime | None = None) -> list[Fresh]:
    """Book an asset in a portfolio and those that hang together with it: all, or what happened from `since`.

    Raises HoldingWouldBeNegative, UnknownRate.
    """
    portfolios = connected(portfolio, asset.pk)
    currencies = sorted({each.currency for each in portfolios})
    # Lots of another portfolio are not kept in this one's currency: nothing to go on from.
    since = _midnight(since) if since and len(currencies) == 1 else None
    rows = rows_of(portfolios).about(asset.pk)
    found = with_rates(rows.filter(occurred_at__gte=since) if since else rows, set(currencies))
    told = {code: [(row, rate_into(row, code)) for row in found] for code in currencies}
    newly_rated = list(_freeze_rates(told))
    entries = {code: list(entries_of(asset.symbol, rated)) for code, rated in told.items()}
    openings = _openings(portfolios, asset, since, entries[portfolio.currency]) if since else {}
    booked = _booked(portfolios, entries, openings)
    _refuse_unknown_rates(told, {each.pk: each.currency for each in portfolios})
    kinds = {row.pk: row.kind for row in found}
    filled = [Fresh(each, asset, since, openings.get(each.pk), rated=newly_rated) for each in portfolios]
    for into in filled:
        _fill(into, booked[into.portfolio.pk], kinds)
    return filled


def _freeze_rates(told: dict[str, list[Rated]]) -> Iterator[Transaction]:
    """Note with transactions the rates into others' currencies they are booked at; return the new ones."""
    for code, rated in told.items():
        for row, rate in rated:
            if rate is not None and code not in {row.currency, row.portfolio.currency, *row.other_rates}:
                row.other_rates[code] = str(rate)
                yield row


def _refuse_unknown_rates(told: dict[str, list[Rated]], kept_in: dict[int, str]) -> None:
    """What happened before coins last came from a portfolio of another currency may be in what they cost."""
    for code, rated in told.items():
        moves = [row for row, _ in rated if row.portfolio.currency != code]
        came = [row.occurred_at for row in moves if kept_in.get(row.to_portfolio_id or 0) == code]
        if came and any(rate is None and row.occurred_at <= max(came) for row, rate in rated):
            raise UnknownRate


def _midnight(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _booked(
    portfolios: Sequence[Portfolio], entries: dict[str, list[Entry]], openings: dict[int, Opening]
) -> dict[int, list[Booked]]:
    """What happened in each portfolio, in its own currency."""
    methods = {each.pk: each.cost_method for each in portfolios}
    kept_in = {each.pk: each.currency for each in portfolios}
    if len(entries) > 1:
        everything = book_together(entries, methods, kept_in)
    else:
        pools = {place: each.pool for place, each in openings.items()}
        everything = {code: book(told, methods, pools) for code, told in entries.items()}
    booked: dict[int, list[Booked]] = defaultdict(list)
    for code, steps in everything.items():
        for one in steps:
            if kept_in[one.place] == code:
                booked[one.place].append(one)
    return booked


def _openings(
    portfolios: Sequence[Portfolio], asset: Asset, since: datetime, entries: Sequence[Entry]
) -> dict[int, Opening]:
    wanted: dict[int, Decimal] = defaultdict(Decimal)
    for entry in entries:
        if entry.action is not Action.ACQUIRE:
            wanted[entry.place] += entry.quantity
    return {each.pk: opening(each, asset, since, wanted[each.pk]) for each in portfolios}


def _fill(into: Fresh, booked: Sequence[Booked], kinds: dict[int, str]) -> None:
    """Turn what was booked into the rows that say so."""
    days: dict[Any, Position] = {}
    position = into.opening.position if into.opening else Position()
    stood = bool(into.opening and into.opening.has_begun)
    for one in booked:
        change = one.change
        position = position.plus(change)
        days[one.entry.at.date()] = position
        _add_booking(into, one, change, kinds[one.entry.sequence])
        _add_lots(into, one)
        _add_disposals(into, one)
    _add_earlier_lots(into)
    for day, stood_then in days.items():
        into.add(DailyPosition, day=day, **stood_then._asdict())
    if booked or stood:
        into.add(Holding, **position._asdict())


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
    was_moved = one.entry.action is Action.TRANSFER
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
            unit_cost=canonical(lot.unit_cost) if was_moved else "",
            **_open_now(into, lot),
        )


def _add_earlier_lots(into: Fresh) -> None:
    """Lots from before, and what is open of them after what happened since."""
    for row, lot in into.opening.lots if into.opening else ():
        again = copy(row)
        for name, value in _open_now(into, lot).items():
            setattr(again, name, value)
        again.pk = None
        into.rows[Lot].append(again)


def _open_now(into: Fresh, lot: OpenLot) -> dict[str, Any]:
    method = into.portfolio.cost_method
    has_own_cost = method != Portfolio.CostMethod.AVERAGE
    return {
        "open_quantity": lot.open_quantity,
        "open_cost": lot.open_cost if has_own_cost else Decimal(0),
        "is_open": bool(lot.open_quantity),
        "rank": f"{METHODS[method](lot):0{RANK_DIGITS[method]}d}",
    }


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
