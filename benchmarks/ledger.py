"""Booking lots in memory: the ledger, which checks and keeps a record of every step, against a bare loop."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import partial

from benchmarks.bare import Move, gains, moves
from benchmarks.measure import PAIRS, Line, compared, grows, in_turns
from benchmarks.workload import Trade, trades
from portfolios.ledger import Action, Against, Entry, book

ON_A_DATABASE = False
METHODS = ("fifo", "hifo", "lifo", "average")
GOALS = {"fifo": 3, "hifo": 3, "average": 3}  # lifo is measured for information
STEEPEST = 1.05
ZERO = Decimal(0)


def entries(found: Iterable[Trade]) -> dict[str, list[Entry]]:
    """The trades of each coin as the ledger takes them."""
    by_asset: dict[str, list[Entry]] = {}
    for sequence, trade in enumerate(found):
        action = Action.ACQUIRE if trade.kind == "buy" else Action.DISPOSE
        entry = Entry(
            trade.at, sequence, trade.asset, action, Against.MONEY, trade.quantity, trade.total, trade.fee
        )
        by_asset.setdefault(trade.asset, []).append(entry)
    return by_asset


def realised(histories: dict[str, list[Entry]], method: str) -> dict[str, Decimal]:
    """Book every coin's history, and add up what it realised."""
    return {
        asset: sum((step.gain for step in book(history, method) if step.gain is not None), ZERO)
        for asset, history in histories.items()
    }


def bare(histories: dict[str, list[Move]]) -> dict[str, Decimal]:
    """The same by the bare loop."""
    return {asset: sum(gains(history), ZERO) for asset, history in histories.items()}


def booking(sizes: tuple[int, ...]) -> Iterator[Line]:
    """Booking trades in memory."""
    for method in METHODS:
        took = {}
        for size in sizes:
            found = list(trades(size))
            ours, other = partial(realised, entries(found), method), partial(bare, moves(found))
            sides = in_turns(ours, other, pairs=max(PAIRS, 50_000 // size))
            took[size] = sides.ours
            what = f"Booking {size:,} trades in memory by {method}, against a bare FIFO loop"
            yield compared(what, sides, GOALS.get(method))
        yield grows(f"The same by {method}", took, STEEPEST)


ROWS = (booking,)
