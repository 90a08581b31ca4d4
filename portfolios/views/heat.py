"""The table of monthly returns: which figure stands in a cell, and how strongly it is coloured."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portfolios.selectors import YearOfReturns

MONTHS = 12
STRONG, STRONGER = 0.05, 0.15  # from here on the colour is deeper; the figure says it too
SHOWN = 3  # places of a ratio that the page shows


@dataclass(frozen=True, slots=True)
class Cell:
    """The return of the days from `first` to `last` as a fraction, None where it is unknown; `tone` are the
    classes of its colour.
    """

    ratio: float | None
    first: date
    last: date

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


def heat(years: Iterable[YearOfReturns], today: date) -> list[Row]:
    """`today`: the last day that a cell is about."""
    return [
        Row(
            each.year,
            tuple(_month(each, place, today) for place in range(MONTHS)),
            Cell(each.whole, date(each.year, 1, 1), min(date(each.year, 12, 31), today)),
        )
        for each in years
    ]


def _month(year: YearOfReturns, place: int, today: date) -> Cell:
    last = date(year.year, place + 1, monthrange(year.year, place + 1)[1])
    return Cell(year.months[place], last.replace(day=1), min(last, today))
