"""How a lot stands: what acquired it at what cost, what left of it by which disposals, and what is left."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from portfolios.ledger import ratio
from portfolios.models import Disposal, Portfolio, Transaction
from portfolios.selectors.anew import booked_anew
from portfolios.selectors.books import by_currency
from portfolios.selectors.explain.acquired import acquisition, cost_in_words, parts_of_cost
from portfolios.selectors.explain.explanation import Explanation, Link, Term, Unit, UnknownFigure
from portfolios.selectors.explain.rows import LIMIT, transactions
from portfolios.selectors.formulas import GAIN, less, plus, worth
from portfolios.selectors.fresh import proceeds_by_slice
from portfolios.selectors.lots import LotFigures, Lots, lots
from prices.fields import ONE_UNIT
from prices.models import Asset

ZERO = Decimal(0)


class Kind(NamedTuple):
    """What a figure of a lot is: `combine` makes it of its terms."""

    name: str
    title: str
    formula: str
    combine: Callable[..., Decimal | None] = plus
    unit: Unit = Unit.MONEY


def share(
    cost: Decimal | None, part: Decimal | None, units: Decimal | None, rest: Decimal | None = ZERO
) -> Decimal | None:
    """A lot's part of what all units cost together, cut to 18 places, and what could not be divided."""
    if cost is None or part is None or rest is None or not units:
        return None
    return (cost * part / units).quantize(ONE_UNIT) + rest


CAME = Kind("cost", "Cost when it came", "what it had cost where it came from")
OPEN = Kind("open_quantity", "Still open", "what came − what left", less, Unit.QUANTITY)
OWN_COST = Kind("open_cost", "Cost of what is open", "cost when it came − cost of what left", less)
SHARED_COST = Kind(
    "open_cost", "Cost of what is open", "cost of all units held × what is open ÷ units held", share
)
UNIT_COST = Kind("open_unit_cost", "Cost a unit", "cost ÷ what is open", ratio, Unit.PRICE)
VALUE = Kind("value", "Value", "what is open × latest price", worth)
UNREALISED = Kind("unrealised", "Unrealised gain", "value − cost", less)
UNREALISED_RATIO = Kind("unrealised_ratio", "Unrealised %", "unrealised gain ÷ cost", ratio, Unit.RATIO)
PROCEEDS = Kind("proceeds", "Proceeds", "what the parts disposed of brought, summed")
USED = Kind("cost", "Cost of what was disposed of", "what these parts had cost, summed")
REALISED = Kind("gain", "Gain", GAIN.words, GAIN.combine)


class Piece(NamedTuple):
    """A part of a lot that left by a leg of a transaction. What `realises` nothing left at its cost."""

    transaction: int  # pk
    leg: int
    left_at: datetime
    quantity: Decimal
    cost: Decimal | None
    proceeds: Decimal | None
    realises: bool

    @property
    def gain(self) -> Decimal | None:
        return less(self.proceeds, self.cost) if self.realises else None


@dataclass(frozen=True, slots=True)
class Left:
    """A part that left, and the transaction by which it did."""

    row: Transaction
    piece: Piece


@dataclass(frozen=True, slots=True)
class LotStory:
    """Everything that is to say of a lot at a moment, in one currency. None is unknown.

    `acquired` is the transaction that acquired its coins first, `brought` the one that brought them here, and
    `before` the portfolio (pk) and number of the lot that they were there, if it came by a transfer. `stands`
    is empty where nothing is left, `realised` where nothing was realised. `left` is a page of what left,
    newest first, from `offset` on, of `count`.
    """

    asset: Asset
    lot: LotFigures
    acquired: Transaction
    brought: Transaction
    rate: Decimal | None  # of `brought` into the currency
    before: tuple[int, int] | None
    came: Explanation
    stands: tuple[Explanation, ...]
    realised: tuple[Explanation, ...]
    left: tuple[Left, ...]
    count: int
    offset: int

    @property
    def adds_up(self) -> bool:
        return all(each.adds_up for each in (self.came, *self.stands, *self.realised))


@dataclass(frozen=True, slots=True)
class _Scene:
    """A lot among the others of its asset, and the parts of it that left, oldest first."""

    portfolio: Portfolio
    among: Lots
    lot: LotFigures
    pieces: Sequence[Piece]

    def figure(self, kind: Kind, result: Decimal | None, *terms: Term) -> Explanation:
        return Explanation(
            figure=kind.name,
            title=kind.title,
            formula=kind.formula,
            unit=kind.unit,
            currency=self.among.currency,
            as_of=self.among.as_of,
            result=result,
            terms=terms,
            combine=kind.combine,
        )


def explain_lot(
    portfolio: Portfolio,
    asset: Asset,
    number: int,
    *,
    currency: str,
    at: datetime,
    price: Decimal | None = None,
    offset: int = 0,
    limit: int = LIMIT,
) -> LotStory:
    """Return how the lot of that number stands at a moment; what is open is worth `price` a unit.

    Raises UnknownFigure where no such lot had come by then.
    """
    among = lots([portfolio], asset, currency=currency, at=at)
    found = next((each for each in among.lots if each.number == number), None)
    if found is None:
        raise UnknownFigure(f"lot {number}")
    lot = replace(found, value=worth(found.open_quantity, price)) if found.is_open else found
    pieces = sorted(_pieces(portfolio, asset, lot, currency, at), key=lambda piece: piece.left_at)
    scene = _Scene(portfolio, among, lot, pieces)
    page = pieces[::-1][max(offset, 0) : max(offset, 0) + max(limit, 0)]
    rows = transactions({lot.origin, lot.transaction} | {piece.transaction for piece in page}, currency)
    brought, rate = rows[lot.transaction]
    return LotStory(
        asset=asset,
        lot=lot,
        acquired=rows[lot.origin][0],
        brought=brought,
        rate=rate,
        before=_before(lot) if lot.transaction != lot.origin else None,
        came=_came(scene, brought, rate),
        stands=tuple(_stands(scene, price)) if lot.is_open else (),
        realised=tuple(_realised(scene)),
        left=tuple(Left(rows[piece.transaction][0], piece) for piece in page),
        count=len(pieces),
        offset=max(offset, 0),
    )


def _pieces(
    portfolio: Portfolio, asset: Asset, lot: LotFigures, currency: str, at: datetime
) -> Iterator[Piece]:
    if not by_currency([portfolio], currency)[0]:
        yield from _pieces_anew(portfolio, asset, lot, currency, at)
        return
    rows = Disposal.objects.filter(portfolio=portfolio, asset=asset, lot=lot.number, disposed_at__lte=at)
    for row in rows.order_by("disposed_at", "transaction", "leg"):
        realises = row.proceeds is not None
        yield Piece(
            row.transaction_id, row.leg, row.disposed_at, row.quantity, row.cost, row.proceeds, realises
        )


def _pieces_anew(
    portfolio: Portfolio, asset: Asset, lot: LotFigures, currency: str, at: datetime
) -> Iterator[Piece]:
    booked, is_known = booked_anew([portfolio], currency, at).get((portfolio.pk, asset.pk), ([], True))
    for one in booked:
        for piece, proceeds in () if one.arrives else zip(one.slices, proceeds_by_slice(one), strict=True):
            if piece.lot.number == lot.number:
                yield Piece(
                    one.entry.sequence,
                    one.entry.leg,
                    one.entry.at,
                    piece.quantity,
                    piece.cost if is_known else None,
                    proceeds if is_known else None,
                    realises=one.gain is not None,
                )


def _before(lot: LotFigures) -> tuple[int, int] | None:
    """Which lot of the giving portfolio it was a part of; None where more than one could be."""
    rows = Disposal.objects.filter(transaction=lot.transaction, leg=0, origin=lot.origin)
    found = [(row.portfolio_id, row.lot) for row in rows if row.quantity == lot.quantity]
    return found[0] if len(found) == 1 else None


def _came(scene: _Scene, row: Transaction, rate: Decimal | None) -> Explanation:
    lot = scene.lot
    if lot.transaction == lot.origin and rate is not None and lot.cost is not None:
        entry = acquisition(row, rate, scene.among.asset.symbol)
        if entry:
            kind = CAME._replace(formula=cost_in_words(row))
            return scene.figure(kind, lot.cost, *parts_of_cost(row, entry))
    return scene.figure(CAME, lot.cost, Term("Cost that came along", lot.cost))


def _stands(scene: _Scene, price: Decimal | None) -> Iterator[Explanation]:
    """What is left of it, each figure made of those before it."""
    lot, gone = scene.lot, sum((piece.quantity for piece in scene.pieces), ZERO)
    quantity, cost = Term(OPEN.title, lot.open_quantity), Term(SHARED_COST.title, lot.open_cost)
    value, unrealised = Term(VALUE.title, lot.value), Term(UNREALISED.title, lot.unrealised)
    came = Term("Quantity that came", lot.quantity)
    yield scene.figure(OPEN, lot.open_quantity, came, Term("Quantity that left", gone))
    yield _open_cost(scene)
    yield scene.figure(UNIT_COST, lot.open_unit_cost, cost, quantity)
    yield scene.figure(VALUE, lot.value, quantity, Term("Latest price", price))
    yield scene.figure(UNREALISED, lot.unrealised, value, cost)
    yield scene.figure(UNREALISED_RATIO, lot.unrealised_ratio, unrealised, cost)


def _open_cost(scene: _Scene) -> Explanation:
    lot = scene.lot
    if scene.portfolio.cost_method == Portfolio.CostMethod.AVERAGE:
        return _shared_cost(scene)
    gone = plus(*(piece.cost for piece in scene.pieces))
    terms = (Term(CAME.title, lot.cost), Term("Cost of what left", gone))
    return scene.figure(OWN_COST, lot.open_cost, *terms)


def _shared_cost(scene: _Scene) -> Explanation:
    """What can't be divided evenly stays with the newest lot, and is told by itself."""
    lot, cost, units = scene.lot, scene.among.cost_basis, scene.among.quantity
    rest = less(lot.open_cost, share(cost, lot.open_quantity, units))
    terms = [
        Term("Cost of all units held", cost, Link("cost_basis", lot.asset)),
        Term(OPEN.title, lot.open_quantity),
        Term("Units held", units, Link("quantity", lot.asset)),
    ]
    if rest:
        terms.append(Term("What can't be divided", rest))
    return scene.figure(SHARED_COST, lot.open_cost, *terms)


def _realised(scene: _Scene) -> Iterator[Explanation]:
    """What was sold, spent, given away or lost of it, together; nothing of what left at its cost."""
    pieces = [piece for piece in scene.pieces if piece.realises]
    if not pieces:
        return
    days = [f"{piece.left_at:%Y-%m-%d}" for piece in pieces]
    proceeds = [Term(day, piece.proceeds) for day, piece in zip(days, pieces, strict=True)]
    costs = [Term(day, piece.cost) for day, piece in zip(days, pieces, strict=True)]
    brought, used = (plus(*(term.value for term in terms)) for terms in (proceeds, costs))
    yield scene.figure(PROCEEDS, brought, *proceeds)
    yield scene.figure(USED, used, *costs)
    yield scene.figure(REALISED, less(brought, used), Term(PROCEEDS.title, brought), Term(USED.title, used))
