"""What every template may ask of the market: the ticker, asked for only where a page shows it."""

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from prices import pages


def ticker(_request: HttpRequest) -> dict[str, object]:
    return {"ticker": SimpleLazyObject(lambda: pages.ticker(now=timezone.now()))}
