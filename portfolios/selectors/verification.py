"""Whether the stored read models equal what the transactions say, to the last digit."""

from collections.abc import Iterator

from portfolios.ledger import Booked, Position, book
from portfolios.models import FIGURES, Portfolio
from portfolios.selectors.books import entries_of, position_of
from prices.models import Asset


def differences(portfolio: Portfolio) -> list[str]:
    """Name each stored figure of a portfolio that its transactions contradict; empty when all is well.

    Raises HoldingWouldBeNegative where the transactions themselves can't be true.
    """
    symbols = dict(Asset.objects.values_list("pk", "symbol"))
    held = set(portfolio.transactions.kept().values_list("asset", flat=True))
    stored = set(portfolio.holdings.values_list("asset", flat=True))
    stored |= set(portfolio.bookings.values_list("asset", flat=True))
    found: list[str] = []
    for asset in sorted(held | stored, key=lambda pk: symbols[pk]):
        try:
            booked = book(entries_of(portfolio, asset), portfolio.cost_method)
            found += _of_holding(portfolio, asset, symbols[asset], booked)
            found += _of_bookings(portfolio, asset, symbols[asset], booked)
        except (AssertionError, ArithmeticError, KeyError) as error:  # what no service could have written
            found.append(f"{portfolio.pk} {symbols[asset]}: a row can't be read ({error!r})")
    return found


def _of_holding(portfolio: Portfolio, asset: int, symbol: str, booked: tuple[Booked, ...]) -> Iterator[str]:
    row = portfolio.holdings.filter(asset=asset).first()
    if bool(row) != bool(booked):
        yield f"{portfolio.pk} {symbol}: the holding is {'not wanted' if row else 'missing'}"
    elif row:
        yield from _unlike(f"{portfolio.pk} {symbol} holding", position_of(row), booked[-1].after)
        if not position_of(row).balances():
            yield f"{portfolio.pk} {symbol}: the books do not balance"


def _of_bookings(portfolio: Portfolio, asset: int, symbol: str, booked: tuple[Booked, ...]) -> Iterator[str]:
    stored = {row.pk: row for row in portfolio.bookings.filter(asset=asset)}
    for one in booked:
        name = f"{portfolio.pk} {symbol} transaction {one.entry.sequence}"
        row = stored.pop(one.entry.sequence, None)
        if row is None:
            yield f"{name}: the booking is missing"
            continue
        yield from _unlike(name, position_of(row), one.after)
        for column, value in _columns(one):
            if getattr(row, column) != value:
                yield f"{name}: {column} is {getattr(row, column)}, should be {value}"
    yield from (f"{portfolio.pk} {symbol} transaction {pk}: the booking is not wanted" for pk in stored)


def _columns(one: Booked) -> Iterator[tuple[str, object]]:
    yield "occurred_at", one.entry.at
    yield from (("cost", one.cost), ("proceeds", one.proceeds), ("gain", one.gain))


def _unlike(name: str, stored: Position, true: Position) -> Iterator[str]:
    for figure in FIGURES:
        is_now, should_be = getattr(stored, figure), getattr(true, figure)
        if is_now != should_be:
            yield f"{name}: {figure} is {is_now}, should be {should_be}"
