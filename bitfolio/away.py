"""What is known of a change when the database goes away under it."""

import logging

import psycopg
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest

logger = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError)
RETRY_AFTER = 5  # seconds: a busy database has answered by then
WHEN_THERE_IS_ROOM = 300  # seconds: room on a disk is made by hand
FULL = ("disk is full", "No space left on device")
SAFE = {"GET", "HEAD", "OPTIONS"}
SHUT_DOWN = "57P"  # how PostgreSQL says that it ends connections, in the midst of whatever they do
NEVER_REACHED = ("connection failed", "connection is bad", "connection timeout")


def note(exception: BaseException) -> None:
    """Say why in the log, under the number of the request: its answer says "busy or away" and no more."""
    logger.error("the database is busy, full or away: %r", exception)


def is_full(exception: BaseException) -> bool:
    """Whether it found no room on its disk."""
    return any(words in str(exception) for words in FULL)


def retry_after(exception: BaseException) -> str:
    """When to ask again, in seconds, as a header says it."""
    return str(WHEN_THERE_IS_ROOM if is_full(exception) else RETRY_AFTER)


def may_be_saved(request: HttpRequest, exception: BaseException) -> bool:
    """Whether a change may stand although it failed: its connection broke, perhaps at the very COMMIT.

    A lock that was not given, a full disk and a server that was never reached leave nothing behind.
    """
    cause = exception.__cause__
    if request.method in SAFE or not isinstance(cause, psycopg.Error):
        return False
    if cause.sqlstate is not None:
        return cause.sqlstate.startswith(SHUT_DOWN)
    return not str(cause).startswith(NEVER_REACHED)
