"""The seeded workload: trades over ten coins and five years, and the prices of that time.

The same size and seed give the same workload on every machine. About 39 % of the trades are disposals, never
of more than is held; every trade has a fee of 0.1 %, in whole cents, so that most costs do not divide evenly.
"""

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random
from typing import NamedTuple

SEED = 20_240_229
SIZES = (1_000, 10_000, 100_000)
# A price in dollars that each coin starts from.
COINS = {
    "BTC": 7_200, "ETH": 130, "SOL": 1, "BNB": 14, "XRP": 1,
    "ADA": 1, "LTC": 42, "LINK": 2, "DOT": 3, "XMR": 46,
}  # fmt: skip
HOURLY = "BTC"  # the coin that also has hourly prices
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
UNTIL = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = (UNTIL - SINCE).days
DISPOSALS = 0.39
CENT, EIGHT_PLACES = Decimal("0.01"), Decimal("1e-8")


class Trade(NamedTuple):
    """Coins bought or sold, as a user would state it, in dollars."""

    at: datetime
    asset: str
    kind: str  # buy or sell
    quantity: Decimal
    unit_price: Decimal
    fee: Decimal

    @property
    def total(self) -> Decimal:
        """Really paid or received, the fee included."""
        gross = self.quantity * self.unit_price
        return gross + self.fee if self.kind == "buy" else gross - self.fee


def trades(size: int, seed: int = SEED) -> Iterator[Trade]:
    """Yield `size` trades in time order, no two at one moment."""
    chance = Random(seed)
    closes = daily_prices(seed)
    held = dict.fromkeys(COINS, Decimal(0))
    seconds = int((UNTIL - SINCE).total_seconds())
    for number in range(size):
        moment = (number * seconds + chance.randrange(seconds)) // size  # a stretch of time for each
        asset = chance.choice(tuple(COINS))
        price = (closes[asset][moment // 86_400] * Decimal(chance.randrange(985, 1_016)) / 1_000).quantize(
            CENT
        )
        quantity = (Decimal(chance.randrange(1_000, 250_000)) / 100 / price).quantize(EIGHT_PLACES)
        kind = "buy"
        if held[asset] and chance.random() < DISPOSALS:
            kind, quantity = "sell", min(held[asset], quantity * 3 / 2).quantize(EIGHT_PLACES)
        held[asset] += quantity if kind == "buy" else -quantity
        fee = max(CENT, (quantity * price / 1_000).quantize(CENT, ROUND_HALF_UP))
        yield Trade(SINCE + timedelta(seconds=moment), asset, kind, quantity, price, fee)


def daily_prices(seed: int = SEED) -> dict[str, list[Decimal]]:
    """Each coin's close of every day of the span, oldest first."""
    chance = Random(seed + 1)
    return {coin: _walk(chance, start, DAYS, 40) for coin, start in COINS.items()}


def hours_of(closes: Sequence[Decimal], seed: int = SEED) -> list[Decimal]:
    """Hourly prices for daily ones: of the 24 of each day the first is the day's."""
    chance = Random(seed + 3)
    return [
        (close * (1_000 + (chance.randrange(-10, 11) if hour else 0)) / 1_000).quantize(CENT)
        for close in closes
        for hour in range(24)
    ]


def hourly_prices(coins: int, seed: int = SEED) -> list[list[Decimal]]:
    """Hourly closes of the whole span of so many coins, oldest first."""
    chance = Random(seed + 2)
    return [_walk(chance, 100, DAYS * 24, 8) for _ in range(coins)]


def _walk(chance: Random, start: int, steps: int, per_mille: int) -> list[Decimal]:
    """A price in cents that wanders upwards, and turns round where it would leave the believable."""
    cents, path = start * 100, []
    for _ in range(steps):
        drift = 1 if cents < start * 1_000 else -1
        cents = max(50, cents + cents * chance.randrange(-per_mille, per_mille + 1) // 1_000 + drift)
        path.append(Decimal(cents).scaleb(-2))
    return path


def write_csv(found: list[Trade], path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(Trade._fields)
        writer.writerows((trade.at.isoformat(), *trade[1:]) for trade in found)


def read_csv(path: Path) -> Iterator[Trade]:
    with path.open(newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for at, asset, kind, quantity, price, fee in rows:
            yield Trade(
                datetime.fromisoformat(at), asset, kind, Decimal(quantity), Decimal(price), Decimal(fee)
            )
