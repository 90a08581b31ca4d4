"""The rows behind a figure of the books: transactions and what each of them added to it, page by page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet

from portfolios.drafts import WITHOUT_AMOUNT, amount_of
from portfolios.ledger import Against, Position
from portfolios.models import FEE_LEG, Booking, Kind, Portfolio, Transaction
from portfolios.selectors.anew import booked_anew
from portfolios.selectors.books import by_currency
from portfolios.selectors.entries import EFFECTS, leg_price, rated
from portfolios.selectors.fresh import leg_of
from prices.fields import ONE_UNIT

LIMIT = 50  # rows on a page
FLOW = "flow"  # money in less money out; of all rows, whatever they add
MONEY = ("money_in", "money_out")
OF_LOTS = ("quantity", "rated_quantity", "realised", "gain", "cost")  # what lots say, not what was paid


@dataclass(frozen=True, slots=True)
class ExplainedRow:
    """One leg of a transaction as the books took it. `change` and `adds` are in the explanation's currency.

    `rate` is units of that currency per unit of the transaction's, on its date; None where unknown. `opens`
    is the figure of its leg that tells how what it adds came about, if one does.
    """

    transaction: Transaction
    leg: int
    portfolio: int  # pk
    asset: int  # pk
    change: Position
    adds: Decimal  # to the figure that is explained
    rate: Decimal | None
    opens: str = ""

    @property
    def quantity(self) -> Decimal:
        """Signed."""
        return self.change.quantity

    @property
    def amount(self) -> Decimal | None:
        """What was paid or received in the transaction's currency, fee included."""
        return None if self.transaction.kind in WITHOUT_AMOUNT else amount_of(self.transaction)

    @property
    def unit_price(self) -> Decimal | None:
        """In the transaction's currency, fee left out."""
        return leg_price(self.transaction, self.leg)

    @property
    def price_source(self) -> str:
        """Who said that price; empty where the user stated it."""
        row = self.transaction
        return row.fee_price_source if self.leg == FEE_LEG else row.price_source

    @property
    def price_at(self) -> datetime | None:
        row = self.transaction
        return row.fee_price_at if self.leg == FEE_LEG else row.price_at

    @property
    def converted(self) -> Decimal | None:
        """The amount in the explanation's currency, as it was booked."""
        if self.amount is None or self.rate is None:
            return None
        return (self.amount * self.rate).quantize(ONE_UNIT)

    def adds_at_its_rate(self, figure: str) -> bool:
        """Whether what it adds to a figure is its own amount at `rate`, not what lots cost that it moved."""
        if figure in OF_LOTS or self._leaves_at_cost:
            return False
        return figure != "cost_basis" or self.quantity > 0

    @property
    def _leaves_at_cost(self) -> bool:
        if self.leg == FEE_LEG:
            return self.transaction.fee_price is None
        return EFFECTS[self.transaction.kind][1] in {Against.COST, Against.NOTHING, Against.FEE}


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of the rows behind a figure, newest first, and how many there are in all."""

    rows: tuple[ExplainedRow, ...] = ()
    count: int = 0
    offset: int = 0

    @property
    def is_whole(self) -> bool:
        return bool(self.rows) and len(self.rows) == self.count

    @property
    def sums_to(self) -> Decimal:
        return sum((row.adds for row in self.rows), Decimal(0))


class Wanted(NamedTuple):
    """Which rows: those that add to a figure of the books, of these assets (None: all), in (since, until]."""

    figure: str
    currency: str
    until: datetime
    since: datetime | None
    assets: frozenset[int] | None
    together: bool  # portfolios looked at as one, where transfers are no flow
    rated_only: bool  # none of an asset whose cost is unknown in the currency
    offset: int
    limit: int

    def added(self, change: Position) -> Decimal:
        if self.figure == FLOW:
            return change.money_in - change.money_out
        seen = change.without_transfers() if self.together else change
        return Decimal(getattr(seen, self.figure))


class _Item(NamedTuple):
    """In its order: by time, then as entered."""

    at: datetime
    transaction: int
    leg: int
    portfolio: int
    asset: int
    change: Position


def rows_behind(portfolios: Sequence[Portfolio], wanted: Wanted) -> Rows:
    """Return a page of the rows that add to a figure; what it costs does not grow with their number.

    Portfolios of another currency are booked anew, which does.
    """
    own, other = by_currency(portfolios, wanted.currency)
    stored = _stored(own, wanted)
    anew = [item for item in _anew(other, wanted) if wanted.figure == FLOW or wanted.added(item.change)]
    end = wanted.offset + wanted.limit
    count = stored.count() + len(anew)
    newest = stored.order_by("-occurred_at", "-transaction", "-leg")
    first = 0 if anew else wanted.offset
    items = [_item(booking) for booking in newest[first:end]]
    if anew:
        items = sorted([*items, *anew], reverse=True)[wanted.offset : end]
    return Rows(tuple(_explained(items, wanted)), count, wanted.offset)


def _stored(portfolios: Sequence[Portfolio], wanted: Wanted) -> QuerySet[Booking]:
    rows = Booking.objects.filter(portfolio__in=portfolios, occurred_at__lte=wanted.until)
    if wanted.since:
        rows = rows.filter(occurred_at__gt=wanted.since)
    if wanted.assets is not None:
        rows = rows.filter(asset__in=wanted.assets)
    if wanted.figure != FLOW:
        rows = rows.exclude(**{wanted.figure: 0})
    if wanted.together and wanted.figure in MONEY:
        rows = rows.exclude(kind=Kind.TRANSFER, leg__lt=FEE_LEG)
    return rows


def _anew(portfolios: Sequence[Portfolio], wanted: Wanted) -> Iterator[_Item]:
    for (place, asset), (booked, is_known) in booked_anew(portfolios, wanted.currency, wanted.until).items():
        if wanted.assets is not None and asset not in wanted.assets:
            continue
        if wanted.rated_only and not is_known:
            continue
        for one in booked:
            if wanted.since is None or one.entry.at > wanted.since:
                yield _Item(one.entry.at, one.entry.sequence, leg_of(one), place, asset, one.change)


def _item(booking: Booking) -> _Item:
    return _Item(
        booking.occurred_at,
        booking.transaction_id,
        booking.leg,
        booking.portfolio_id,
        booking.asset_id,
        booking.change,
    )


def _explained(items: Sequence[_Item], wanted: Wanted) -> Iterator[ExplainedRow]:
    found = transactions({item.transaction for item in items}, wanted.currency)
    for item in items:
        row, rate = found[item.transaction]
        adds = wanted.added(item.change)
        yield ExplainedRow(row, item.leg, item.portfolio, item.asset, item.change, adds, rate)


def transactions(wanted: set[int], currency: str) -> dict[int, tuple[Transaction, Decimal | None]]:
    """Return transactions by pk, with all that a page says of them, and their rates into a currency."""
    rows = Transaction.objects.filter(pk__in=wanted)
    rows = rows.select_related("portfolio", "to_portfolio", "asset", "to_asset", "fee_asset")
    return {row.pk: (row, rate) for row, rate in (rated(rows, currency) if wanted else [])}
