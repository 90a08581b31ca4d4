"""Says which statements take long: their text, never the values that were put into it."""

import logging
import re
from collections.abc import Callable
from time import monotonic
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger(__name__)

ROWS = re.compile(r"(\([^()]*\))(?:, \1)+")  # of a statement that writes many: one says it all
LONGEST = 2000  # characters of a statement


def watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Called with each new connection, whoever opens it: a request, a task, a command."""
    if timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(timed)


def timed(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    """A wrapper of Django's around every statement of a connection; a line for what takes SLOW_QUERY_MS."""
    started = monotonic()
    try:
        return execute(sql, params, many, context)
    finally:
        took = round((monotonic() - started) * 1000)
        if took >= settings.SLOW_QUERY_MS > 0:
            fields = {"milliseconds": took, "statement": ROWS.sub(r"\1, …", str(sql))[:LONGEST]}
            logger.warning("slow query", extra={"fields": fields})
