"""The other half of the plain model: what a user states, and what follows from it, by the table of kinds."""

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from tests.model import ACQUIRE, DISPOSE, FEE, NOTHING, TRANSFER, Effect, cut


@dataclass
class Stated:
    """A transaction as the user stated it."""

    place: int
    kind: str
    asset: str
    quantity: Fraction
    at: datetime
    number: int = 0  # the order of entry
    currency: str = "USD"
    unit_price: Fraction | None = None
    total: Fraction | None = None
    fee: Fraction = NOTHING
    fee_asset: str | None = None
    to_asset: str | None = None
    to_quantity: Fraction | None = None
    to_place: int | None = None
    cost: Fraction | None = None


class Market:
    """The stored prices and rates: what a unit of an asset or currency was worth in dollars, since when."""

    def __init__(self, dollars: dict[str, dict[datetime, Fraction]]) -> None:
        self.dollars = dollars

    def rate(self, symbol: str, currency: str, at: datetime) -> Fraction:
        """What a unit of an asset, or of a currency, was worth in a currency at that moment."""
        return self._dollars(symbol, at) / self._dollars(currency, at)

    def _dollars(self, symbol: str, at: datetime) -> Fraction:
        if symbol == "USD":
            return Fraction(1)
        return self.dollars[symbol][max(since for since in self.dollars[symbol] if since <= at)]


@dataclass
class Terms:
    """What a transaction was worth in its own currency, before any of it is converted."""

    amount: Fraction = NOTHING  # paid or received, a fee in money included; of a swap what it was worth
    fee: Fraction = NOTHING  # in money
    coins: Fraction = NOTHING  # what a fee in coins was worth


def terms_of(stated: Stated, market: Market) -> Terms:
    price = stated.unit_price
    if price is None:
        price = cut(market.rate(stated.asset, stated.currency, stated.at))
    value = cut(stated.quantity * price)
    in_money = stated.fee if stated.fee_asset is None else NOTHING
    within = {"buy": in_money, "sell": -in_money}.get(stated.kind, NOTHING)
    known = stated.cost if stated.kind == "deposit" else stated.total
    amount = value + within if known is None else known
    if stated.fee_asset is None:
        return Terms(amount, in_money)
    # A fee in the coin that the trade is about is worth what the trade says, any other what the market says.
    if stated.fee_asset == stated.asset:
        each = price if known is None else amount / stated.quantity
    elif stated.fee_asset == stated.to_asset:
        each = amount / stated.to_quantity
    else:
        each = market.rate(stated.fee_asset, stated.currency, stated.at)
    return Terms(amount, in_money, stated.fee * cut(each))


# What each kind does to the asset it is about, and what stands on the other side.
KINDS = {
    "buy": (ACQUIRE, "money"),
    "deposit": (ACQUIRE, "money"),
    "income": (ACQUIRE, "income"),
    "transfer": (TRANSFER, "cost"),
    "sell": (DISPOSE, "money"),
    "swap": (DISPOSE, "money"),
    "spend": (DISPOSE, "money"),
    "withdrawal": (DISPOSE, "cost"),
    "gift": (DISPOSE, "nothing"),
    "lost": (DISPOSE, "nothing"),
    "fee": (DISPOSE, "fee"),
}


def effects_of(stated: Stated, market: Market, currency: str) -> list[Effect]:
    """Return what a transaction does, in books that are kept in a currency."""
    rate = market.rate(stated.currency, currency, stated.at)
    terms = terms_of(stated, market)
    amount, coins = cut(terms.amount * rate), cut(terms.coins * rate)
    fees = cut(terms.fee * rate) + coins
    rank, against = KINDS[stated.kind]

    main = Effect(stated.at, stated.number, stated.asset, rank, against, stated.quantity)
    main.place, main.to = stated.place, stated.to_place
    if against in {"money", "income"}:
        main.amount = amount
    effects = [main]
    if stated.kind == "buy":
        main.amount, main.inside, main.fee = amount + coins, coins, fees
    if stated.kind == "sell":
        main.amount, main.inside, main.fee = amount - coins, -coins, fees
    if stated.kind == "swap":
        main.inside = amount
        received = replace(main, asset=stated.to_asset, quantity=stated.to_quantity, rank=ACQUIRE, leg=1)
        received.amount, received.inside, received.fee = amount + fees, amount + coins, fees
        effects.append(received)
    if stated.fee_asset is not None:
        left = Effect(stated.at, stated.number, stated.fee_asset, FEE, "money", stated.fee, leg=2)
        left.place, left.amount, left.inside = stated.place, coins, coins
        if stated.kind in {"transfer", "withdrawal"}:  # such a fee brings nothing: its cost is lost
            left.against, left.amount, left.inside = "fee", NOTHING, NOTHING
        effects.append(left)
    return effects
