"""Pages are remembered as they were drawn, for as long as nothing that they show has changed.

A page of figures follows from its address, from its reader and how they like to see figures, from their
books, from the prices known, and from the minute. All of that is its key: a change of any of it draws the
page anew. The token against forged requests is put in when the page is answered, another one each time.
"""

import hashlib
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.crypto import get_random_string

from portfolios.context import Desk, desk
from portfolios.models import Holding
from portfolios.views.answers import PLACE
from prices.health import worker_seen_at
from prices.models import Asset
from prices.series import newest

KEPT = 60  # seconds
COOKIES = ("private", "theme", "shortcuts", "live")  # how this device shows pages
OF_A_COIN = ("symbol", "name", "history_version", "delisted_on")
PERSONAL = {"password", "last_login"}  # of a reader, what no page shows
View = Callable[..., HttpResponse]


def remembered(view: View) -> View:
    """Answer a GET with the page as it was drawn, if it would be drawn the same. For views that `show`."""

    @wraps(view)
    def door(request: HttpRequest, *args: object, **named: object) -> HttpResponse:
        if request.method != "GET" or not request.user.is_authenticated or len(get_messages(request)):
            return view(request, *args, **named)
        key = _key(request)
        drawn: tuple[str, str] | None = cache.get(key)
        if drawn is None:
            place = get_random_string(32)
            setattr(request, PLACE, place)
            response = view(request, *args, **named)
            if response.status_code != 200:
                return _answer(response, place, request)
            drawn = place, response.content.decode()
            cache.set(key, drawn, KEPT)
        return HttpResponse(drawn[1].replace(drawn[0], get_token(request)))

    return door


def _answer(response: HttpResponse, place: str, request: HttpRequest) -> HttpResponse:
    response.content = response.content.replace(place.encode(), get_token(request).encode())
    return response


def _key(request: HttpRequest) -> str:
    page = desk(request)
    device = [request.COOKIES.get(name) for name in COOKIES]
    asked = (request.get_full_path(), bool(request.htmx), request.htmx.boosted, request.htmx.target)
    said = repr((settings.VERSION, asked, device, _reader(page), *_stamp(page)))
    return hashlib.sha256(said.encode()).hexdigest()


def _reader(page: Desk) -> list[object]:
    fields = page.user._meta.concrete_fields
    return [getattr(page.user, each.attname) for each in fields if each.name not in PERSONAL]


def _stamp(page: Desk) -> tuple[object, ...]:
    """What figures follow from: books, coins with their last prices, how the worker is, the minute."""
    books = [
        (each.pk, each.name, each.currency, each.cost_method, each.books_version) for each in page.portfolios
    ]
    held = Exists(Holding.objects.filter(portfolio__in=page.portfolios, asset=OuterRef("pk")))
    known = Asset.objects.order_by("pk").annotate(is_held=held)
    coins = list(known.values_list("pk", "is_held", "is_tracked", "kind", *OF_A_COIN))
    asked = [pk for pk, held, tracked, kind, *_ in coins if held or tracked or kind == Asset.Kind.FIAT]
    prices = sorted(newest(asked, page.now))
    return books, coins, prices, worker_seen_at(), page.now.replace(second=0, microsecond=0)
