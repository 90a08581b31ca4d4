"""How this installation is doing, for the programs that watch it."""

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from prices.health import as_json, health
from prices.schemas import Health

router = Router()


@router.get("/health", auth=None, response={200: Health, 503: Health}, url_name="health")
def read_health(request: HttpRequest) -> Status:
    """200, or 503 with the parts that fail."""
    try:
        found = as_json(health(now=timezone.now()))
        failing = ["worker"] if found["worker"] != "ok" else []
    except DatabaseError:
        found, failing = {"worker_seen_at": None, "last_price_at": None}, ["database"]
    said = {
        "status": "failing" if failing else "ok",
        "failing": failing,
        "database": "failing" if "database" in failing else "ok",
        **found,
        "version": settings.VERSION,
    }
    return Status(503 if failing else 200, said)
