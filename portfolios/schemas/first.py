"""The shapes of the first system's routes."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from portfolios.selectors import HoldingFigures, Overview
from prices.schemas import Amount, Cut, Exact, Instant, Moment, Shown, Statement, like

HELD = {"quantity": "0.5", "average_buy_price": "40000"}
ASSET = {
    "symbol": "BTC", **HELD, "current_price": "95000", "current_value": "47500", "profit_loss": "27500",
    "profit_loss_ratio": "1.375", "price_at": "2025-01-01T00:00:00Z",
}  # fmt: skip
SUMMARY: Any = {
    "total_value": "47500", "total_cost": "20000", "total_profit_loss": "27500",
    "profit_loss_ratio": "1.375", "assets": [ASSET], "as_of": "2025-01-01T00:00:00Z",
}  # fmt: skip
CLOSES: Any = {
    "symbol": "BTC", "currency": "USD", "interval": "day",
    "prices": [{"at": "2025-01-01T00:00:00Z", "price": "93429.2"}],
}  # fmt: skip


class AssetIn(Statement):
    """What is held of a coin, and what a unit of it cost."""

    model_config = like({"symbol": "BTC", **HELD})

    symbol: str = Field(examples=["BTC"])
    quantity: Amount
    average_buy_price: Amount


class AssetChange(Statement):
    """What is left out stays."""

    model_config = like({"quantity": "0.6"})

    symbol: str | None = Field(None, description="That of the address, or nothing.")
    quantity: Amount | None = None
    average_buy_price: Amount | None = None


class AssetReplacement(AssetChange):
    """Both are said anew."""

    model_config = like(HELD)

    quantity: Amount
    average_buy_price: Amount


class AssetOut(Shown):
    """A holding, in the default portfolio's currency; null is unknown. The ratio is a fraction."""

    model_config = like(ASSET)

    symbol: str
    quantity: Exact
    average_buy_price: Cut | None
    current_price: Exact | None
    current_value: Exact | None
    profit_loss: Exact | None
    profit_loss_ratio: Cut | None
    price_at: Instant | None

    @classmethod
    def of(cls, held: HoldingFigures) -> "AssetOut":
        """The shape of a holding."""
        return cls.model_construct(
            symbol=held.asset.symbol,
            quantity=held.quantity,
            average_buy_price=held.average_price,
            current_price=held.price,
            current_value=held.value,
            profit_loss=held.unrealised,
            profit_loss_ratio=held.unrealised_ratio,
            price_at=held.price_at,
        )


class PortfolioSummary(Shown):
    """The default portfolio in one look."""

    model_config = like(SUMMARY)

    total_value: Exact | None
    total_cost: Exact
    total_profit_loss: Exact | None
    profit_loss_ratio: Cut | None
    assets: list[AssetOut]
    as_of: Instant

    @classmethod
    def of(cls, overview: Overview) -> "PortfolioSummary":
        """The shape of an overview."""
        return cls.model_construct(
            total_value=overview.value,
            total_cost=overview.cost_basis,
            total_profit_loss=overview.unrealised,
            profit_loss_ratio=overview.unrealised_ratio,
            assets=[AssetOut.of(each) for each in overview.open_holdings],
            as_of=overview.as_of,
        )


class Period(BaseModel):
    """Which closes are asked for; without `to` until now, without `from` of the 30 days before."""

    since: Moment | None = Field(None, alias="from")
    until: Moment | None = Field(None, alias="to")
    interval: Literal["hour", "day"] = "day"


class Close(Shown):
    """The price at the end of an hour or a UTC day."""

    at: Instant
    price: Exact


class Closes(Shown):
    """Closes in US dollars, oldest first; those that are not known are left out."""

    model_config = like(CLOSES)

    symbol: str
    currency: str
    interval: str
    prices: list[Close]
