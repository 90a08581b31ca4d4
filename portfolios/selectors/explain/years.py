"""A figure of the books year by year, out of where it stood at the end of each."""

from datetime import UTC, date, datetime
from decimal import Decimal

from django.db.models import Max
from django.db.models.functions import ExtractYear

from portfolios.models import DailyPosition, Portfolio
from portfolios.selectors.explain.explanation import Term
from prices.models import Asset


def by_year(
    figure: str, portfolio: Portfolio, asset: Asset, result: Decimal | None, until: datetime
) -> tuple[Term, ...]:
    """Return what each calendar year (UTC) added to a figure of one asset, in the portfolio's own currency.

    Reads two small sets of rows, however many transactions there are.
    """
    if result is None:
        return ()
    this_year = until.astimezone(UTC).year
    rows = DailyPosition.objects.filter(portfolio=portfolio, asset=asset, day__lt=date(this_year, 1, 1))
    by_calendar = rows.order_by().annotate(year=ExtractYear("day")).values("year")
    ends = [each["last"] for each in by_calendar.annotate(last=Max("day"))]
    stood = {row.day.year: Decimal(getattr(row, figure)) for row in rows.filter(day__in=ends)}
    terms, before = [], Decimal(0)
    for year, then in sorted({**stood, this_year: result}.items()):
        if then != before:
            terms.append(Term(str(year), then - before))
        before = then
    return tuple(terms)
