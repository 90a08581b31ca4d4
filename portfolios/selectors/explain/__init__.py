"""How a figure came about: its formula in words, its terms, the rows and the prices behind it.

Explanations are made of the very objects that pages show (`Overview`, `HoldingFigures`, `Gain`, bookings),
and each says by `adds_up` whether its terms and rows make the figure to the last digit.
"""

from portfolios.selectors.explain.earned import EARNED_FIGURES, Earned, Line, Part
from portfolios.selectors.explain.entry import explain
from portfolios.selectors.explain.explanation import (
    Explanation,
    LeftOut,
    Link,
    Term,
    Unit,
    UnknownFigure,
    UsedPrice,
)
from portfolios.selectors.explain.gain import GAIN_FIGURES, explain_gain, explain_realised
from portfolios.selectors.explain.gains import explain_gains
from portfolios.selectors.explain.holding import HOLDING_FIGURES
from portfolios.selectors.explain.lot import LotStory, explain_lot
from portfolios.selectors.explain.returned import explain_earned
from portfolios.selectors.explain.rows import ExplainedRow, Rows
from portfolios.selectors.explain.since import explain_row
from portfolios.selectors.explain.whole import OVERVIEW_FIGURES

__all__ = [
    "EARNED_FIGURES",
    "GAIN_FIGURES",
    "HOLDING_FIGURES",
    "OVERVIEW_FIGURES",
    "Earned",
    "ExplainedRow",
    "Explanation",
    "LeftOut",
    "Line",
    "Link",
    "LotStory",
    "Part",
    "Rows",
    "Term",
    "Unit",
    "UnknownFigure",
    "UsedPrice",
    "explain",
    "explain_earned",
    "explain_gain",
    "explain_gains",
    "explain_lot",
    "explain_realised",
    "explain_row",
]
