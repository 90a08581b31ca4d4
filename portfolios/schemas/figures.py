"""Figures of portfolios, as they are told: summary, holdings, lots, gains."""

from collections.abc import Iterator

from portfolios.selectors import Gains, HoldingFigures, LotFigures, Overview
from prices.schemas import Cut, Exact, Instant, Shown, like

SUMMARY = {
    "as_of": "2025-01-01T00:00:00Z", "currency": "USD", "cost_method": "average", "value": "95000",
    "cost_basis": "52552.5", "average_price": "52552.5", "unrealised": "42447.5",
    "unrealised_ratio": "0.807716093430379145", "realised": "9950", "income": "0", "fees": "102.5",
    "money_in": "72572.5", "money_out": "29970", "net_result": "52397.5", "roi": "0.722002135795239244",
    "day_change": "1250", "day_change_ratio": "0.013333333333333333",
    "prices": {
        "newest_at": "2025-01-01T00:00:00Z", "oldest_at": "2025-01-01T00:00:00Z", "stale": False,
        "missing": [],
    },
    "books_balance": True,
}  # fmt: skip
HOLDING = {
    "asset": "BTC", "name": "Bitcoin", "quantity": "1", "average_price": "52552.5", "cost_basis": "52552.5",
    "price": "95000", "price_at": "2025-01-01T00:00:00Z", "value": "95000", "weight": "1",
    "unrealised": "42447.5", "unrealised_ratio": "0.807716093430379145", "realised": "9950", "income": "0",
    "net_result": "52397.5", "break_even_price": "42602.5", "day_change_ratio": "0.013333333333333333",
}  # fmt: skip
LOT = {
    "portfolio": 1, "asset": "BTC", "acquired_at": "2024-01-01T00:00:00Z", "quantity": "0.5",
    "cost": "20020", "unit_cost": "40040", "days_held": 366,
}  # fmt: skip
GAIN = {
    "portfolio": 1, "transaction": 2, "asset": "BTC", "acquired_at": "2024-01-01T00:00:00Z",
    "disposed_at": "2024-07-01T00:00:00Z", "days_held": 182, "quantity": "0.5", "proceeds": "29970",
    "cost": "20020", "gain": "9950",
}  # fmt: skip
GAINS = {
    "items": [GAIN], "count": 1, "totals": {"proceeds": "29970", "cost": "20020", "gain": "9950"},
    "currency": "USD", "cost_method": "average", "unrated": [],
}  # fmt: skip


class PricesOut(Shown):
    """How old the prices behind the figures are; `missing`: what is held and left out, for want of one."""

    newest_at: Instant | None
    oldest_at: Instant | None
    stale: bool
    missing: list[str]


class SummaryOut(Shown):
    """What portfolios are worth, what they cost, what was earned: amounts in `currency`, ratios as fractions.

    Null is unknown. What needs a price leaves out the assets in `prices.missing`, wholly. `average_price` is
    told where one asset alone is held. `cost_method` is null where portfolios differ in it.
    """

    model_config = like(SUMMARY)

    as_of: Instant
    currency: str
    cost_method: str | None
    value: Exact | None
    cost_basis: Exact
    average_price: Cut | None
    unrealised: Exact | None
    unrealised_ratio: Cut | None
    realised: Exact
    income: Exact
    fees: Exact
    money_in: Exact
    money_out: Exact
    net_result: Exact | None
    roi: Cut | None
    day_change: Exact | None
    day_change_ratio: Cut | None
    prices: PricesOut
    books_balance: bool

    @classmethod
    def of(cls, figures: Overview, cost_method: str | None) -> "SummaryOut":
        names = cls.model_fields.keys() - {"cost_method", "prices"}
        told = {name: getattr(figures, name) for name in names}
        prices = PricesOut.model_validate(figures.prices)
        return cls.model_construct(**told, cost_method=cost_method, prices=prices)


class HoldingOut(Shown):
    """One asset, in the currency asked for. Null is unknown."""

    model_config = like(HOLDING)

    asset: str
    name: str
    quantity: Exact
    average_price: Cut | None
    cost_basis: Exact | None
    price: Exact | None
    price_at: Instant | None
    value: Exact | None
    weight: Cut | None
    unrealised: Exact | None
    unrealised_ratio: Cut | None
    realised: Exact | None
    income: Exact | None
    net_result: Exact | None
    break_even_price: Cut | None
    day_change_ratio: Cut | None

    @classmethod
    def of(cls, figures: HoldingFigures) -> "HoldingOut":
        told = {name: getattr(figures, name) for name in cls.model_fields.keys() - {"asset", "name"}}
        return cls.model_construct(asset=figures.asset.symbol, name=figures.asset.name, **told)


class LotOut(Shown):
    """What is still open of a lot. Under the average method it costs what a unit of the holding does."""

    model_config = like(LOT)

    portfolio: int
    asset: str
    acquired_at: Instant
    quantity: Exact
    cost: Exact | None
    unit_cost: Cut | None
    days_held: int

    @classmethod
    def of(cls, lot: LotFigures, asset: str) -> "LotOut":
        return cls.model_construct(
            portfolio=lot.portfolio,
            asset=asset,
            acquired_at=lot.acquired_at,
            quantity=lot.open_quantity,
            cost=lot.open_cost,
            unit_cost=lot.open_unit_cost,
            days_held=lot.days_held,
        )


class GainOut(Shown):
    """A slice of a lot that was disposed of by a transaction: what it brought, what it had cost."""

    model_config = like(GAIN)

    portfolio: int
    transaction: int
    asset: str
    acquired_at: Instant
    disposed_at: Instant
    days_held: int
    quantity: Exact
    proceeds: Exact | None
    cost: Exact | None
    gain: Exact | None

    @classmethod
    def all_of(cls, found: Gains) -> Iterator["GainOut"]:
        """In booking order."""
        for one in (gain for year in found.years for gain in year.gains):
            for lot in one.lots:
                yield cls.model_construct(
                    portfolio=one.portfolio,
                    transaction=one.transaction,
                    asset=one.asset.symbol,
                    acquired_at=lot.acquired_at,
                    disposed_at=one.disposed_at,
                    days_held=lot.days_held,
                    quantity=lot.quantity,
                    proceeds=lot.proceeds,
                    cost=lot.cost,
                    gain=lot.gain,
                )


class GainTotals(Shown):
    """Sums over all slices, of whatever part of the list is told."""

    proceeds: Exact
    cost: Exact
    gain: Exact


class GainsOut(Shown):
    """Slices of lots, oldest disposal first, and sums over all of them; amounts in `currency`.

    `unrated` names the assets whose cost in it is unknown, which the totals leave out.
    """

    model_config = like(GAINS)

    items: list[GainOut]
    count: int
    totals: GainTotals
    currency: str
    cost_method: str | None
    unrated: list[str]
