"""Doors to the market: the list of prices, one asset's history, the ticker that pages ask every half minute,
and the catalogue of coins.

They show public data alone, so visitors may look at most of it too. And how the fetching is doing: to
programs, to users, in full to staff.
"""

from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from prices.health import backfills, health
from prices.models import Asset, Backfill
from prices.pages import newest_at, price_row, price_rows, told_in, unpriced_coins
from prices.price_history import History, price_history
from prices.selectors import is_dollar
from prices.services import CoinRefusedError, add_coin, search_coins

UNKNOWN = "prices/unknown.html"


@login_not_required
@require_safe
def price_list(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    rows = told_in(_currency(request), price_rows(now=now))
    context = {
        "rows": rows,
        "unpriced": unpriced_coins(now=now) if rows else [],
        "is_stale": all(row.is_stale for row in rows),
        "newest": max((row.quote.at for row in rows), default=None),
        "has_local": any(row.local is not None for row in rows),
    }
    return render(request, "prices/list.html", context)


@require_safe
def ticker(request: HttpRequest) -> HttpResponse:
    """204 while nothing is newer than `?since=`; else the new ticker, and the word for the other regions."""
    since = _instant(request.GET.get("since", ""))
    newest = newest_at(now=timezone.now())
    if newest is None or (since is not None and newest <= since):
        return HttpResponse(status=204)
    return trigger_client_event(render(request, "components/_ticker.html"), "prices:changed")


@login_not_required
@require_safe
def price_page(request: HttpRequest, symbol: str) -> HttpResponse:
    asset = _asset(symbol)
    if asset is None:
        return render(request, UNKNOWN, {"symbol": symbol, "may_add": _may_add(request)}, status=404)
    if asset.symbol != symbol:
        return redirect("price-page", asset.symbol)
    found = price_row(asset, now=timezone.now())
    (row,) = told_in(_currency(request), [found]) if found else (None,)
    history = row and price_history(asset, request.GET.get("range", "ALL"), newest=row.quote)
    template = "prices/page.html"
    if request.htmx.target == "chart":
        template += "#chart"
    context = {
        "asset": asset,
        "row": row,
        "history": history,
        "series": history and _series(asset, history),
        "is_log": request.GET.get("scale") == "log",
        "may_add": row is None and _may_add(request),
    }
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
def coins(request: HttpRequest) -> HttpResponse:
    """Coins by name or symbol. Who may add assets finds what the price sources list besides, and adds one."""
    may_add = _may_add(request)
    if request.method == "POST":
        return _add_coin(request) if may_add else HttpResponse(status=403)
    words, now = request.GET.get("q", "").strip(), timezone.now()
    found = search_coins(words, now=now, seconds=10 if may_add else 0)
    return render(request, "prices/coins.html", {"words": words, "found": found, "may_add": may_add})


def _may_add(request: HttpRequest) -> bool:
    return request.user.has_perm("prices.add_asset")


def _add_coin(request: HttpRequest) -> HttpResponse:
    source, coin = request.POST.get("source", ""), request.POST.get("coin", "")
    try:
        asset = add_coin(source, coin, now=timezone.now())
    except CoinRefusedError as error:
        messages.error(request, str(error))
        return redirect("coin-search")
    messages.success(request, f"{asset} is added; its prices are being fetched.")
    return redirect("price-page", asset.symbol)


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """The same and more, for staff; nobody else finds anything here."""
    if not request.user.is_staff:
        raise Http404("for staff")
    return render(request, "prices/status.html", {"health": health(now=timezone.now()), **_backfills()})


@require_safe
def backfill_list(request: HttpRequest) -> HttpResponse:
    return render(request, "prices/backfills.html", _backfills())


def _backfills() -> dict[str, object]:
    rows = backfills()
    return {"backfills": rows, "is_fetching": any(row.state == Backfill.State.OPEN for row in rows)}


def _currency(request: HttpRequest) -> str:
    """That of the reader; prices are in dollars for whoever has none."""
    return getattr(request.user, "currency", "USD")


def _asset(symbol: str) -> Asset | None:
    """The asset that a symbol finds; None also for the unit of all prices."""
    asset = Asset.objects.found_by(symbol)
    return None if asset is None or is_dollar(asset) else asset


def _series(asset: Asset, history: History) -> dict[str, object]:
    """The chart's data: milliseconds and floats, which only draw."""
    return {
        "label": f"{asset.symbol} price",
        "public": True,
        "currency": "USD",
        "main": [
            [round(at.timestamp() * 1000), None if price is None else float(price)]
            for at, price in history.points
        ],
    }


def _instant(text: str) -> datetime | None:
    """The instant that an address names, or None for anything else; without a zone it is UTC."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found and found.tzinfo is None else found
