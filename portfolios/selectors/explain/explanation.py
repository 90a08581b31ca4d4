"""What an explanation consists of. All values are exact: whoever shows them rounds them, last."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum

from portfolios.selectors.explain.rows import Rows
from portfolios.selectors.formulas import plus
from prices.models import Asset
from prices.selectors import Quote

NO_PRICE = "no price is stored"
NO_PRICE_THEN = "no price of the day before is stored"
NO_CONVERSION = "its price can't be converted: no exchange rate is stored"
NO_RATE = "an exchange rate in its history is unknown"


class UnknownFigure(LookupError):
    """There is no such figure, or nothing of that asset was ever held."""


class Unit(Enum):
    """What a figure is counted in."""

    MONEY = "money"
    PRICE = "price"
    QUANTITY = "quantity"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Link:
    """Which figure a term is, so that it can be explained in turn; `None` is all of them together."""

    figure: str
    asset: int | None = None  # pk
    portfolio: int | None = None  # pk, of this one alone
    disposal: tuple[int, int] | None = None  # transaction and leg, of a figure of it
    among: tuple[str, str] | None = (
        None  # of the gains asked for, those of this "asset" or "year"; ("", ""): all
    )


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a figure. A term without a link is the end of the chain; `figure` says what it is, where that
    is not what it is a part of.
    """

    name: str
    value: Decimal | None
    link: Link | None = None
    figure: str = ""


@dataclass(frozen=True, slots=True)
class UsedPrice:
    """A stored price behind a figure, in US dollars, and what converts it.

    `rate` is US dollars per unit of the explanation's currency when the price was true; `rate_quote` says who
    fixed it and when, and is left out where many prices stand together.
    """

    asset: Asset
    quote: Quote
    rate: Decimal | None
    price: Decimal | None  # in the explanation's currency
    rate_quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a figure can't take into account, and why: an asset, or a `part` of what is told of it."""

    asset: Asset
    reason: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one figure came about. Money is in `currency`; None is unknown.

    `combine` makes the result of the terms' values. A figure of the books without terms is the sum of its
    rows; they come by pages, newest first.
    """

    figure: str
    title: str
    formula: str
    unit: Unit
    currency: str
    as_of: datetime
    result: Decimal | None
    terms: tuple[Term, ...] = ()
    combine: Callable[..., Decimal | None] = field(default=plus, repr=False, compare=False)
    rows: Rows = field(default_factory=Rows)
    prices: tuple[UsedPrice, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def adds_up(self) -> bool:
        """Whether the terms make the result exactly, and so do the rows, where all are on this page."""
        return self._terms_add_up and self._rows_add_up

    @property
    def _terms_add_up(self) -> bool:
        if self.terms:
            return self.combine(*(term.value for term in self.terms)) == self.result
        return not self.result or bool(self.rows.count)

    @property
    def _rows_add_up(self) -> bool:
        if self.result is None or not self.rows.is_whole:
            return True
        return self.rows.sums_to == self.result
