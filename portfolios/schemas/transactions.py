"""Transactions, as they are stated and as they are told."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from portfolios.drafts import WITHOUT_AMOUNT
from portfolios.models import Kind
from portfolios.selectors import TransactionFigures
from prices.schemas import Amount, Cut, Exact, Instant, Moment, Shown, Statement, Whole, like

MOST = 10_000  # transactions of one batch
PURCHASE: dict[str, Any] = {
    "kind": "buy", "asset": "BTC", "quantity": "0.5", "occurred_at": "2024-01-01T00:00:00Z",
    "unit_price": "40000", "fee": "20",
}  # fmt: skip
TOLD = {
    "id": 1, "portfolio": 1, **PURCHASE, "total": None, "currency": "USD", "fee_asset": None,
    "to_asset": None, "to_quantity": None, "to_portfolio": None, "note": "", "external_id": "",
    "price_source": "manual", "cost": "20020", "proceeds": None, "value_now": "47500",
    "net_result": "27480", "roi": "1.372627372627372627", "realised": None,
}  # fmt: skip
Symbol = Annotated[str, Field(examples=["BTC"])]
Text = Annotated[str, StringConstraints(strip_whitespace=True)]


class Stated(Statement):
    """What can be left out of a statement, as each kind allows."""

    unit_price: Amount | None = None
    total: Amount | None = Field(None, description="Instead of a price: paid or received, with the fee.")
    currency: str | None = Field(None, description="Of the amounts; the portfolio's where it is left out.")
    fee: Amount | None = None
    fee_asset: Symbol | None = Field(None, description="The coin that the fee was taken in.")
    to_asset: Symbol | None = None
    to_quantity: Amount | None = None
    to_portfolio: Whole | None = None
    cost: Amount | None = Field(None, description="Of a deposit: what its coins cost.")
    note: Text | None = None
    external_id: Text | None = None


class TransactionIn(Stated):
    """What happened. With neither `unit_price` nor `total` the market's price of that time is taken."""

    model_config = like(PURCHASE)

    kind: Kind
    asset: Symbol
    quantity: Amount
    occurred_at: Moment


class TransactionChange(Stated):
    """What is left out stays as it was stated; null takes a statement back."""

    model_config = like({"quantity": "0.6", "note": "corrected"})

    kind: Kind | None = None
    asset: Symbol | None = None
    quantity: Amount | None = None
    occurred_at: Moment | None = None


class BatchIn(Statement):
    """Up to 10,000 transactions, recorded together or not at all."""

    model_config = like({"items": [PURCHASE, PURCHASE | {"occurred_at": "2024-02-01T00:00:00Z"}]})

    items: list[TransactionIn] = Field(min_length=1, max_length=MOST)


class Recorded(Shown):
    """A transaction of a batch, in the order of its items."""

    model_config = like({"id": 1, "external_id": ""})

    id: int
    external_id: str


class MarketSource(Shown):
    """Whose price is used where none was stated, of when, and how close: A ≤ 1 h, B ≤ 24 h, C ≤ 7 d."""

    source: str
    at: Instant
    grade: str


class TransactionOut(Shown):
    """A transaction: what was stated, in `currency`; then what it comes to, in its portfolio's currency.

    `cost` is what an acquisition cost, or the lots that left; `proceeds` what leaving brought. Null is
    unknown, or has no meaning for its kind.
    """

    model_config = like(TOLD)

    id: int
    portfolio: int
    kind: str
    asset: str
    quantity: Exact
    occurred_at: Instant
    unit_price: Exact | None
    total: Exact | None
    currency: str
    fee: Exact
    fee_asset: str | None
    to_asset: str | None
    to_quantity: Exact | None
    to_portfolio: int | None
    note: str
    external_id: str
    price_source: MarketSource | Literal["manual"] | None
    cost: Exact | None
    proceeds: Exact | None
    value_now: Exact | None
    net_result: Exact | None
    roi: Cut | None
    realised: Exact | None

    @classmethod
    def of(cls, figures: TransactionFigures) -> "TransactionOut":
        """The shape of a transaction with its figures."""
        row = figures.transaction
        return cls.model_construct(
            id=row.pk,
            portfolio=row.portfolio_id,
            kind=row.kind,
            asset=row.asset.symbol,
            quantity=row.quantity,
            occurred_at=row.occurred_at,
            unit_price=row.unit_price,
            total=row.total,
            currency=row.currency,
            fee=row.fee,
            fee_asset=row.fee_asset and row.fee_asset.symbol,
            to_asset=row.to_asset and row.to_asset.symbol,
            to_quantity=row.to_quantity,
            to_portfolio=row.to_portfolio_id,
            note=row.note,
            external_id=row.external_id,
            price_source=_price_source(figures),
            cost=figures.cost,
            proceeds=figures.proceeds,
            value_now=figures.value_now,
            net_result=figures.net_result,
            roi=figures.roi,
            realised=row.realised,
        )


class TransactionFilter(BaseModel):
    """Which transactions are asked for, and as of when; times are included."""

    at: Moment | None = Field(None, description="What had happened by then, at its prices. Left out: now.")
    asset: Symbol | None = None
    kind: Kind | None = None
    since: Moment | None = Field(None, alias="from")
    until: Moment | None = Field(None, alias="to")


def _price_source(figures: TransactionFigures) -> MarketSource | str | None:
    row = figures.transaction
    if row.price_source and row.price_at:
        return MarketSource.model_construct(source=row.price_source, at=row.price_at, grade=row.price_grade)
    return None if row.kind in WITHOUT_AMOUNT else "manual"
