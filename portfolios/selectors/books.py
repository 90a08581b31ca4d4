"""What the books of some portfolios say in one currency.

In a portfolio's own currency the read models answer. In any other currency the same ledger books the same
transactions anew, each converted at the rate of its own date.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from portfolios.ledger import Booked, Position, total
from portfolios.models import (
    Booking,
    DailyPosition,
    Holding,
    Portfolio,
    Transaction,
    left_out_of,
)
from portfolios.selectors.anew import Key, booked_anew, rows_until
from portfolios.selectors.crossings import crossings
from portfolios.selectors.entries import (
    action_of,
    leg_price,
    rated,
)
from portfolios.selectors.formulas import plus
from portfolios.selectors.fresh import leg_of
from portfolios.selectors.memory import memory
from prices.models import Asset
from prices.selectors import DAY, floor


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
    def name(self) -> tuple[int, int]:
        return self.transaction, self.leg

    def plus(self, money_in: Decimal, money_out: Decimal) -> "Step":
        """The same with what crossed over from assets that are left out, or to them."""
        came, went = plus(self.money_in, money_in), plus(self.money_out, money_out)
        return replace(self, money_in=came, money_out=went)

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
    if other:
        anew_held, anew_positions = _stood_anew(other, currency, at)
        held |= anew_held
        positions |= anew_positions
    for leg, money_in, money_out in crossings(own, other, currency, until=at).values():
        if leg.key in positions:
            positions[leg.key] = _crossed(positions[leg.key], money_in, money_out)
    others = {asset for _, asset in held} - assets.keys()
    return Books(held, positions, assets | Asset.objects.in_bulk(others))


def _crossed(position: Position, money_in: Decimal, money_out: Decimal) -> Position:
    """What moved over from assets that are left out, or to them, told as money; the books still balance."""
    return position._replace(
        money_in=position.money_in + money_in,
        money_out=position.money_out + money_out,
        moved=position.moved - money_in + money_out,
    )


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


def _stood_anew(
    portfolios: Sequence[Portfolio], currency: str, at: datetime
) -> tuple[dict[Key, Decimal], dict[Key, Position]]:
    """What is held, and the positions of what can be told, in a currency that the books are not kept in.

    Until something happens where they stood when the UTC day began is remembered.
    """
    recall = memory(portfolios, (), currency, at)
    if _is_quiet(portfolios, recall.until, at):
        return recall.recall("stood", lambda: _told_anew(portfolios, currency, recall.until))
    return _told_anew(portfolios, currency, at)


def _told_anew(
    portfolios: Sequence[Portfolio], currency: str, at: datetime
) -> tuple[dict[Key, Decimal], dict[Key, Position]]:
    anew = booked_anew(portfolios, currency, at)
    sums = {key: total(one.change for one in booked) for key, (booked, _) in anew.items()}
    held = {key: position.quantity for key, position in sums.items()}
    return held, {key: position for key, position in sums.items() if anew[key][1]}


def _is_quiet(portfolios: Sequence[Portfolio], since: datetime, until: datetime) -> bool:
    """Whether nothing was booked in (since, until]."""
    rows = Booking.objects.of(portfolios).filter(occurred_at__gt=since, occurred_at__lte=until)
    return not rows.exists()


def last_before(portfolios: Sequence[Portfolio], day: date) -> QuerySet[Any, Any]:
    """The pks of the daily positions that stood when a UTC day began, for `pk__in`."""
    here = {"portfolio": OuterRef("portfolio"), "asset": OuterRef("asset"), "day__lt": day}
    last = DailyPosition.objects.filter(**here).order_by("-day").values("pk")[:1]
    held = Holding.objects.filter(portfolio__in=portfolios).exclude(asset__in=left_out_of(portfolios))
    return held.values_list(Subquery(last))


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
    is_quiet = bool(other and since) and _is_quiet(other, since or until, until)
    if other and not is_quiet:
        found += _steps_anew(other, currency, since, until, asset, latest)
    across = crossings(own, other, currency, since=since, until=until)
    found = [step.plus(*across[step.name][1:]) if step.name in across else step for step in found]
    return sorted(found, key=lambda step: step.order)[-latest if latest else None :]


def fees_between(
    portfolios: Sequence[Portfolio], currency: str, since: datetime, until: datetime
) -> tuple[Decimal, Decimal]:
    """Return the fees paid in (since, until]: for what came, which are in its cost, and for what left."""
    own, other = by_currency(portfolios, currency)
    rows = Booking.objects.of(own).filter(occurred_at__gt=since, occurred_at__lte=until)
    paid = list(rows.values_list("quantity", "fees"))
    if since >= until or _is_quiet(other, since, until):
        other = []
    for booked, _ in booked_anew(other, currency, until).values():
        paid += [(one.change.quantity, one.change.fees) for one in booked if one.entry.at > since]
    came = sum((fee for quantity, fee in paid if quantity > 0), Decimal(0))
    return came, sum((fee for _, fee in paid), Decimal(0)) - came


def by_currency(portfolios: Sequence[Portfolio], currency: str) -> tuple[list[Portfolio], list[Portfolio]]:
    """Those whose read models answer in a currency, and those that are booked anew."""
    own = [each for each in portfolios if each.currency == currency and each.as_kept]
    return own, [each for each in portfolios if each.currency != currency or not each.as_kept]


def _steps_anew(
    portfolios: Sequence[Portfolio],
    currency: str,
    since: datetime | None,
    until: datetime,
    asset: Asset | None,
    latest: int | None,
) -> Iterator[Step]:
    """The steps of these alone are made; of more than the latest, those of the same instant."""
    wanted = [
        (key, one, is_known)
        for key, (booked, is_known) in booked_anew(portfolios, currency, until).items()
        if asset is None or key[1] == asset.pk
        for one in booked
        if since is None or one.entry.at > since
    ]
    if not wanted:
        return
    first = sorted(one.entry.at for _, one, _ in wanted)[-latest if latest and latest < len(wanted) else 0]
    rows = rows_until(portfolios, until).filter(occurred_at__gte=first)
    rates = {row.pk: (row, rate) for row, rate in rated(rows, currency)}
    for key, one, is_known in wanted:
        if one.entry.at >= first:
            row, rate = rates[one.entry.sequence]
            yield _step(row, key, one, rate if is_known else None)


def _rates(
    portfolios: Sequence[Portfolio], currency: str, at: datetime
) -> dict[int, tuple[Transaction, Decimal | None]]:
    return {row.pk: (row, rate) for row, rate in rated(rows_until(portfolios, at), currency)}


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
