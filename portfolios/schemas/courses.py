"""Figures that go over time, as they are told: history in columns, and performance."""

from collections.abc import Iterable
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any

from pydantic import Field, PlainSerializer, WithJsonSchema

from portfolios.selectors import Columns, Performance
from portfolios.selectors.performance import ANNUALISED_FROM
from prices.fields import canonical
from prices.schemas import PLAIN, Exact, Instant, Shown, instant, like
from prices.selectors import DAY

TOO_SHORT = "A rate by the year is told from 90 days on."
TOO_LARGE = "It is too large to be told."
ONE_DAY = "It takes the returns of two days."
UNKNOWN_END = "A price or an exchange rate at the start or at the end is unknown."

PLACES = 12  # of a rate, after the point

Texts = list[str | None]
# A return is no money: a float, whose last digits say nothing.
Rate = Annotated[
    float,
    PlainSerializer(lambda rate: canonical(Decimal(repr(round(rate, PLACES)))), return_type=str),
    WithJsonSchema(PLAIN),
]
COLUMN = {
    "type": "array",
    "items": {"anyOf": [{"type": "string", "pattern": PLAIN["pattern"]}, {"type": "null"}]},
}
Column = Annotated[Texts, WithJsonSchema(COLUMN)]
TIMES: dict[str, Any] = {"type": "array", "items": {"type": "string", "format": "date-time"}}
HISTORY: Any = {
    "currency": "USD", "cost_method": "average", "interval": "day",
    "at": ["2024-12-31T00:00:00Z", "2025-01-01T00:00:00Z"], "value": [None, "95000"],
    "money_in": ["72572.5", "72572.5"], "money_out": ["29970", "29970"], "net_result": [None, "52397.5"],
    "missing": [],
}  # fmt: skip
PERFORMANCE: Any = {
    "currency": "USD", "cost_method": "average", "from": "2024-01-01T00:00:00Z", "to": "2025-01-01T00:00:00Z",
    "twr": "1.3703", "twr_annualised": "1.3653", "xirr": "1.535", "xirr_annualised": True,
    "net_result": "52397.5", "max_drawdown": "-0.12", "volatility": None,
    "reasons": {"volatility": ONE_DAY},
}  # fmt: skip


class HistoryOut(Shown):
    """Columns of the same length: at each moment of `at`, what was held, and the money in and out until then.

    net_result = value + money_out − money_in. Null where the price of something held is unknown: a gap is a
    gap. Assets that never had a price are left out of all columns and named in `missing`.
    """

    model_config = like(HISTORY)

    currency: str
    cost_method: str | None
    interval: str
    at: Annotated[list[str], WithJsonSchema(TIMES)]
    value: Column
    money_in: Column
    money_out: Column
    net_result: Column
    missing: list[str]

    @classmethod
    def of(cls, found: Columns, interval: str, cost_method: str | None) -> "HistoryOut":
        return cls.model_construct(
            currency=found.currency,
            cost_method=cost_method,
            interval=interval,
            at=[instant(at) for at in found.at],
            value=_texts(found.value),
            money_in=_texts(found.money_in),
            money_out=_texts(found.money_out),
            net_result=_texts(found.net_result),
            missing=list(found.missing),
        )


def _texts(amounts: Iterable[Decimal | None]) -> Texts:
    return [None if amount is None else canonical(amount) for amount in amounts]


class PerformanceOut(Shown):
    """What portfolios together earned in a period: fractions, `net_result` in `currency`.

    What is null is undefined, and `reasons` says why. `xirr_annualised` says whether `xirr` is a yearly rate,
    or, of less than 90 days, that of the whole period. `to` is where the prices end, if they are old.
    """

    model_config = like(PERFORMANCE)

    currency: str
    cost_method: str | None
    since: Instant | None = Field(alias="from")
    until: Instant = Field(alias="to")
    twr: Rate | None
    twr_annualised: Rate | None
    xirr: Rate | None
    xirr_annualised: bool
    net_result: Exact | None
    max_drawdown: Rate | None
    volatility: Rate | None
    reasons: dict[str, str]

    @classmethod
    def told(cls, found: Performance, currency: str, cost_method: str | None) -> dict[str, Any]:
        """Its fields, with a reason for each figure that is null."""
        figures = {
            "twr": found.returns.twr,
            "twr_annualised": found.returns.twr_per_year,
            "xirr": found.returns.xirr,
            "max_drawdown": found.returns.max_drawdown,
            "volatility": found.returns.volatility,
        }
        told: dict[str, Any] = {
            name: one if one is None or isfinite(one) else None for name, one in figures.items()
        }
        told |= {"net_result": found.bridge.result}
        why = _reasons(found)
        return told | {
            "currency": currency,
            "cost_method": cost_method,
            "from": found.since,
            "to": found.until,
            "xirr_annualised": found.returns.annualised,
            "reasons": {name: why[name] for name, one in told.items() if one is None},
        }


def _reasons(found: Performance) -> dict[str, str]:
    """Why each figure would be undefined."""
    twr = str(found.returns.twr_reason)
    is_short = found.since is not None and found.until - found.since < ANNUALISED_FROM * DAY
    return {
        "twr": twr or TOO_LARGE,
        "twr_annualised": twr or (TOO_SHORT if is_short else TOO_LARGE),
        "xirr": str(found.returns.xirr_reason) or TOO_LARGE,
        "net_result": str(found.bridge.unvalued or UNKNOWN_END),
        "max_drawdown": twr or TOO_LARGE,
        "volatility": twr or ONE_DAY,
    }
