"""What the books of some portfolios say in one currency.

In a portfolio's own currency the read models answer. In any other currency the same ledger books the same
transactions anew, each converted at the rate of its own date.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolios.ledger import Booked, Position, total
from portfolios.models import Booking, Holding, Kind, Portfolio, Transaction
from portfolios.selectors.entries import Rated, action_of, booked_in, coins_of, leg_price, rated, rows_of
from prices.models import Asset

Key = tuple[int, int]  # portfolio pk, asset pk


@dataclass(frozen=True, slots=True)
class Step:
    """One leg of a transaction as the books took it in one portfolio; amounts in the currency asked for.

    `quantity` is signed. `unit_price` is None for what has no price of its own, as a withdrawal. Where an
    exchange rate in its asset's history is unknown, all money is None.
    """

    transaction: int
    leg: int
    key: Key
    kind: str
    at: datetime
    quantity: Decimal
    unit_price: Decimal | None
    money_in: Decimal | None
    money_out: Decimal | None

    @property
    def flow(self) -> Decimal | None:
        """Money in less money out."""
        return None if self.money_in is None or self.money_out is None else self.money_in - self.money_out

    @property
    def order(self) -> tuple[datetime, int, int, bool]:
        return self.at, action_of(self.kind, self.leg), self.transaction, self.quantity > 0


@dataclass(frozen=True, slots=True)
class Books:
    """What is held by portfolio and asset, and the positions of what can be told in the currency.

    A key without a position has a transaction whose exchange rate is unknown.
    """

    held: dict[Key, Decimal]
    positions: dict[Key, Position]
    assets: dict[int, Asset]


def books(portfolios: Sequence[Portfolio], currency: str) -> Books:
    """Return where every asset of every portfolio stands, in one currency."""
    own, other = _by_currency(portfolios, currency)
    rows = list(Holding.objects.filter(portfolio__in=own).select_related("asset"))
    positions = {(row.portfolio_id, row.asset_id): row.position for row in rows}
    held = {key: position.quantity for key, position in positions.items()}
    for key, (booked, is_known) in _booked_anew(other, currency).items():
        position = total(one.change for one in booked)
        held[key] = position.quantity
        if is_known:
            positions[key] = position
    assets = {row.asset_id: row.asset for row in rows}
    others = {asset for _, asset in held} - assets.keys()
    return Books(held, positions, assets | Asset.objects.in_bulk(others))


def steps(portfolios: Sequence[Portfolio], currency: str, since: datetime | None = None) -> list[Step]:
    """Return each transaction as booked, in booking order; only those after `since` where it is given."""
    own, other = _by_currency(portfolios, currency)
    rows = Booking.objects.filter(portfolio__in=own).select_related("transaction")
    if since:
        rows = rows.filter(occurred_at__gt=since)
    found = [_stored_step(row) for row in rows]
    if other:
        found += [step for step in _steps_anew(other, currency) if not since or step.at > since]
    return sorted(found, key=lambda step: step.order)


def _by_currency(portfolios: Sequence[Portfolio], currency: str) -> tuple[list[Portfolio], list[Portfolio]]:
    own = [each for each in portfolios if each.currency == currency]
    return own, [each for each in portfolios if each.currency != currency]


def _steps_anew(portfolios: Sequence[Portfolio], currency: str) -> Iterable[Step]:
    rates = {row.pk: (row, rate) for row, rate in _rows_with(portfolios, currency)}
    for key, (booked, is_known) in _booked_anew(portfolios, currency).items():
        for one in booked:
            row, rate = rates[one.entry.sequence]
            yield _step(row, key, one, rate if is_known else None)


def _rows_with(portfolios: Sequence[Portfolio], currency: str) -> list[Rated]:
    return rated(rows_of(_all_that_hang_together(portfolios)), currency) if portfolios else []


def _all_that_hang_together(portfolios: Sequence[Portfolio]) -> list[Portfolio]:
    """These, and where coins were transferred, all of the same owners."""
    owners = {each.owner_id for each in portfolios}
    transfers = Transaction.objects.kept().filter(kind=Kind.TRANSFER, portfolio__owner__in=owners)
    if not transfers.exists():
        return list(portfolios)
    return list(Portfolio.objects.filter(owner__in=owners))


def _booked_anew(portfolios: Sequence[Portfolio], currency: str) -> dict[Key, tuple[list[Booked], bool]]:
    """Book portfolios of another currency in this one, each transaction at the rate of its own date.

    Returns, by portfolio and asset, what was booked, and whether all exchange rates of it are known.
    """
    if not portfolios:
        return {}
    wanted = {each.pk for each in portfolios}
    all_of_them = {each.pk: each for each in _all_that_hang_together(portfolios)}
    found: dict[Key, tuple[list[Booked], bool]] = {}
    for (asset, symbol), group in _groups(_rows_with(portfolios, currency)).items():
        for rows in _parted(group):
            is_known = all(rate is not None for _, rate in rows)
            booked: dict[int, list[Booked]] = defaultdict(list)
            for one in booked_in(list(all_of_them.values()), symbol, rows):
                booked[one.place].append(one)
            found |= {(place, asset): (ones, is_known) for place, ones in booked.items() if place in wanted}
    return found


def _groups(rows: Iterable[Rated]) -> Mapping[tuple[int, str], list[Rated]]:
    """Rows by each asset that they are about."""
    groups: dict[tuple[int, str], list[Rated]] = defaultdict(list)
    for row, rate in rows:
        for asset in coins_of(row):
            groups[asset.pk, asset.symbol].append((row, rate))
    return groups


def _parted(rows: list[Rated]) -> Iterable[list[Rated]]:
    """One asset's rows by portfolio, unless it was transferred between them."""
    if any(row.to_portfolio_id for row, _ in rows):
        return [rows]
    parts: dict[int, list[Rated]] = defaultdict(list)
    for row, rate in rows:
        parts[row.portfolio_id].append((row, rate))
    return parts.values()


def _stored_step(booking: Booking) -> Step:
    row, change = booking.transaction, booking.change
    price = leg_price(row, booking.leg)
    return Step(
        transaction=row.pk,
        leg=booking.leg,
        key=(booking.portfolio_id, booking.asset_id),
        kind=row.kind,
        at=row.occurred_at,
        quantity=change.quantity,
        unit_price=None if price is None else price * row.fx_rate,
        money_in=change.money_in,
        money_out=change.money_out,
    )


def _step(row: Transaction, key: Key, one: Booked, rate: Decimal | None) -> Step:
    price = leg_price(row, one.entry.leg)
    return Step(
        transaction=row.pk,
        leg=one.entry.leg,
        key=key,
        kind=row.kind,
        at=row.occurred_at,
        quantity=one.change.quantity,
        unit_price=None if price is None or rate is None else price * rate,
        money_in=None if rate is None else one.change.money_in,
        money_out=None if rate is None else one.change.money_out,
    )
