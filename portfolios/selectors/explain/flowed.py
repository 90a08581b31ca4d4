"""Which transactions the flows of a period are made of: so that each can be looked up."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time

from portfolios.models import Portfolio, Transaction
from portfolios.selectors.growth import Performance
from portfolios.selectors.moves import Move, moves
from prices.selectors import DAY


def flowed_on(
    found: Performance, portfolios: Sequence[Portfolio], days: Collection[date]
) -> Mapping[date, list[Transaction]]:
    """By UTC day the transactions that brought money or coins from outside, or took them there, oldest first.

    What is booked in the instant that the period begins with belongs to the value at its start.
    """
    if not days:
        return {}
    since = max(found.bridge.start.as_of, _midnight(min(days)) - datetime.resolution)
    until = min(found.until, _midnight(max(days)) + DAY - datetime.resolution)
    booked = moves(portfolios, found.bridge.end.currency, since=since, until=until)
    flowed = {move.transaction for move in booked if move.at.date() in days and _is_flow(move)}
    by_day: dict[date, list[Transaction]] = {}
    for row in Transaction.objects.filter(pk__in=flowed).order_by("occurred_at", "pk"):
        by_day.setdefault(row.occurred_at.date(), []).append(row)
    return by_day


def _is_flow(move: Move) -> bool:
    return move.at_market or bool(move.money_in or move.money_out)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
