"""How often one address may send what makes or mails something: counted once for form and API together."""

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

HOUR = 60 * 60


def is_too_much(request: HttpRequest, what: str) -> bool:
    """Count this one in; the hour begins with the first. Nothing is counted where the limit is 0."""
    limit = settings.ACCOUNT_FORMS_PER_HOUR
    if not limit:
        return False
    key = f"forms:{what}:{get_client_ip_address(request)}"
    cache.add(key, 0, HOUR)
    try:
        return cache.incr(key) > limit
    except ValueError:  # it ran out between the two
        return False
