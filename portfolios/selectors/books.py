"""What the books of some portfolios say in one currency.

In a portfolio's own currency the read models answer. In any other currency the same ledger books the same
transactions anew, each converted at the rate of its own date.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from portfolios.ledger import Booked, Position, total
from portfolios.models import (
    Booking,
    DailyPosition,
    Holding,
    Kind,
    Portfolio,
    Transaction,
    TransactionQuerySet,
)
from portfolios.selectors.entries import (
    action_of,
    booked_in,
    coins_of,
    leg_price,
    rate_into,
    rated,
    rows_of,
    settled_in,
    with_rates,
)
from portfolios.selectors.fresh import leg_of
from prices.models import Asset
from prices.selectors import DAY, floor

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


def books(portfolios: Sequence[Portfolio], currency: str, at: datetime) -> Books:
    """Return where every asset of every portfolio stood at a moment, in one currency."""
    own, other = by_currency(portfolios, currency)
    positions, assets = stood(own, at)
    held = {key: position.quantity for key, position in positions.items()}
    for key, (booked, is_known) in booked_anew(other, currency, at).items():
        position = total(one.change for one in booked)
        held[key] = position.quantity
        if is_known:
            positions[key] = position
    others = {asset for _, asset in held} - assets.keys()
    return Books(held, positions, assets | Asset.objects.in_bulk(others))


def stood(portfolios: Sequence[Portfolio], at: datetime) -> tuple[dict[Key, Position], dict[int, Asset]]:
    """Where assets stood at a moment, each in its portfolio's currency, from the read models; and the assets.

    That is where they stood when the UTC day began, with what was booked on that day until then.
    """
    midnight = floor(at, DAY)
    days = DailyPosition.objects.filter(pk__in=last_before(portfolios, midnight.date()))
    days = days.select_related("asset")
    positions = {(row.portfolio_id, row.asset_id): row.position for row in days}
    since = Booking.objects.of(portfolios).between(midnight, at).select_related("asset")
    for row in since:
        key = row.portfolio_id, row.asset_id
        positions[key] = positions.get(key, Position()).plus(row.change)
    return positions, {row.asset_id: row.asset for row in (*days, *since)}


def last_before(portfolios: Sequence[Portfolio], day: date) -> QuerySet[Any, Any]:
    """The pks of the daily positions that stood when a UTC day began, for `pk__in`."""
    here = {"portfolio": OuterRef("portfolio"), "asset": OuterRef("asset"), "day__lt": day}
    last = DailyPosition.objects.filter(**here).order_by("-day").values("pk")[:1]
    return Holding.objects.filter(portfolio__in=portfolios).values_list(Subquery(last))


def steps(
    portfolios: Sequence[Portfolio],
    currency: str,
    *,
    since: datetime | None = None,
    until: datetime,
    asset: Asset | None = None,
    latest: int | None = None,
) -> list[Step]:
    """Return what was booked in (since, until], of one asset or of all, in booking order; or its latest."""
    own, other = by_currency(portfolios, currency)
    rows = Booking.objects.of(own).filter(occurred_at__lte=until).select_related("transaction")
    if since:
        rows = rows.filter(occurred_at__gt=since)
    if asset:
        rows = rows.filter(asset=asset)
    found = [_stored_step(row) for row in rows.order_by("-occurred_at", "-transaction", "-leg")[:latest]]
    anew = _steps_anew(other, currency, until)
    found += [step for step in anew if _is_wanted(step, since, asset)]
    return sorted(found, key=lambda step: step.order)[-latest if latest else None :]


def fees_between(
    portfolios: Sequence[Portfolio], currency: str, since: datetime, until: datetime
) -> tuple[Decimal, Decimal]:
    """Return the fees paid in (since, until]: for what came, which are in its cost, and for what left."""
    own, other = by_currency(portfolios, currency)
    rows = Booking.objects.of(own).filter(occurred_at__gt=since, occurred_at__lte=until)
    paid = list(rows.values_list("quantity", "fees"))
    for booked, _ in booked_anew(other, currency, until).values():
        paid += [(one.change.quantity, one.change.fees) for one in booked if one.entry.at > since]
    came = sum((fee for quantity, fee in paid if quantity > 0), Decimal(0))
    return came, sum((fee for _, fee in paid), Decimal(0)) - came


def _is_wanted(step: Step, since: datetime | None, asset: Asset | None) -> bool:
    return (since is None or step.at > since) and (asset is None or step.key[1] == asset.pk)


def by_currency(portfolios: Sequence[Portfolio], currency: str) -> tuple[list[Portfolio], list[Portfolio]]:
    own = [each for each in portfolios if each.currency == currency]
    return own, [each for each in portfolios if each.currency != currency]


def _steps_anew(portfolios: Sequence[Portfolio], currency: str, at: datetime) -> Iterable[Step]:
    if not portfolios:
        return
    rates = {row.pk: (row, rate) for row, rate in rated(_rows(portfolios, at), currency)}
    for key, (booked, is_known) in booked_anew(portfolios, currency, at).items():
        for one in booked:
            row, rate = rates[one.entry.sequence]
            yield _step(row, key, one, rate if is_known else None)


def _rows(portfolios: Sequence[Portfolio], at: datetime) -> TransactionQuerySet:
    return rows_of(_all_that_hang_together(portfolios)).filter(occurred_at__lte=at)


def _all_that_hang_together(portfolios: Sequence[Portfolio]) -> list[Portfolio]:
    """These, and where coins were transferred, all of the same owners."""
    owners = {each.owner_id for each in portfolios}
    transfers = Transaction.objects.kept().filter(kind=Kind.TRANSFER, portfolio__owner__in=owners)
    if not transfers.exists():
        return list(portfolios)
    return list(Portfolio.objects.filter(owner__in=owners))


def booked_anew(
    portfolios: Sequence[Portfolio], currency: str, at: datetime
) -> dict[Key, tuple[list[Booked], bool]]:
    """Book portfolios of another currency in this one until `at`, each transaction at the rate of its date.

    The same lots leave as in their own currency. Returns, by portfolio and asset, what was booked, and
    whether all exchange rates of it are known.
    """
    if not portfolios:
        return {}
    wanted = {each.pk for each in portfolios}
    all_of_them = {each.pk: each for each in _all_that_hang_together(portfolios)}
    found: dict[Key, tuple[list[Booked], bool]] = {}
    every_row = with_rates(_rows(portfolios, at), settled_in(all_of_them.values(), currency))
    for (asset, symbol), group in _groups(every_row).items():
        for rows in _parted(group):
            booked, is_known = _booked(rows, symbol, all_of_them, currency)
            found |= {(place, asset): (ones, is_known) for place, ones in booked.items() if place in wanted}
    return found


def _booked(
    rows: Sequence[Transaction], symbol: str, portfolios: Mapping[int, Portfolio], currency: str
) -> tuple[Mapping[int, list[Booked]], bool]:
    """What rows about an asset do in each portfolio, and whether all rates that it hangs on are known."""
    places = {row.portfolio_id for row in rows}
    places |= {row.to_portfolio_id for row in rows if row.to_portfolio_id and row.asset.symbol == symbol}
    involved = [each for each in portfolios.values() if each.pk in places]
    codes = settled_in(involved, currency)
    told = {code: [(row, rate_into(row, code)) for row in rows] for code in codes}
    booked: dict[int, list[Booked]] = defaultdict(list)
    for one in booked_in(involved, symbol, told)[currency]:
        booked[one.place].append(one)
    return booked, all(rate is not None for rated_rows in told.values() for _, rate in rated_rows)


def _groups(rows: Iterable[Transaction]) -> Mapping[tuple[int, str], list[Transaction]]:
    """Rows by each asset that they are about."""
    groups: dict[tuple[int, str], list[Transaction]] = defaultdict(list)
    for row in rows:
        for asset in coins_of(row):
            groups[asset.pk, asset.symbol].append(row)
    return groups


def _parted(rows: list[Transaction]) -> Iterable[list[Transaction]]:
    """One asset's rows by portfolio, unless it was transferred between them."""
    if any(row.to_portfolio_id for row in rows):
        return [rows]
    parts: dict[int, list[Transaction]] = defaultdict(list)
    for row in rows:
        parts[row.portfolio_id].append(row)
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
    leg = leg_of(one)
    price = leg_price(row, leg)
    return Step(
        transaction=row.pk,
        leg=leg,
        key=key,
        kind=row.kind,
        at=row.occurred_at,
        quantity=one.change.quantity,
        unit_price=None if price is None or rate is None else price * rate,
        money_in=None if rate is None else one.change.money_in,
        money_out=None if rate is None else one.change.money_out,
    )
