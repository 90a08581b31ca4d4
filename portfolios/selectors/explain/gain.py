"""Explanations of a realised gain: the lots that a disposal used, and what it brought."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from portfolios.ledger import Action, Booked, Entry
from portfolios.models import FEE_LEG, Kind, Portfolio, Transaction
from portfolios.selectors.entries import to_entries
from portfolios.selectors.explain.explanation import NO_RATE, Explanation, LeftOut, Link, Term, UnknownFigure
from portfolios.selectors.explain.rows import LIMIT, ExplainedRow, Rows, transactions
from portfolios.selectors.explain.scene import title_of, unit_of
from portfolios.selectors.formulas import GAIN, plus
from portfolios.selectors.gains import Gain, MatchedLot

GAIN_FIGURES = ("gain", "proceeds", "cost")
BY_METHOD: dict[str, str] = {
    Portfolio.CostMethod.AVERAGE: "cost of all units held × quantity ÷ their quantity",
    Portfolio.CostMethod.FIFO: "the oldest lots, each at its cost × quantity ÷ the lot's quantity",
    Portfolio.CostMethod.LIFO: "the newest lots, each at its cost × quantity ÷ the lot's quantity",
    Portfolio.CostMethod.HIFO: "the dearest lots, each at its cost × quantity ÷ the lot's quantity",
}
BROUGHT: dict[str, str] = {
    Kind.SELL: "quantity × price − fee",
    Kind.SPEND: "market value of the coin",
    Kind.SWAP: "market value of the coin given",
}
FEE_IN_COINS = "market value of the coins that paid the fee"
NOTHING = "nothing was received"
BY_LEGS = "gain of the coins that left + gain of those that paid the fee"


def explain_gain(
    gain: Gain, figure: str = "gain", *, currency: str, offset: int = 0, limit: int = LIMIT
) -> Explanation:
    """Return how a gain, its proceeds or its cost came about, in the currency that it is told in.

    The rows of a cost are the acquisitions of the lots, `limit` of them from `offset` on; of the others the
    disposal itself. Raises UnknownFigure.
    """
    if figure not in GAIN_FIGURES:
        raise UnknownFigure(figure)
    row, rate = transactions({gain.transaction}, currency)[gain.transaction]
    if gain.cost is None or rate is None:
        return _explanation(gain, figure, currency, left_out=(LeftOut(gain.asset, NO_RATE),))
    entry = next(each for each in to_entries(row, rate) if each.leg == gain.leg)
    booked = Booked(entry, gain.portfolio, gain.cost, arrives=False)
    own = Rows((_row(gain, figure, booked, row, rate),), 1)
    return _explanation(
        gain,
        figure,
        currency,
        terms=_terms(gain, figure, entry),
        rows=_acquisitions(gain, currency, max(offset, 0), max(limit, 0)) if figure == "cost" else own,
        method=row.portfolio.cost_method,
    )


def explain_realised(found: Sequence[Gain], *, currency: str) -> Explanation:
    """Return what the legs of one transaction realised together; each of them is explained in turn."""
    return Explanation(
        figure="realised",
        title=title_of("realised"),
        formula=BY_LEGS,
        unit=unit_of("realised"),
        currency=currency,
        as_of=found[0].disposed_at,
        result=plus(*(gain.gain for gain in found)),
        terms=tuple(
            Term(_leg_of(gain), gain.gain, Link("gain", disposal=(gain.transaction, gain.leg)))
            for gain in found
        ),
        left_out=tuple(LeftOut(gain.asset, NO_RATE) for gain in found if gain.gain is None),
    )


def _leg_of(gain: Gain) -> str:
    return "Fee in coins" if gain.leg == FEE_LEG else Kind(gain.kind).label


def _explanation(gain: Gain, figure: str, currency: str, method: str = "", **more: Any) -> Explanation:
    return Explanation(
        figure=figure,
        title=title_of(figure),
        formula=_formula(gain, figure, method),
        unit=unit_of(figure),
        currency=currency,
        as_of=gain.disposed_at,
        result=getattr(gain, figure),
        combine=GAIN.combine if figure == "gain" else plus,
        **more,
    )


def _formula(gain: Gain, figure: str, method: str) -> str:
    if figure == "gain":
        return GAIN.words
    if figure == "cost":
        return BY_METHOD.get(method, "cost of the lots it used")
    if gain.leg == FEE_LEG:
        return FEE_IN_COINS if gain.proceeds else NOTHING
    return BROUGHT.get(gain.kind, NOTHING)


def _terms(gain: Gain, figure: str, entry: Entry) -> tuple[Term, ...]:
    if figure == "gain":
        place = (gain.transaction, gain.leg)
        return tuple(
            Term(title_of(name), getattr(gain, name), Link(name, disposal=place)) for name in GAIN.terms
        )
    if figure == "cost":
        return tuple(Term(f"Lot {lot.number}", lot.cost) for lot in gain.lots)
    return tuple(_proceeds(entry))


def _proceeds(entry: Entry) -> Iterator[Term]:
    """Money from outside, and what went to other coins of the portfolio, or (negative) was paid in them."""
    received = entry.amount - entry.inside
    if received:
        yield Term("Received", received)
    if entry.inside:
        name = "Fee in coins, at its value" if entry.inside < 0 else "Value at the market"
        yield Term(name, entry.inside)


def _row(gain: Gain, figure: str, booked: Booked, row: Transaction, rate: Decimal) -> ExplainedRow:
    adds = booked.gain if figure == "gain" else booked.proceeds
    return ExplainedRow(row, gain.leg, gain.portfolio, gain.asset.pk, booked.change, adds or Decimal(0), rate)


def _acquisitions(gain: Gain, currency: str, offset: int, limit: int) -> Rows:
    """What acquired the lots, and how much of the cost came from each."""
    page = gain.lots[offset : offset + limit]
    found = transactions({lot.origin for lot in page}, currency)
    rows = (_acquired(gain, lot, *found[lot.origin]) for lot in page)
    return Rows(tuple(row for row in rows if row), len(gain.lots), offset)


def _acquired(gain: Gain, lot: MatchedLot, row: Transaction, rate: Decimal | None) -> ExplainedRow | None:
    if rate is None or lot.cost is None:
        return None
    legs = (each for each in to_entries(row, rate) if each.action is Action.ACQUIRE)
    entry = next(each for each in legs if each.asset == gain.asset.symbol)
    change = Booked(entry, entry.place, entry.amount, arrives=True).change
    return ExplainedRow(row, entry.leg, entry.place, gain.asset.pk, change, lot.cost, rate)
