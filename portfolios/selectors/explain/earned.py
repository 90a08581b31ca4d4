"""What the explanation of a figure of a period consists of. Returns are floats, as pages show them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolios.selectors.unpriced import Reason

Value = float | Decimal | None
TITLES = {
    "twr": "Time-weighted return (TWR)",
    "twr_per_year": "Time-weighted return a year",
    "xirr": "Money-weighted return (XIRR)",
    "max_drawdown": "Max drawdown",
    "volatility": "Volatility",
    "instead": "Holding Bitcoin instead",
    "period_start": "Value at the start of the period",
    "period_end": "Value at the end of the period",
    "period_flows": "Net flows of the period",
    "period_realised": "Realised gain of the period",
    "period_unrealised": "Change of the unrealised gain",
    "period_income": "Income of the period",
    "period_fees": "Fees of the period",
    "period_result": "Result of the period",
    "period_result_ratio": "Result of the period in %",
    "contribution": "Contribution to the period",
}
EARNED_FIGURES = tuple(TITLES)


@dataclass(frozen=True, slots=True)
class Part:
    """What a figure is made of. `shape`: ratio, share (without a sign), factor, money, gain (money with its
    sign), price, number or days. `figure` explains it in turn, as of `at`, or of the same period.
    """

    name: str
    value: Value
    shape: str = "ratio"
    figure: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A row: of a UTC day or of a moment, or of the stretch from then `until`; and its cells.

    A stretch is explained in turn: by its own time-weighted return.
    """

    at: datetime
    cells: tuple[tuple[Value, str], ...]  # with their shapes
    until: datetime | None = None
    is_day: bool = False


@dataclass(frozen=True, slots=True)
class Earned:
    """How one figure of a period came about; `result` is None for `reason`."""

    figure: str
    formula: str
    result: Value
    shape: str = "ratio"
    reason: Reason = ""
    parts: tuple[Part, ...] = ()
    heads: tuple[str, ...] = ()  # of the cells of `lines`
    lines: tuple[Line, ...] = ()  # oldest first

    @property
    def title(self) -> str:
        return TITLES[self.figure]
