"""What every template may ask of the market: the ticker, asked for only where a page shows it."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from prices import pages
from prices.health import is_silent, worker_seen_at


@dataclass(frozen=True, slots=True)
class Standstill:
    """Whether the worker stands still, and when it was last seen; True in a template while it does."""

    seen_at: datetime | None
    is_silent: bool


def ticker(_request: HttpRequest) -> dict[str, object]:
    return {
        "ticker": SimpleLazyObject(lambda: pages.ticker(now=timezone.now())),
        "standstill": SimpleLazyObject(_standstill),
    }


def _standstill() -> Standstill:
    seen_at, now = worker_seen_at(), timezone.now()
    return Standstill(seen_at, is_silent(seen_at, now))
