"""The lots of an asset at a moment: what was acquired when, at what cost, and what was still open of it.

In a portfolio's own currency the stored lots answer, with what has left since given back to them; in any
other the ledger books anew. Under the average method what is open has the pool's cost, by quantity.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from django.db.models import Max, Q

from portfolios.ledger import Booked, ratio, spread
from portfolios.models import Disposal, Holding, Lot, Portfolio
from portfolios.selectors.anew import booked_anew
from portfolios.selectors.books import by_currency
from portfolios.selectors.formulas import less, plus, worth
from prices.models import Asset

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class LotFigures:
    """One lot at a moment. Money is in the currency asked for; None is unknown."""

    portfolio: int  # pk
    asset: int  # pk
    number: int
    transaction: int  # pk of what brought it here
    origin: int  # pk of what acquired it first
    acquired_at: datetime
    arrived_at: datetime
    closed_at: datetime | None  # when the last of it left; None while it is open
    days_held: int  # full days from acquisition until it was closed, or until the moment
    quantity: Decimal
    cost: Decimal | None
    open_quantity: Decimal
    open_cost: Decimal | None
    value: Decimal | None = None  # of what is open

    @property
    def is_open(self) -> bool:
        return self.open_quantity > 0

    @property
    def unit_cost(self) -> Decimal | None:
        """What a unit cost when it was acquired."""
        return ratio(self.cost, self.quantity)

    @property
    def open_unit_cost(self) -> Decimal | None:
        """What a unit that is still open costs: under the average method that of all units."""
        return ratio(self.open_cost, self.open_quantity)

    @property
    def unrealised(self) -> Decimal | None:
        return less(self.value, self.open_cost)

    @property
    def unrealised_ratio(self) -> Decimal | None:
        return ratio(self.unrealised, self.open_cost)


@dataclass(frozen=True, slots=True)
class Lots:
    """The lots of one asset in some portfolios, by portfolio and number; with the sums of what is open."""

    asset: Asset
    currency: str
    as_of: datetime
    price: Decimal | None
    lots: tuple[LotFigures, ...]

    @property
    def open(self) -> tuple[LotFigures, ...]:
        return tuple(lot for lot in self.lots if lot.is_open)

    @property
    def closed(self) -> tuple[LotFigures, ...]:
        return tuple(lot for lot in self.lots if not lot.is_open)

    @property
    def quantity(self) -> Decimal:
        return sum((lot.open_quantity for lot in self.lots), ZERO)

    @property
    def cost_basis(self) -> Decimal | None:
        return plus(*(lot.open_cost for lot in self.open))

    @property
    def value(self) -> Decimal | None:
        return worth(self.quantity, self.price)

    @property
    def unrealised(self) -> Decimal | None:
        return less(self.value, self.cost_basis)


@dataclass(slots=True)
class _Then:
    """What was open of a portfolio's lots at the moment, by their number."""

    at: datetime
    shares_cost: bool
    pool_cost: Decimal
    lots: dict[int, LotFigures] = field(default_factory=dict)

    def came(self, lot: LotFigures) -> None:
        self.lots[lot.number] = lot
        self.pool_cost += lot.cost or ZERO

    def changed(self, number: int, quantity: Decimal, cost: Decimal, at: datetime | None = None) -> None:
        """Something came back to a lot, or (negative, at a time) left it; the pool's cost goes along."""
        self.pool_cost += cost
        lot = self.lots.get(number)
        if lot is not None:
            left = lot.open_quantity + quantity
            self.lots[number] = replace(
                lot,
                open_quantity=left,
                open_cost=(lot.open_cost or ZERO) + cost,
                closed_at=at if not left else None,
            )

    def figures(self) -> list[LotFigures]:
        found = [self.lots[number] for number in sorted(self.lots)]
        costs = self._costs([lot for lot in found if lot.is_open])
        return [
            replace(
                lot,
                open_cost=costs.get(lot.number, ZERO),
                days_held=((lot.closed_at or self.at) - lot.acquired_at).days,
            )
            for lot in found
        ]

    def _costs(self, open_lots: Sequence[LotFigures]) -> dict[int, Decimal | None]:
        if not self.shares_cost:
            return {lot.number: lot.open_cost for lot in open_lots}
        shares = spread(self.pool_cost, [lot.open_quantity for lot in open_lots])
        return {lot.number: share for lot, share in zip(open_lots, shares, strict=True)}


def lots(
    portfolios: Sequence[Portfolio],
    asset: Asset,
    *,
    currency: str,
    at: datetime,
    price: Decimal | None = None,
    with_closed: bool = True,
) -> Lots:
    """Return the lots of an asset at a moment; what is open is valued at `price`, in the same currency.

    The open quantities and costs add up to the holding's, and the values to its value, to the last digit.
    Leaving the closed ones out costs the same however many there are.
    """
    own, other = by_currency(portfolios, currency)
    found = [*_stored(own, [asset], at, with_closed), *_anew(other, {asset.pk}, currency, at)]
    order = {each.pk: place for place, each in enumerate(portfolios)}
    wanted = [lot for lot in found if with_closed or lot.is_open]
    wanted.sort(key=lambda lot: (order[lot.portfolio], lot.number))
    return Lots(asset, currency, at, price, tuple(_valued(wanted, price)))


def open_lots(
    portfolios: Sequence[Portfolio], assets: Sequence[Asset], *, currency: str, at: datetime
) -> list[LotFigures]:
    """Return what is open of the lots of all these assets at a moment: by asset as they are given, by
    portfolio, by number. As many queries however many assets.
    """
    own, other = by_currency(portfolios, currency)
    pks = [each.pk for each in assets]
    found = [*_stored(own, assets, at, with_closed=False), *_anew(other, set(pks), currency, at)]
    places = [each.pk for each in portfolios]
    return sorted(
        (lot for lot in found if lot.is_open),
        key=lambda lot: (pks.index(lot.asset), places.index(lot.portfolio), lot.number),
    )


def _valued(found: Sequence[LotFigures], price: Decimal | None) -> Iterator[LotFigures]:
    """Each lot's part of the value of all that is open."""
    open_lots = [lot for lot in found if lot.is_open]
    whole = worth(sum((lot.open_quantity for lot in open_lots), ZERO), price)
    shares = (
        [None] * len(open_lots) if whole is None else spread(whole, [lot.open_quantity for lot in open_lots])
    )
    values = dict(zip([(lot.portfolio, lot.number) for lot in open_lots], shares, strict=True))
    for lot in found:
        yield replace(lot, value=values.get((lot.portfolio, lot.number))) if lot.is_open else lot


def _stored(
    portfolios: Sequence[Portfolio], assets: Sequence[Asset], at: datetime, with_closed: bool
) -> Iterator[LotFigures]:
    """What left since then is given back to the lots that stand now."""
    mine = Q(portfolio__in=portfolios, asset__in=assets)
    averaged = {each.pk: each.cost_method == Portfolio.CostMethod.AVERAGE for each in portfolios}
    costs = Holding.objects.filter(mine).values_list("portfolio", "asset", "cost_basis")
    then = {(place, asset): _Then(at, averaged[place], cost) for place, asset, cost in costs}
    ended = _ended(mine, at) if with_closed else {}
    gone = Disposal.objects.filter(mine, disposed_at__gt=at)
    since = list(gone.values_list("portfolio", "asset", "lot", "quantity", "cost"))
    for row in _lot_rows(mine, at, None if with_closed else {(asset, lot) for _, asset, lot, _, _ in since}):
        key = row.portfolio_id, row.asset_id
        then[key].lots[row.number] = _figures(row, ended.get((*key, row.number)))
    later = Lot.objects.filter(mine, arrived_at__gt=at)
    for place, asset, cost in later.values_list("portfolio", "asset", "cost"):
        then[place, asset].pool_cost -= cost
    for place, asset, number, quantity, cost in since:
        then[place, asset].changed(number, quantity, cost)
    for each in then.values():
        yield from each.figures()


def _lot_rows(mine: Q, at: datetime, used_since: set[tuple[int, int]] | None) -> Iterable[Lot]:
    """What had come by then: all, or where it is said what was used since, as good as only what was open."""
    rows = Lot.objects.filter(mine, arrived_at__lte=at).order_by()
    if used_since is None:
        return rows
    is_open = ~Q(open_quantity=0)
    for asset in {asset for asset, _ in used_since}:
        numbers = [number for coin, number in used_since if coin == asset]
        is_open |= Q(asset=asset, number__gte=min(numbers), number__lte=max(numbers))
    return rows.filter(is_open)


def _ended(mine: Q, at: datetime) -> dict[tuple[int, int, int], datetime]:
    """When, until the moment, a slice of each lot was the last to leave."""
    rows = Disposal.objects.filter(mine, disposed_at__lte=at).order_by()
    last = rows.values_list("portfolio", "asset", "lot").annotate(last=Max("disposed_at"))
    return {(portfolio, asset, number): moment for portfolio, asset, number, moment in last}


def _figures(row: Lot, ended_at: datetime | None) -> LotFigures:
    return LotFigures(
        portfolio=row.portfolio_id,
        asset=row.asset_id,
        number=row.number,
        transaction=row.transaction_id,
        origin=row.origin_id,
        acquired_at=row.acquired_at,
        arrived_at=row.arrived_at,
        closed_at=None if row.open_quantity else ended_at,
        days_held=0,
        quantity=row.quantity,
        cost=row.cost,
        open_quantity=row.open_quantity,
        open_cost=row.open_cost,
    )


def _anew(
    portfolios: Sequence[Portfolio], assets: set[int], currency: str, at: datetime
) -> Iterator[LotFigures]:
    methods = {each.pk: each.cost_method for each in portfolios}
    for (portfolio, coin), (booked, is_known) in booked_anew(portfolios, currency, at).items():
        if coin in assets:
            then = _Then(at, methods[portfolio] == Portfolio.CostMethod.AVERAGE, ZERO)
            for one in booked:
                _book(then, one, coin)
            for lot in then.figures():
                yield lot if is_known else replace(lot, cost=None, open_cost=None)


def _book(then: _Then, one: Booked, asset: int) -> None:
    for lot in one.made:
        then.came(
            LotFigures(
                portfolio=one.place,
                asset=asset,
                number=lot.number,
                transaction=one.entry.sequence,
                origin=lot.origin,
                acquired_at=lot.acquired_at,
                arrived_at=one.entry.at,
                closed_at=None,
                days_held=0,
                quantity=lot.quantity,
                cost=lot.cost,
                open_quantity=lot.quantity,
                open_cost=lot.cost,
            )
        )
    for piece in () if one.arrives else one.slices:
        then.changed(piece.lot.number, -piece.quantity, -piece.cost, one.entry.at)
