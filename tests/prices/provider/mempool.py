"""mempool.space: /api/v1/prices, in whole units of seven currencies."""

import re
from typing import Any


def latest(server: Any, path: str, query: dict[str, str]) -> tuple[int, Any]:
    now = int(server.now())
    dollars = server.price("bitcoin", now)
    return 200, {"time": now, "USD": dollars, "EUR": 1, "GBP": 1, "CAD": 1, "CHF": 1, "AUD": 1, "JPY": 1}


ROUTES = ((re.compile(r"/api/v1/prices$"), latest),)
