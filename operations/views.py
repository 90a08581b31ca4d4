"""Doors for who runs the site: metrics for Prometheus; and answers where something beneath a view fails."""

import sys
from hmac import compare_digest

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from operations.logs import request_id
from operations.metrics import metrics

RETRY_AFTER = 5  # seconds
AWAY = (OperationalError, InterfaceError)
SAID = {500: "Something broke on our side.", 503: "The database is busy or away. Nothing was saved."}


@login_not_required
@require_safe
def prometheus(request: HttpRequest) -> HttpResponse:
    """Not there without METRICS_TOKEN; with it, for whoever sends `Authorization: Bearer` and that token."""
    if not settings.METRICS_TOKEN:
        raise Http404("no metrics")
    given = request.headers.get("Authorization", "")
    if not compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    try:
        found = metrics(now=timezone.now())
    except DatabaseError:
        return failure(request, 503)
    return HttpResponse(found, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def server_error(request: HttpRequest) -> HttpResponse:
    """What no view caught: 503 while the database is busy or away, else 500; with the request's number."""
    is_away = isinstance(sys.exc_info()[1], AWAY)
    return failure(request, 503 if is_away else 500)


def failure(request: HttpRequest, status: int) -> HttpResponse:
    """An answer that needs no database: for programs JSON, for people a page."""
    headers = {"Retry-After": str(RETRY_AFTER)} if status == 503 else {}
    headers["Cache-Control"] = "no-store"
    reference = request_id()
    if request.path.startswith("/api/"):
        said = {"detail": SAID[status], "reference": reference}
        return JsonResponse(said, status=status, headers=headers)
    body = render_to_string(f"{status}.html", {"reference": reference})
    return HttpResponse(body, status=status, headers=headers)
