"""Candles as exchanges give them: named by their start, the unfinished one included."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.prices.provider.market import COINS


def candles(
    server: Any, coin: str, first: int, last: int, step: int
) -> Iterator[tuple[int, Decimal, Decimal]]:
    """(start, open, close) of those that start in [first, last], without what is not listed or a gap."""
    begin = max(first, server.unlisted_before)
    for at in range(-(-begin // step) * step, min(last, int(server.now())) + 1, step):
        if at + step not in server.gaps:
            yield at, server.price(coin, at), server.price(coin, at + step)


def coin_of(name: str, quote: str) -> str | None:
    return COINS.get(name.removesuffix(quote)) if name.endswith(quote) else None
