"""Explanations of the row of a transaction: what its coins cost, are worth now, and how much more that is."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from portfolios.ledger import Booked
from portfolios.models import Portfolio, Transaction
from portfolios.selectors.explain.acquired import acquisition, cost_in_words, parts_of_cost
from portfolios.selectors.explain.explanation import (
    NO_CONVERSION,
    NO_PRICE,
    Explanation,
    LeftOut,
    Link,
    Term,
    UnknownFigure,
)
from portfolios.selectors.explain.rows import ExplainedRow, Rows
from portfolios.selectors.explain.scene import title_of, unit_of, used_prices
from portfolios.selectors.formulas import less, plus, worth
from portfolios.selectors.transactions import figures_of
from prices.fields import ONE_UNIT

ROW_FIGURES = ("value_now", "net_result", "cost")
OF_WHAT_CAME = ("net_result", "cost")  # of a disposal they are the gain, and the cost of the lots it used


def explain_row(
    row: Transaction, figure: str, *, now: datetime, here: Portfolio | None = None
) -> Explanation:
    """Return how a figure of a transaction's row came about, as of `now`, in its portfolio's currency.

    `here`: the portfolio that a transfer is told in, see `figures_of`. Raises UnknownFigure, also for what
    only an acquisition has.
    """
    if figure not in ROW_FIGURES or (figure in OF_WHAT_CAME and not row.is_acquisition):
        raise UnknownFigure(figure)
    place = here or row.portfolio
    if figure == "cost":
        return _cost(row, now)
    (one,) = figures_of([row], now=now, here=here)
    prices = used_prices([row.asset], place.currency, now)
    asked: dict[str, Any] = {"currency": place.currency, "as_of": now, "prices": prices}
    if one.value_now is None:
        asked["left_out"] = (LeftOut(row.asset, NO_CONVERSION if prices else NO_PRICE),)
    if figure == "value_now":
        price = prices[0].price if prices else None
        known = {"quantity": row.quantity, "price": price}
        now_held = [Term(title_of(name), value, figure=name) for name, value in known.items()]
        return _explanation(
            figure, "quantity × latest price", one.value_now, now_held, combine=_worth, **asked
        )
    parts = (("value_now", one.value_now), ("cost", one.cost))
    terms = tuple(Term(title_of(name), value, Link(name, disposal=(row.pk, 0))) for name, value in parts)
    return _explanation(figure, "value now − cost", one.net_result, terms, combine=less, **asked)


def _worth(quantity: Decimal | None, price: Decimal | None) -> Decimal | None:
    """To 18 places, as rows of transactions tell it."""
    value = worth(quantity, price)
    return None if value is None else value.quantize(ONE_UNIT)


def _cost(row: Transaction, now: datetime) -> Explanation:
    """As the books took it: in the portfolio's currency, at the rate that is frozen on the transaction."""
    entry = acquisition(row, row.fx_rate, row.asset.symbol)
    assert entry is not None, "it acquired its asset"
    change = Booked(entry, entry.place, entry.amount, arrives=True).change
    own = ExplainedRow(row, 0, entry.place, row.asset_id, change, entry.amount, row.fx_rate)
    return _explanation(
        "cost",
        cost_in_words(row),
        row.booking.cost,
        tuple(parts_of_cost(row, entry)),
        combine=plus,
        rows=Rows((own,), 1),
        currency=row.portfolio.currency,
        as_of=now,
    )


def _explanation(
    figure: str, formula: str, result: Decimal | None, terms: Sequence[Term], **more: Any
) -> Explanation:
    return Explanation(
        figure=figure,
        title=title_of(figure),
        formula=formula,
        unit=unit_of(figure),
        result=result,
        terms=tuple(terms),
        **more,
    )
