"""What coins cost when they came: the same for a lot that was acquired and for the row of its transaction."""

from collections.abc import Iterator
from decimal import Decimal

from portfolios.ledger import Action, Entry
from portfolios.models import Kind, Transaction
from portfolios.selectors.entries import to_entries
from portfolios.selectors.explain.explanation import Term

PAID: dict[str, str] = {
    Kind.BUY: "What was paid for the coins",
    Kind.SWAP: "Value of the coins given",
    Kind.INCOME: "Market value when they came",
}
STATED, ASSUMED = "Cost as stated", "Market value, assumed as cost"


def acquisition(row: Transaction, rate: Decimal, symbol: str) -> Entry | None:
    """The leg of a transaction by which a coin was acquired, in the currency of the rate; None of none."""
    legs = (each for each in to_entries(row, rate) if each.action is Action.ACQUIRE)
    return next((each for each in legs if each.asset == symbol), None)


def parts_of_cost(row: Transaction, entry: Entry) -> Iterator[Term]:
    """What was paid for the coins themselves, and the fees: together exactly the cost."""
    yield Term(_paid(row), entry.amount - entry.fee)
    if entry.fee:
        yield Term("Fee in coins, at its value" if row.fee_asset else "Fee", entry.fee)


def cost_in_words(row: Transaction) -> str:
    name = _paid(row)
    return f"{name[0].lower()}{name[1:]}{' + fee' if row.fee else ''}"


def _paid(row: Transaction) -> str:
    if row.kind == Kind.DEPOSIT:
        return ASSUMED if row.price_source else STATED
    return PAID.get(row.kind, STATED)
