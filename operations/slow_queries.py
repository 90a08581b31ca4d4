"""Says which statements take long: their text, never the values that were put into it."""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

logger = logging.getLogger(__name__)

LONGEST = 2000  # characters of a statement


class SlowQueries:
    """A wrapper of Django's around every statement of a connection; `threshold` in milliseconds."""

    def __init__(self, threshold: int) -> None:
        self.threshold = threshold

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        started = monotonic()
        try:
            return execute(sql, params, many, context)
        finally:
            took = round((monotonic() - started) * 1000)
            if took >= self.threshold:
                fields = {"milliseconds": took, "statement": str(sql)[:LONGEST]}
                logger.warning("slow query", extra={"fields": fields})
