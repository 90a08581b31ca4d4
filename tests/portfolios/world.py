"""What is there before the laws are tried: coins with prices, a currency with rates, portfolios."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

from portfolios.drafts import Draft
from portfolios.models import Portfolio
from prices.models import Asset
from tests import model
from tests.factories import AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, UserFactory
from tests.stated import KINDS, Market, Stated, terms_of

START = datetime(2024, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=6)
COINS = ("BTC", "ETH", "SOL")
METHODS = ("average", "fifo", "lifo", "hifo")
# Per day; with rates that come out even, so that no digit depends on where an amount is cut.
DOLLARS = {
    "BTC": "100 120 90 200 150 175".split(),
    "ETH": "10 12.5 9 20 15 17.5".split(),
    "SOL": "1 2 1.5 0.75 3 2".split(),
    "EUR": "1.25 1.6 2 0.8 1 1.28".split(),
}
STORED = {
    symbol: {START + timedelta(days=number): Fraction(price) for number, price in enumerate(prices)}
    for symbol, prices in DOLLARS.items()
}
MARKET = Market(STORED)

# Few moments, so that many things happen in one instant and many are entered late. One is a midnight.
MOMENTS = [START + timedelta(hours=hours) for hours in (1, 12, 24, 36, 47, 80, 125)]
QUANTITIES = [Fraction(each) for each in "1 2 0.5 3 0.7 1.1 0.123456 0.000001".split()]
SHARES = [Fraction(each) for each in "1 1 2/3 6/7 1/3 11/10".split()]
PRICES = [Fraction(each) for each in "100 33.33 0.07 0 250 12.34".split()]
COIN_FEES = [Fraction(each) for each in "0.01 0.1 0.003 0.5".split()]
OFTEN = [*KINDS, "buy", "sell", "swap", "transfer", "transfer", "withdrawal"]


def in_places(number: Fraction | None) -> Decimal | None:
    return None if number is None else Decimal(number.numerator) / Decimal(number.denominator)


Held = Callable[[int, datetime], dict[str, Fraction]]  # what a place holds of each coin at a moment


class World:
    """Three portfolios of one user, the assets with their prices, and what might be stated about them."""

    def __init__(self, kept_in: Sequence[str]) -> None:
        owner = UserFactory()
        found = [PortfolioFactory(owner=owner, currency=code) for code in kept_in]
        self.currencies = {portfolio.pk: portfolio.currency for portfolio in found}
        self.places = list(self.currencies)
        self.assets: dict[str | None, Asset] = {coin: AssetFactory(symbol=coin) for coin in COINS}
        euro = FiatFactory(symbol="EUR")
        for symbol, stored in STORED.items():
            for at, price in stored.items():
                SnapshotFactory(asset=self.assets.get(symbol, euro), at=at, price=in_places(price))
        self.symbols = {asset.pk: symbol for symbol, asset in self.assets.items()}

    def draft(self, stated: Stated) -> Draft:
        names = "quantity unit_price total fee to_quantity cost".split()
        return Draft(
            kind=stated.kind,
            asset=self.assets[stated.asset],
            occurred_at=stated.at,
            currency=stated.currency,
            fee_asset=self.assets.get(stated.fee_asset),
            to_asset=self.assets.get(stated.to_asset),
            to_portfolio=stated.to_place and Portfolio.objects.get(pk=stated.to_place),
            **{name: in_places(getattr(stated, name)) for name in names},
        )

    def drawn(self, chance: Random, kind: str, held: Held, place: int | None = None) -> Stated:
        """Something that a user might state: of what leaves mostly a share of what is held then."""
        place, coin = place or chance.choice(self.places), chance.choice(COINS)
        stated = Stated(place, kind, coin, chance.choice(QUANTITIES), chance.choice(MOMENTS))
        stated.currency = chance.choice(["USD", "USD", "EUR"])
        there: dict[str, Fraction] = {}
        if KINDS[kind][0] != model.ACQUIRE and chance.random() < 0.9:
            stated.at = chance.choice([*MOMENTS, *MOMENTS[-3:], *MOMENTS[-3:]])
            there = held(place, stated.at)
            if there:
                stated.asset = chance.choice(sorted(there))
                stated.quantity = share(there[stated.asset], chance) or stated.quantity
        if kind == "swap":
            stated.to_asset = chance.choice([coin for coin in COINS if coin != stated.asset])
            stated.to_quantity = chance.choice(QUANTITIES)
        if kind == "transfer":
            stated.to_place = self.another_place(chance, place)
        return with_amounts(chance, stated, sorted(there) or COINS)

    def another_place(self, chance: Random, place: int) -> int:
        return chance.choice([other for other in self.places if other != place])

    def amended(self, chance: Random, old: Stated, held: Held) -> Stated:
        """The same transaction with one thing about it changed, or with all of them."""
        ways = ["at", "at", "at", "quantity", "asset", "to_place", "price", "everything", "everything"]
        match chance.choice(ways):
            case "at":
                new = replace(old, at=chance.choice(MOMENTS))
            case "quantity":
                new = replace(old, quantity=share(old.quantity, chance))
            case "asset":
                asset = chance.choice([coin for coin in COINS if coin not in {old.asset, old.to_asset}])
                new = replace(old, asset=asset)
            case "to_place" if old.kind == "transfer":
                new = replace(old, to_place=self.another_place(chance, old.place))
            case "price" if old.unit_price or old.total:
                name = "unit_price" if old.unit_price else "total"
                new = replace(old, **{name: chance.choice(PRICES)})
            case _:
                kind = chance.choice([old.kind, "buy", "sell", "swap", "transfer"])
                new = replace(self.drawn(chance, kind, held, old.place), number=old.number)
        return without_impossible_fee(new) if new.quantity else old


def share(quantity: Fraction, chance: Random) -> Fraction:
    """All of it, a part, or a little more, in millionths."""
    return Fraction(quantity * chance.choice(SHARES) * 10**6 // 1, 10**6)


def with_amounts(chance: Random, stated: Stated, coins: Sequence[str]) -> Stated:
    if stated.kind == "deposit":
        stated.cost = chance.choice([None, *PRICES])
    if stated.kind in {"buy", "sell", "swap", "income", "spend"}:
        said = chance.choice(["unit_price", "total", ""])
        if said:
            setattr(stated, said, chance.choice(PRICES))
    if stated.kind in {"buy", "sell", "swap", "withdrawal", "transfer"} and chance.random() < 0.3:
        stated.fee, stated.fee_asset = chance.choice(COIN_FEES), chance.choice(coins)
    elif stated.kind in {"buy", "sell", "swap"} and chance.random() < 0.5:
        stated.fee = Fraction(1, 4)
    return without_impossible_fee(stated)


def without_impossible_fee(stated: Stated) -> Stated:
    """A sale must not cost more than it brings, nor can the fee be more than the total it is part of."""
    terms = terms_of(stated, MARKET)
    if stated.kind == "sell" and terms.amount < terms.coins:
        return replace(stated, fee=Fraction(0), fee_asset=None)
    if stated.kind == "sell" and terms.amount < 0:
        return replace(stated, fee=Fraction(0))
    if stated.kind == "buy" and stated.total is not None and terms.fee > stated.total:
        return replace(stated, fee=Fraction(0))
    return stated
