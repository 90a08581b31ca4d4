"""The least that FIFO takes in Python: lots in a queue, exact decimals, no checks, no records, one method."""

from collections import deque
from collections.abc import Iterable
from decimal import Decimal

from benchmarks.workload import Trade

# Whether coins come, how many, and what they cost or bring in all.
Move = tuple[bool, Decimal, Decimal]


def moves(trades: Iterable[Trade]) -> dict[str, list[Move]]:
    """The trades of each coin as the loop takes them, in the order they come."""
    found: dict[str, list[Move]] = {}
    for trade in trades:
        found.setdefault(trade.asset, []).append((trade.kind == "buy", trade.quantity, trade.total))
    return found


def gains(history: Iterable[Move]) -> list[Decimal]:
    """What each disposal of one coin earned. Selling more than is held ends in an IndexError."""
    lots: deque[list[Decimal]] = deque()
    found = []
    for comes, quantity, amount in history:
        if comes:
            lots.append([quantity, amount])
            continue
        wanted, gain = quantity, amount
        while wanted:
            lot = lots[0]
            if lot[0] <= wanted:
                lots.popleft()
                wanted -= lot[0]
                gain -= lot[1]
            else:
                share = lot[1] * wanted / lot[0]
                lot[0] -= wanted
                lot[1] -= share
                gain -= share
                break
        found.append(gain)
    return found
