"""Figures over time, of one portfolio and of all of a user's together: history and performance."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from ninja import Query, Router

from portfolios.api.access import OwnPortfolio
from portfolios.api.asked import Asked, asked_of, ends
from portfolios.api.figures import ALL, ONE
from portfolios.schemas import AskingHistory, AskingPerformance, HistoryOut, PerformanceOut
from portfolios.selectors import columns, performance, returns_end
from portfolios.selectors.history import first_booking
from portfolios.selectors.memory import memory
from prices.selectors import DAY, HOUR, floor

STEPS = {"day": DAY, "hour": HOUR}
HOURLY = 92 * DAY  # a longer span is told by days
TOO_LONG = "Hours are told of at most 92 days at once. Give a later `from`, or ask for days."
NO_MIDNIGHT = "Returns are measured from a UTC midnight on, for example 2024-07-01T00:00:00Z."

router = Router()


@router.get(f"{ONE}/history", response=HistoryOut)
def read_history(request: HttpRequest, portfolio: OwnPortfolio, query: Query[AskingHistory]) -> HistoryOut:
    """The portfolio's value, money and result over time, in columns."""
    return _history(asked_of(request, query, portfolio), query)


@router.get(f"{ALL}/history", response=HistoryOut)
def read_history_of_all(request: HttpRequest, query: Query[AskingHistory]) -> HistoryOut:
    """Value, money and result of all your portfolios over time, in columns."""
    return _history(asked_of(request, query, None), query)


@router.get(f"{ONE}/performance", response=PerformanceOut, by_alias=True)
def read_performance(
    request: HttpRequest, portfolio: OwnPortfolio, query: Query[AskingPerformance]
) -> dict[str, Any]:
    """What the portfolio earned in a period: by its assets' growth, and by its money."""
    return _performance(asked_of(request, query, portfolio), query)


@router.get(f"{ALL}/performance", response=PerformanceOut, by_alias=True)
def read_performance_of_all(request: HttpRequest, query: Query[AskingPerformance]) -> dict[str, Any]:
    """What all your portfolios together earned in a period."""
    return _performance(asked_of(request, query, None), query)


def _history(asked: Asked, query: AskingHistory) -> HistoryOut:
    since, until = ends(asked, query)
    if query.interval == "hour":
        began = first_booking(asked.portfolios)
        if began and until - max(since or began, began) > HOURLY:
            raise ValidationError({"from": TOO_LONG})
    found = columns(
        asked.portfolios, currency=asked.currency, since=since, until=until, step=STEPS[query.interval]
    )
    return HistoryOut.of(found, query.interval, asked.method)


def _performance(asked: Asked, query: AskingPerformance) -> dict[str, Any]:
    since, until = ends(asked, query)
    if since is not None and since != floor(since, DAY):
        _refuse_later_than_the_first(asked, since)
    whole = asked.overview(until)
    end = returns_end(asked.portfolios, whole, until)
    end = until if since and since >= end else end
    found = performance(
        asked.portfolios,
        whole=whole,
        since=since,
        until=end,
        now=end,
        memory=memory(asked.portfolios, [each.asset for each in whole.holdings], asked.currency, end),
    )
    return PerformanceOut.told(found, asked.currency, asked.method)


def _refuse_later_than_the_first(asked: Asked, since: datetime) -> None:
    """What begins with the first transaction, or before it, begins at any time of the day."""
    began = first_booking(asked.portfolios)
    if began and since > began:
        raise ValidationError({"from": NO_MIDNIGHT})
