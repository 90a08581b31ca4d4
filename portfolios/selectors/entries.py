"""The one bridge from rows to the ledger: what each kind of transaction does to the lots."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from portfolios.drafts import amount_of, money_fee_of, unit_price_of
from portfolios.ledger import (
    RANKED_BY_COST,
    Action,
    Against,
    Booked,
    Entry,
    HoldingWouldBeNegative,
    book,
    book_together,
)
from portfolios.models import FEE_LEG, Kind, Portfolio, Transaction, TransactionQuerySet
from portfolios.selectors.rates import rate_of, with_dollar_rates
from prices.fields import ONE_UNIT
from prices.models import Asset

ZERO = Decimal(0)

EFFECTS: dict[str, tuple[Action, Against]] = {
    Kind.BUY: (Action.ACQUIRE, Against.MONEY),
    Kind.DEPOSIT: (Action.ACQUIRE, Against.MONEY),
    Kind.INCOME: (Action.ACQUIRE, Against.INCOME),
    Kind.SELL: (Action.DISPOSE, Against.MONEY),
    Kind.SWAP: (Action.DISPOSE, Against.MONEY),
    Kind.SPEND: (Action.DISPOSE, Against.MONEY),
    Kind.TRANSFER: (Action.TRANSFER, Against.COST),
    Kind.WITHDRAWAL: (Action.DISPOSE, Against.COST),
    Kind.GIFT: (Action.DISPOSE, Against.NOTHING),
    Kind.LOST: (Action.DISPOSE, Against.NOTHING),
    Kind.FEE: (Action.DISPOSE, Against.FEE),
}
SWAPPED_LEG = 1
Rated = tuple[Transaction, Decimal | None]  # a row, and the rate that its amounts are booked at


def to_entries(row: Transaction, rate: Decimal) -> list[Entry]:
    """Turn a row into its ledger form, one entry a leg, with amounts times `rate`, cut to 18 places."""
    amount, fee = _cut(amount_of(row) * rate), _cut(money_fee_of(row) * rate)
    coins = ZERO if row.fee_price is None else _cut(row.fee * row.fee_price * rate)
    entries = [_main(row, amount, fee, coins)]
    if row.kind == Kind.SWAP:
        entries.append(_received(row, amount, fee, coins))
    if row.fee_asset:
        entries.append(_coin_fee(row, coins))
    return entries


def _main(row: Transaction, amount: Decimal, fee: Decimal, coins: Decimal) -> Entry:
    action, against = EFFECTS[row.kind]
    if row.kind == Kind.SWAP:  # the fee belongs to what was received
        inside, fee, coins = amount, ZERO, ZERO
    elif action is Action.ACQUIRE:
        amount, inside = amount + coins, coins
    elif row.kind == Kind.SELL:
        amount, inside = amount - coins, -coins
    else:
        inside = ZERO
    return Entry(
        row.occurred_at,
        row.pk or 0,
        row.asset.symbol,
        action,
        against,
        row.quantity,
        amount,
        fee + coins,
        inside,
        row.portfolio_id,
        row.to_portfolio_id,
    )


def _received(row: Transaction, amount: Decimal, fee: Decimal, coins: Decimal) -> Entry:
    assert row.to_asset is not None
    assert row.to_quantity is not None
    return Entry(
        row.occurred_at,
        row.pk or 0,
        row.to_asset.symbol,
        Action.ACQUIRE,
        Against.MONEY,
        row.to_quantity,
        amount + fee + coins,
        fee + coins,
        amount + coins,
        row.portfolio_id,
        leg=SWAPPED_LEG,
    )


def _coin_fee(row: Transaction, coins: Decimal) -> Entry:
    """A fee in coins is disposed of at its value; where the coins leave at cost, it is a loss of its cost."""
    assert row.fee_asset is not None
    against = Against.FEE if row.fee_price is None else Against.MONEY
    at, place = row.occurred_at, row.portfolio_id
    symbol, number = row.fee_asset.symbol, row.pk or 0
    return Entry(at, number, symbol, Action.FEE, against, row.fee, coins, ZERO, coins, place, leg=FEE_LEG)


def coins_of(row: Transaction) -> set[Asset]:
    """What a transaction is about, by any of its legs."""
    return {asset for asset in (row.asset, row.to_asset, row.fee_asset) if asset}


def leg_price(row: Transaction, leg: int) -> Decimal | None:
    """What a unit of a leg's coin was priced at, fees left out, in the transaction's currency."""
    if leg == FEE_LEG:
        return row.fee_price
    if leg == SWAPPED_LEG:
        return amount_of(row) / row.to_quantity if row.to_quantity else None
    return unit_price_of(row)


def action_of(kind: str, leg: int) -> Action:
    if leg == FEE_LEG:
        return Action.FEE
    return Action.ACQUIRE if (kind, leg) == (Kind.SWAP, SWAPPED_LEG) else EFFECTS[kind][0]


def connected(portfolio: Portfolio, asset: int) -> list[Portfolio]:
    """The portfolios whose books of an asset hang together with this one's, because it was transferred.

    All of the owner's, where any such transfer is kept; else this one alone.
    """
    transfers = Transaction.objects.kept().filter(to_portfolio__owner=portfolio.owner_id, asset=asset)
    if not transfers.exists():
        return [portfolio]
    return list(Portfolio.objects.filter(owner=portfolio.owner_id))


def rows_of(portfolios: Iterable[Portfolio]) -> TransactionQuerySet:
    """What counts in these portfolios."""
    return Transaction.objects.kept().filter(portfolio__in=portfolios)


def rated(rows: TransactionQuerySet, currency: str) -> list[Rated]:
    """Each row with its rate into a currency: frozen where books are kept in it, else that of its time."""
    return [(row, rate_into(row, currency)) for row in with_rates(rows, {currency})]


def rated_together(
    rows: TransactionQuerySet, portfolios: Iterable[Portfolio], currency: str
) -> dict[str, list[Rated]]:
    """The same rows in each currency that must be known to book them in one: see `settled_in`."""
    codes = settled_in(portfolios, currency)
    found = with_rates(rows, codes)
    return {code: [(row, rate_into(row, code)) for row in found] for code in codes}


def settled_in(portfolios: Iterable[Portfolio], currency: str) -> set[str]:
    """A currency, and those in which it is settled which lots leave these portfolios."""
    return {currency} | {each.currency for each in portfolios if each.cost_method in RANKED_BY_COST}


def with_rates(rows: TransactionQuerySet, currencies: set[str]) -> list[Transaction]:
    """Rows with all that `rate_into` looks at for these currencies."""
    codes: set[str] = set()
    for currency in currencies:
        elsewhere = rows.exclude(portfolio__currency=currency).order_by()
        codes |= set(elsewhere.values_list("currency", flat=True).distinct())
    found = list(with_dollar_rates(rows, codes | currencies) if codes else rows)
    _attach(found)
    return found


def _attach(rows: Sequence[Transaction]) -> None:
    """Hand all rows of a coin or a portfolio the same one: a join would make a new one for each row."""
    coins = {pk for row in rows for pk in (row.asset_id, row.to_asset_id, row.fee_asset_id) if pk}
    assets = Asset.objects.in_bulk(coins)
    portfolios = Portfolio.objects.in_bulk({row.portfolio_id for row in rows})
    for row in rows:
        row.portfolio, row.asset = portfolios[row.portfolio_id], assets[row.asset_id]
        if row.to_asset_id:
            row.to_asset = assets[row.to_asset_id]
        if row.fee_asset_id:
            row.fee_asset = assets[row.fee_asset_id]


def rate_into(row: Transaction, currency: str) -> Decimal | None:
    """The rate that a row of `with_rates` is booked at in a currency: frozen, or stored; None if unknown."""
    if row.portfolio.currency == currency:
        return row.fx_rate
    frozen = row.other_rates.get(currency)
    return Decimal(frozen) if frozen else rate_of(row, row.currency, currency)


def entries_of(symbol: str, found: Iterable[Rated]) -> Iterator[Entry]:
    """The entries about one asset. A row without a rate lends its own currency's, to tell the quantities."""
    for row, rate in found:
        for entry in to_entries(row, row.fx_rate if rate is None else rate):
            if entry.asset == symbol:
                yield entry


def first_of(refusals: Iterable[HoldingWouldBeNegative], home: Portfolio) -> HoldingWouldBeNegative:
    """What runs short first; it names the portfolio where it is not this one."""
    first = min(refusals, key=lambda refusal: refusal.order)
    if first.place != home.pk:
        first.where = f"In {Portfolio.objects.get(pk=first.place)}: "
    return first


def booked_in(
    portfolios: Sequence[Portfolio], symbol: str, told: Mapping[str, Iterable[Rated]]
) -> dict[str, list[Booked]]:
    """Book one asset in portfolios that hang together, in each currency that its rows are told in.

    The same lots leave in all of them. Raises HoldingWouldBeNegative.
    """
    methods = {each.pk: each.cost_method for each in portfolios}
    entries = {currency: list(entries_of(symbol, found)) for currency, found in told.items()}
    if len(entries) > 1:
        return book_together(entries, methods, {each.pk: each.currency for each in portfolios})
    return {currency: book(each, methods) for currency, each in entries.items()}


def _cut(amount: Decimal) -> Decimal:
    return amount.quantize(ONE_UNIT)
