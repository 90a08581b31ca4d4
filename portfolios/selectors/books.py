"""The bridge from rows to the ledger, and what the books of some portfolios say in one currency.

In a portfolio's own currency the read models answer. In any other currency the same ledger books the same
transactions anew, each converted at the rate of its own date.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from portfolios.drafts import amount_of, unit_price_of
from portfolios.ledger import Action, Against, Entry, Position, book
from portfolios.models import FIGURES, Booking, Holding, Kind, Portfolio, Transaction
from portfolios.selectors.rates import rate_of, with_dollar_rates
from prices.fields import ONE_UNIT

Key = tuple[int, int]  # portfolio pk, asset pk

EFFECTS: dict[str, tuple[Action, Against]] = {
    Kind.BUY: (Action.ACQUIRE, Against.MONEY),
    Kind.DEPOSIT: (Action.ACQUIRE, Against.MONEY),
    Kind.INCOME: (Action.ACQUIRE, Against.INCOME),
    Kind.SELL: (Action.DISPOSE, Against.MONEY),
    Kind.WITHDRAWAL: (Action.DISPOSE, Against.COST),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction as the books took it; amounts in the currency that was asked for.

    `quantity` is signed. `unit_price` is None for a withdrawal, which has no price of its own. Where an
    exchange rate in its asset's history is unknown, all money is None and `after` knows the quantity alone.
    """

    transaction: int
    key: Key
    kind: str
    at: datetime
    quantity: Decimal
    unit_price: Decimal | None
    money_in: Decimal | None
    money_out: Decimal | None
    after: Position

    @property
    def flow(self) -> Decimal | None:
        """Money in less money out."""
        return None if self.money_in is None or self.money_out is None else self.money_in - self.money_out

    @property
    def order(self) -> tuple[datetime, int, int]:
        return self.at, EFFECTS[self.kind][0], self.transaction


@dataclass(frozen=True, slots=True)
class Books:
    """What is held by portfolio and asset, and the positions of what can be told in the currency.

    A key without a position has a transaction whose exchange rate is unknown.
    """

    held: dict[Key, Decimal]
    positions: dict[Key, Position]


def to_entry(transaction: Transaction, rate: Decimal) -> Entry:
    """Turn a row into its ledger form, with amounts times `rate`, cut to 18 places."""
    action, against = EFFECTS[transaction.kind]
    return Entry(
        at=transaction.occurred_at,
        sequence=transaction.pk or 0,
        asset=transaction.asset.symbol,
        action=action,
        against=against,
        quantity=transaction.quantity,
        amount=(amount_of(transaction) * rate).quantize(ONE_UNIT),
        fee=(transaction.fee * rate).quantize(ONE_UNIT),
    )


def entries_of(portfolio: Portfolio, asset: int) -> list[Entry]:
    """Return the entries of one asset of a portfolio, in the portfolio's currency."""
    rows = portfolio.transactions.kept().filter(asset=asset).select_related("asset")
    return [to_entry(row, row.fx_rate) for row in rows]


def books(portfolios: Sequence[Portfolio], currency: str) -> Books:
    """Return where every asset of every portfolio stands, in one currency."""
    own, other = _by_currency(portfolios, currency)
    positions = {
        (row.portfolio_id, row.asset_id): position_of(row)
        for row in Holding.objects.filter(portfolio__in=own)
    }
    last = {key: booked[-1] for key, booked in _booked_anew(other, currency).items()}
    positions |= {key: step.after for key, step in last.items() if step.flow is not None}
    held = {key: position.quantity for key, position in positions.items()}
    return Books(held | {key: step.after.quantity for key, step in last.items()}, positions)


def steps(portfolios: Sequence[Portfolio], currency: str, since: datetime | None = None) -> list[Step]:
    """Return each transaction as booked, in booking order; only those after `since` where it is given."""
    own, other = _by_currency(portfolios, currency)
    rows = Booking.objects.filter(portfolio__in=own).select_related("transaction")
    if since:
        rows = rows.filter(occurred_at__gt=since)
    found = [
        _step(row.transaction, row.transaction.fx_rate, row.cost, row.proceeds, position_of(row))
        for row in rows
    ]
    anew = _booked_anew(other, currency)
    found += [step for booked in anew.values() for step in booked if not since or step.at > since]
    return sorted(found, key=lambda step: step.order)


def position_of(row: Holding | Booking) -> Position:
    return Position(*(getattr(row, name) for name in FIGURES))


def _by_currency(portfolios: Sequence[Portfolio], currency: str) -> tuple[list[Portfolio], list[Portfolio]]:
    own = [each for each in portfolios if each.currency == currency]
    return own, [each for each in portfolios if each.currency != currency]


def _booked_anew(portfolios: Sequence[Portfolio], currency: str) -> dict[Key, list[Step]]:
    """Book portfolios of another currency in this one, each transaction at the rate of its own date."""
    rows: dict[Key, list[tuple[Transaction, Decimal | None]]] = defaultdict(list)
    for row in _convertible(portfolios, currency):
        rows[row.portfolio_id, row.asset_id].append((row, rate_of(row, row.currency, currency)))
    methods = {each.pk: each.cost_method for each in portfolios}
    return {key: _book(pairs, methods[key[0]]) for key, pairs in rows.items()}


def _convertible(portfolios: Sequence[Portfolio], currency: str) -> Iterable[Transaction]:
    if not portfolios:
        return ()
    rows = Transaction.objects.kept().filter(portfolio__in=portfolios)
    codes = set(rows.order_by().values_list("currency", flat=True).distinct())
    return with_dollar_rates(rows.select_related("asset"), codes | {currency})


def _book(pairs: Sequence[tuple[Transaction, Decimal | None]], method: str) -> list[Step]:
    is_known = all(rate is not None for _, rate in pairs)
    # Without the rates the portfolio's own currency stands in, to tell the quantities; its money is dropped.
    rated = {row.pk: (row, rate if is_known and rate is not None else row.fx_rate) for row, rate in pairs}
    booked = book([to_entry(row, rate) for row, rate in rated.values()], method)
    found = [_step(*rated[one.entry.sequence], one.cost, one.proceeds, one.after) for one in booked]
    return found if is_known else [_without_money(step) for step in found]


def _without_money(step: Step) -> Step:
    after = Position(quantity=step.after.quantity)
    return replace(step, unit_price=None, money_in=None, money_out=None, after=after)


def _step(row: Transaction, rate: Decimal, cost: Decimal, proceeds: Decimal | None, after: Position) -> Step:
    action, against = EFFECTS[row.kind]
    price = unit_price_of(row)
    return Step(
        transaction=row.pk,
        key=(row.portfolio_id, row.asset_id),
        kind=row.kind,
        at=row.occurred_at,
        quantity=row.quantity if action is Action.ACQUIRE else -row.quantity,
        unit_price=None if price is None else price * rate,
        money_in=cost if action is Action.ACQUIRE and against is Against.MONEY else Decimal(0),
        money_out=Decimal(0) if proceeds is None else proceeds,
        after=after,
    )
