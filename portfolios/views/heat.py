"""The table of monthly returns: which figure stands in a cell, and how strongly it is coloured."""

from collections.abc import Iterable
from dataclasses import dataclass

from portfolios.selectors import YearOfReturns

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STRONG, STRONGER = 0.05, 0.15  # from here on the colour is deeper; the figure says it too
SHOWN = 3  # places of a ratio that the page shows


@dataclass(frozen=True, slots=True)
class Cell:
    """A return as a fraction, None where it is unknown; `tone` are the classes of its colour."""

    name: str
    ratio: float | None

    @property
    def tone(self) -> str:
        shown = round(self.ratio or 0.0, SHOWN)
        if not shown:
            return ""
        depth = 3 if abs(shown) >= STRONGER else 2 if abs(shown) >= STRONG else 1
        return f"{'pos' if shown > 0 else 'neg'} t{depth}"


@dataclass(frozen=True, slots=True)
class Row:
    """One year."""

    year: int
    months: tuple[Cell, ...]
    whole: Cell


def heat(years: Iterable[YearOfReturns]) -> list[Row]:
    return [
        Row(
            each.year,
            tuple(Cell(name, ratio) for name, ratio in zip(MONTHS, each.months, strict=True)),
            Cell("Year", each.whole),
        )
        for each in years
    ]
