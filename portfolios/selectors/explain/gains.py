"""Explanations of gains together: as the page of gains sums them, by year and by asset."""

from calendar import month_name
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from decimal import Decimal

from portfolios.ledger import Position
from portfolios.models import Transaction
from portfolios.selectors.explain.explanation import NO_RATE, Explanation, LeftOut, Link, Term, UnknownFigure
from portfolios.selectors.explain.gain import GAIN_FIGURES
from portfolios.selectors.explain.rows import LIMIT, ExplainedRow, Rows, transactions
from portfolios.selectors.explain.scene import title_of, unit_of
from portfolios.selectors.formulas import GAIN, plus
from portfolios.selectors.gains import Gain, Gains, GainSums

SUMMED = {
    "gain": GAIN.words,
    "proceeds": "what each disposal brought, summed",
    "cost": "what the lots that each disposal used had cost, summed",
}


def explain_gains(
    found: Gains, figure: str, *, zone: tzinfo, what_if: bool = False, offset: int = 0, limit: int = LIMIT
) -> Explanation:
    """Return how a sum over disposals came about: their gain, proceeds or cost, in the currency of `found`.

    Proceeds and cost are told by asset, where there are several, else by year, else by month of the zone.
    Rows are the disposals, newest first; each is explained in turn, but `what_if` by another cost method than
    the books are kept by. Raises UnknownFigure.
    """
    if figure not in GAIN_FIGURES:
        raise UnknownFigure(figure)
    every = [gain for year in found.years for gain in year.gains]
    return Explanation(
        figure=figure,
        title=title_of(figure),
        formula=SUMMED[figure],
        unit=unit_of(figure),
        currency=found.currency,
        as_of=found.as_of,
        result=_known(found.sums, figure),
        terms=_of_gain(found.sums) if figure == "gain" else _parts(found, every, figure, zone),
        combine=GAIN.combine if figure == "gain" else plus,
        rows=_rows(every, figure, found.currency, what_if, max(offset, 0), max(limit, 0)),
        left_out=_left_out(every),
    )


def _known(sums: GainSums, figure: str) -> Decimal | None:
    value: Decimal = getattr(sums, figure)
    return value if sums.is_known else None


def _of_gain(sums: GainSums) -> tuple[Term, ...]:
    return tuple(Term(title_of(name), _known(sums, name), Link(name, among=("", ""))) for name in GAIN.terms)


def _parts(found: Gains, every: Sequence[Gain], figure: str, zone: tzinfo) -> tuple[Term, ...]:
    known = {symbol: sums for symbol, sums in found.by_asset.items() if sums.count}
    if len(known) > 1:
        return _narrowed("asset", known.items(), figure)
    if len(found.years) > 1:
        return _narrowed(
            "year", ((str(each.year), each.sums) for each in found.years if each.sums.is_known), figure
        )
    return _by_month(every, figure, zone)


def _narrowed(name: str, sums: Iterable[tuple[str, GainSums]], figure: str) -> tuple[Term, ...]:
    """Each part is explained in turn, as what the page shows of that asset or year alone."""
    return tuple(Term(each, getattr(part, figure), Link(figure, among=(name, each))) for each, part in sums)


def _by_month(every: Iterable[Gain], figure: str, zone: tzinfo) -> tuple[Term, ...]:
    months: dict[int, list[Decimal | None]] = defaultdict(list)
    for gain in _rated(every):
        months[gain.disposed_at.astimezone(zone).month].append(getattr(gain, figure))
    return tuple(Term(month_name[number], plus(*values)) for number, values in months.items())


def _rows(every: Sequence[Gain], figure: str, currency: str, what_if: bool, offset: int, limit: int) -> Rows:
    rated = list(_rated(every))
    page = rated[::-1][offset : offset + limit]
    found = transactions({gain.transaction for gain in page}, currency)
    rows = (_row(gain, figure, *found[gain.transaction], what_if) for gain in page)
    return Rows(tuple(rows), len(rated), offset)


def _row(gain: Gain, figure: str, row: Transaction, rate: Decimal | None, what_if: bool) -> ExplainedRow:
    return ExplainedRow(
        row,
        gain.leg,
        gain.portfolio,
        gain.asset.pk,
        Position(quantity=-gain.quantity),
        getattr(gain, figure),
        rate,
        "" if what_if else figure,
    )


def _rated(every: Iterable[Gain]) -> Iterator[Gain]:
    """Those that the sums take into account."""
    return (gain for gain in every if gain.cost is not None and gain.proceeds is not None)


def _left_out(every: Sequence[Gain]) -> tuple[LeftOut, ...]:
    """Assets of which disposals are not told; how many, where others of the same are."""
    assets = {gain.asset.symbol: gain.asset for gain in every if gain.cost is None}
    return tuple(LeftOut(assets[symbol], NO_RATE, _part(every, symbol)) for symbol in sorted(assets))


def _part(every: Iterable[Gain], symbol: str) -> str:
    told = [gain.cost is not None for gain in every if gain.asset.symbol == symbol]
    return f"{told.count(False)} of {len(told)} disposals" if any(told) else ""
