"""Frankfurter, version 1: /latest and /{first}..{last}; a rate a bank day, out at 14:05 UTC."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.prices.provider.market import BASE_RATES

# Of 2023 and 2024; on those of other years it has a rate, which does no harm.
HOLIDAYS = {
    *(date(2023, 4, 7), date(2023, 4, 10), date(2023, 5, 1), date(2023, 12, 25), date(2023, 12, 26)),
    *(date(2024, 1, 1), date(2024, 3, 29), date(2024, 4, 1), date(2024, 5, 1)),
}


def latest(server: Any, path: str, query: dict[str, str]) -> tuple[int, Any]:
    day = newest(server)
    while not is_open(day):
        day -= timedelta(days=1)
    return 200, {"amount": Whole(1), "base": "EUR", "date": str(day), "rates": rates(server, query, day)}


def history(server: Any, path: str, query: dict[str, str]) -> tuple[int, Any]:
    first, last = (date.fromisoformat(text) for text in path.rsplit("/", 1)[1].split(".."))
    count = (min(last, newest(server)) - first).days + 1
    days = [day for day in (first + timedelta(days=number) for number in range(count)) if is_open(day)]
    days = [day for day in days if str(day) not in server.days_off]
    if not days:
        return 404, {"message": "not found"}
    found = {str(day): rates(server, query, day) for day in days}
    return 200, {
        "amount": Whole(1),
        "base": "EUR",
        "start_date": str(days[0]),
        "end_date": str(days[-1]),
        "rates": found,
    }


class Whole(float):
    """What the provider writes as 1.0, and no price."""


def newest(server: Any) -> date:
    return (datetime.fromtimestamp(server.now(), UTC) - timedelta(hours=14, minutes=5)).date()


def is_open(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


def rates(server: Any, query: dict[str, str], day: date) -> dict[str, Any]:
    wanted = query["symbols"].split(",") if "symbols" in query else BASE_RATES
    return {code: server.rate(code, day) for code in wanted if code in BASE_RATES}


ROUTES = (
    (re.compile(r"/latest$"), latest),
    (re.compile(r"/\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d$"), history),
)
