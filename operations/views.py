"""The door for who watches the site: metrics for Prometheus."""

from hmac import compare_digest

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from operations.metrics import metrics


@login_not_required
@require_safe
def prometheus(request: HttpRequest) -> HttpResponse:
    """Not there without METRICS_TOKEN; with it, for whoever sends `Authorization: Bearer` and that token."""
    if not settings.METRICS_TOKEN:
        raise Http404("no metrics")
    given = request.headers.get("Authorization", "")
    if not compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    found = metrics(now=timezone.now())
    return HttpResponse(found, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
