"""The figures that pages, admin and API share: what one holding, and what portfolios together, stand at."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolios.ledger import Position
from portfolios.selectors.formulas import HOLDING, OVERVIEW
from prices.models import Asset


@dataclass(frozen=True, slots=True)
class PriceState:
    """How old the prices behind a figure are, and which are missing."""

    newest_at: datetime | None
    oldest_at: datetime | None
    stale: bool
    missing: tuple[str, ...]  # symbols of what is held and can't be valued
    unrated: tuple[str, ...] = ()  # symbols of what has a value, but not all of its cost in this currency
    rate_at: datetime | None = None  # of the currency's exchange rate, where that is old
    lagging: tuple[str, ...] = ()  # symbols whose price is more than a day older than the newest


@dataclass(frozen=True, slots=True)
class HoldingFigures:
    """One asset in some portfolios. Money is in the overview's currency; None is unknown."""

    asset: Asset
    position: Position | None  # of the portfolios where every exchange rate of its history is known
    quantity: Decimal  # in all of them
    price: Decimal | None
    price_at: datetime | None
    price_source: str
    value: Decimal | None
    unrealised: Decimal | None
    day_change_ratio: Decimal | None
    is_rated: bool = True  # whether the position covers the quantity
    weight: Decimal | None = None

    @property
    def cost_basis(self) -> Decimal | None:
        return self.position.cost_basis if self.position else None

    @property
    def rated_quantity(self) -> Decimal | None:
        """The part of the quantity whose cost is known in the currency."""
        return self.position.quantity if self.position else None

    @property
    def rated_value(self) -> Decimal | None:
        return HOLDING["rated_value"].of(self)

    @property
    def average_price(self) -> Decimal | None:
        return HOLDING["average_price"].of(self)

    @property
    def unrealised_ratio(self) -> Decimal | None:
        return HOLDING["unrealised_ratio"].of(self)

    @property
    def realised(self) -> Decimal | None:
        return self.position.realised if self.position else None

    @property
    def income(self) -> Decimal | None:
        return self.position.income if self.position else None

    @property
    def fees(self) -> Decimal | None:
        return self.position.fees if self.position else None

    @property
    def money_in(self) -> Decimal | None:
        return self.position.money_in if self.position else None

    @property
    def money_out(self) -> Decimal | None:
        return self.position.money_out if self.position else None

    @property
    def net_result(self) -> Decimal | None:
        """realised + unrealised + income."""
        return HOLDING["net_result"].of(self)

    @property
    def break_even_price(self) -> Decimal | None:
        """The price at which the net result of this asset is 0."""
        return HOLDING["break_even_price"].of(self)

    @property
    def is_open(self) -> bool:
        return self.quantity > 0


@dataclass(frozen=True, slots=True)
class Overview:
    """Figures of one or more portfolios together, as of a moment, in one currency.

    Whatever depends on prices (value, unrealised, net result, ROI) leaves out the assets in
    `prices.missing`, wholly, and whatever depends on costs those in `prices.unrated`; a figure is None only
    where something is held and nothing of it can be told.
    """

    as_of: datetime
    currency: str
    holdings: tuple[HoldingFigures, ...]  # most valuable first, closed ones last
    position: Position  # sums over the assets whose cost is known; the quantity of a sum means nothing
    valued: Position  # sums over those that have a price too
    value: Decimal | None
    unrealised: Decimal | None
    day_change: Decimal | None
    day_end_value: Decimal | None  # what was held when the last known day ended, at its end
    day_start: datetime | None
    prices: PriceState

    @property
    def open_holdings(self) -> tuple[HoldingFigures, ...]:
        return tuple(each for each in self.holdings if each.is_open)

    @property
    def cost_basis(self) -> Decimal:
        return self.position.cost_basis

    @property
    def average_price(self) -> Decimal | None:
        """Cost per unit, where one asset alone is held."""
        held = self.open_holdings
        return held[0].average_price if len(held) == 1 else None

    @property
    def realised(self) -> Decimal:
        return self.position.realised

    @property
    def income(self) -> Decimal:
        return self.position.income

    @property
    def fees(self) -> Decimal:
        return self.position.fees

    @property
    def money_in(self) -> Decimal:
        return self.position.money_in

    @property
    def money_out(self) -> Decimal:
        return self.position.money_out

    @property
    def net_money_in(self) -> Decimal | None:
        return OVERVIEW["net_money_in"].of(self)

    @property
    def unrealised_ratio(self) -> Decimal | None:
        """Unrealised ÷ cost basis."""
        return OVERVIEW["unrealised_ratio"].of(self)

    @property
    def net_result(self) -> Decimal | None:
        """realised + unrealised + income."""
        return OVERVIEW["net_result"].of(self)

    @property
    def roi(self) -> Decimal | None:
        """Net result ÷ money in."""
        return OVERVIEW["roi"].of(self)

    @property
    def day_base(self) -> Decimal | None:
        """The value at the day's start and what flowed in on that day."""
        return OVERVIEW["day_base"].of(self)

    @property
    def day_change_ratio(self) -> Decimal | None:
        """The day's result ÷ (the value at the day's start + what flowed in on that day)."""
        return OVERVIEW["day_change_ratio"].of(self)

    @property
    def books_balance(self) -> bool:
        """Whether realised + unrealised + income = value + money out − money in, to the last digit.

        What moved between assets must have come from others that are told here, and is nothing in all.
        """
        return self.position.balances() and (not self.position.moved or bool(self.prices.unrated))
