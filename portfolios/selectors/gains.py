"""Realised gains: every disposal with the lots it used, year by year.

In a portfolio's own currency the stored slices answer; in any other the ledger books anew. Both add up to
what the overview calls realised.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from functools import reduce
from typing import NamedTuple

from portfolios.ledger import Booked
from portfolios.models import Disposal, Portfolio, Transaction
from portfolios.selectors.anew import Key, asked_under, booked_anew
from portfolios.selectors.books import by_currency
from portfolios.selectors.entries import action_of
from portfolios.selectors.formulas import GAIN, plus
from portfolios.selectors.fresh import proceeds_by_slice
from portfolios.selectors.years import Span, span_of
from prices.models import Asset

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class MatchedLot:
    """A slice of a lot that a disposal used. `origin` is the pk of the transaction that acquired it.

    Money is in the currency asked for; None where an exchange rate in the asset's history is unknown.
    """

    number: int
    origin: int
    acquired_at: datetime
    days_held: int  # full days from acquisition to disposal
    quantity: Decimal
    cost: Decimal | None
    proceeds: Decimal | None

    @property
    def gain(self) -> Decimal | None:
        return GAIN.of(self)


@dataclass(frozen=True, slots=True)
class Gain:
    """What one leg of a transaction realised, and the lots it used. What left for nothing brought 0."""

    transaction: int  # pk
    leg: int
    kind: str
    portfolio: int  # pk
    asset: Asset
    disposed_at: datetime
    quantity: Decimal
    proceeds: Decimal | None
    cost: Decimal | None
    lots: tuple[MatchedLot, ...]

    @property
    def gain(self) -> Decimal | None:
        return GAIN.of(self)

    @property
    def order(self) -> tuple[datetime, int, int, int]:
        return self.disposed_at, action_of(self.kind, self.leg), self.transaction, self.leg


@dataclass(frozen=True, slots=True)
class GainSums:
    """Sums over disposals; those whose cost is unknown in the currency are left out: so many of them."""

    count: int = 0
    proceeds: Decimal = ZERO
    cost: Decimal = ZERO
    left_out: int = 0

    @property
    def gain(self) -> Decimal:
        return self.proceeds - self.cost

    @property
    def is_known(self) -> bool:
        """Whether they say anything: the sum of what is unknown throughout is not 0."""
        return bool(self.count or not self.left_out)

    def plus(self, other: "GainSums") -> "GainSums":
        return GainSums(
            self.count + other.count,
            self.proceeds + other.proceeds,
            self.cost + other.cost,
            self.left_out + other.left_out,
        )


@dataclass(frozen=True, slots=True)
class GainsOfYear:
    """A calendar year: its disposals in booking order, their sums, and those of each asset by symbol."""

    year: int
    gains: tuple[Gain, ...]
    sums: GainSums
    by_asset: dict[str, GainSums]


@dataclass(frozen=True, slots=True)
class Gains:
    """Realised gains until a moment, in one currency. `years` ascend; a year without any is not among them.

    `unrated` names the assets that are left out of the sums, as an exchange rate of theirs is unknown.
    """

    as_of: datetime
    currency: str
    years: tuple[GainsOfYear, ...]
    sums: GainSums
    by_asset: dict[str, GainSums]
    unrated: tuple[str, ...]


class _Piece(NamedTuple):
    """A slice, as both sources tell it."""

    transaction: int
    leg: int
    kind: str
    portfolio: int
    asset: int
    disposed_at: datetime
    number: int
    origin: int
    acquired_at: datetime
    quantity: Decimal
    cost: Decimal | None
    proceeds: Decimal | None


def gains(
    portfolios: Sequence[Portfolio],
    *,
    currency: str,
    at: datetime,
    zone: tzinfo,
    year: int | None = None,
    asset: Asset | None = None,
    method: str = "",
    since: datetime | None = None,
) -> Gains:
    """Return what was realised until `at`: ever, or in one calendar year of `zone`, or from `since` on; of
    one asset if given.

    With a `method`, what would have been realised if these portfolios had that one.
    """
    span = Span(since, None, at) if since else span_of(year, zone, at)
    asked = asked_under(portfolios, method)
    found = sorted(_found(asked, currency, span, asset), key=lambda gain: gain.order)
    years = tuple(_by_year(found, zone))
    return Gains(
        as_of=at,
        currency=currency,
        years=years,
        sums=_together(year.sums for year in years),
        by_asset=_over_years(years),
        unrated=tuple(sorted({gain.asset.symbol for gain in found if gain.cost is None})),
    )


def gain_of(transaction: Transaction, leg: int, *, currency: str) -> Gain | None:
    """Return what one leg of a transaction realised; None where it realised nothing."""
    at = transaction.occurred_at
    found = _found([transaction.portfolio], currency, Span(at, at + timedelta.resolution, at), None)
    return next((gain for gain in found if (gain.transaction, gain.leg) == (transaction.pk, leg)), None)


def _found(portfolios: Sequence[Portfolio], currency: str, span: Span, asset: Asset | None) -> Iterator[Gain]:
    own, other = by_currency(portfolios, currency)
    pieces = [*_stored(own, span, asset), *_anew(other, currency, span, asset)]
    return _joined(pieces, Asset.objects.in_bulk({piece.asset for piece in pieces}))


def _stored(portfolios: Sequence[Portfolio], span: Span, asset: Asset | None) -> Iterator[_Piece]:
    rows = Disposal.objects.filter(portfolio__in=portfolios, disposed_at__lte=span.at, proceeds__isnull=False)
    if span.since:
        rows = rows.filter(disposed_at__gte=span.since)
    if span.until:
        rows = rows.filter(disposed_at__lt=span.until)
    if asset:
        rows = rows.filter(asset=asset)
    names = ("transaction", "leg", "transaction__kind", "portfolio", "asset", "disposed_at", "lot", "origin")
    return map(_Piece._make, rows.values_list(*names, "acquired_at", "quantity", "cost", "proceeds"))


def _anew(
    portfolios: Sequence[Portfolio], currency: str, span: Span, asset: Asset | None
) -> Iterator[_Piece]:
    found = {
        key: told
        for key, told in booked_anew(portfolios, currency, span.at).items()
        if asset is None or key[1] == asset.pk
    }
    kinds = _kinds(portfolios) if found else {}
    for key, (booked, is_known) in found.items():
        for one in booked:
            if one.gain is not None and span.holds(one.entry.at):
                yield from _pieces(key, one, kinds[one.entry.sequence], is_known)


def _kinds(portfolios: Sequence[Portfolio]) -> dict[int, str]:
    rows = Transaction.objects.kept().filter(portfolio__in=portfolios).order_by()
    return dict(rows.values_list("pk", "kind"))


def _pieces(key: Key, one: Booked, kind: str, is_known: bool) -> Iterator[_Piece]:
    for piece, proceeds in zip(one.slices, proceeds_by_slice(one), strict=True):
        yield _Piece(
            transaction=one.entry.sequence,
            leg=one.entry.leg,
            kind=kind,
            portfolio=key[0],
            asset=key[1],
            disposed_at=one.entry.at,
            number=piece.lot.number,
            origin=piece.lot.origin,
            acquired_at=piece.lot.acquired_at,
            quantity=piece.quantity,
            cost=piece.cost if is_known else None,
            proceeds=proceeds if is_known else None,
        )


def _joined(pieces: Iterable[_Piece], assets: dict[int, Asset]) -> Iterator[Gain]:
    """The slices of each leg of a transaction together."""
    legs: dict[tuple[int, int], list[_Piece]] = defaultdict(list)
    for piece in pieces:
        legs[piece.transaction, piece.leg].append(piece)
    for slices in legs.values():
        first = slices[0]
        yield Gain(
            transaction=first.transaction,
            leg=first.leg,
            kind=first.kind,
            portfolio=first.portfolio,
            asset=assets[first.asset],
            disposed_at=first.disposed_at,
            quantity=sum((each.quantity for each in slices), ZERO),
            proceeds=plus(*(each.proceeds for each in slices)),
            cost=plus(*(each.cost for each in slices)),
            lots=tuple(_matched(each) for each in sorted(slices, key=lambda each: each.number)),
        )


def _matched(piece: _Piece) -> MatchedLot:
    return MatchedLot(
        number=piece.number,
        origin=piece.origin,
        acquired_at=piece.acquired_at,
        days_held=(piece.disposed_at - piece.acquired_at).days,
        quantity=piece.quantity,
        cost=piece.cost,
        proceeds=piece.proceeds,
    )


def _by_year(found: Iterable[Gain], zone: tzinfo) -> Iterator[GainsOfYear]:
    years: dict[int, list[Gain]] = defaultdict(list)
    for gain in found:
        years[gain.disposed_at.astimezone(zone).year].append(gain)
    for year, those in years.items():
        by_asset = _by_asset(those)
        yield GainsOfYear(year, tuple(those), _together(by_asset.values()), by_asset)


def _by_asset(found: Iterable[Gain]) -> dict[str, GainSums]:
    assets: dict[str, list[Gain]] = defaultdict(list)
    for gain in found:
        assets[gain.asset.symbol].append(gain)
    return {symbol: _sums(assets[symbol]) for symbol in sorted(assets)}


def _sums(found: Iterable[Gain]) -> GainSums:
    count, proceeds, cost, left_out = 0, ZERO, ZERO, 0
    for gain in found:
        if gain.proceeds is not None and gain.cost is not None:
            count, proceeds, cost = count + 1, proceeds + gain.proceeds, cost + gain.cost
        else:
            left_out += 1
    return GainSums(count, proceeds, cost, left_out)


def _together(sums: Iterable[GainSums]) -> GainSums:
    return reduce(GainSums.plus, sums, GainSums())


def _over_years(years: Sequence[GainsOfYear]) -> dict[str, GainSums]:
    symbols = sorted({symbol for year in years for symbol in year.by_asset})
    return {symbol: _together(year.by_asset.get(symbol, GainSums()) for year in years) for symbol in symbols}
