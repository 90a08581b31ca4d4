"""What changes prices: the verbs that doors and other apps call, each kept in a file of its subject."""

from prices.services.assets import sync_catalogue, track
from prices.services.backfills import Advanced, advance_backfills, request_history, request_missing
from prices.services.gate import (
    Offer,
    PriceRefusedError,
    Recorded,
    Refusal,
    add_snapshot,
    check_price,
    correct_snapshot,
    delete_snapshots,
    record_snapshots,
)
from prices.services.history import BackfillReport, backfill, newest_close
from prices.services.latest import FetchReport, fetch_latest
from prices.services.pack import Loaded, load_price_pack
from prices.services.schedules import Synced, sync_schedules
from prices.services.worker import ask_for_heartbeat, beat

__all__ = [
    "Advanced",
    "BackfillReport",
    "FetchReport",
    "Loaded",
    "Offer",
    "PriceRefusedError",
    "Recorded",
    "Refusal",
    "Synced",
    "add_snapshot",
    "advance_backfills",
    "ask_for_heartbeat",
    "backfill",
    "beat",
    "check_price",
    "correct_snapshot",
    "delete_snapshots",
    "fetch_latest",
    "load_price_pack",
    "newest_close",
    "record_snapshots",
    "request_history",
    "request_missing",
    "sync_catalogue",
    "sync_schedules",
    "track",
]
