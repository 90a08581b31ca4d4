"""What changes prices: the verbs that doors and other apps call, each kept in a file of its subject."""

from prices.services.assets import sync_catalogue, track
from prices.services.backfills import Advanced, advance_backfills, request_missing
from prices.services.coins import (
    CoinRefusedError,
    FoundCoins,
    Offered,
    add_coin,
    checked_symbol,
    delist_coin,
    rename_coin,
    search_coins,
)
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
from prices.services.rates import RatesReport, fetch_rates, fill_rates
from prices.services.schedules import Synced, sync_schedules
from prices.services.standing import ask_again

__all__ = [
    "Advanced",
    "BackfillReport",
    "CoinRefusedError",
    "FetchReport",
    "FoundCoins",
    "Loaded",
    "Offer",
    "Offered",
    "PriceRefusedError",
    "RatesReport",
    "Recorded",
    "Refusal",
    "Synced",
    "add_coin",
    "add_snapshot",
    "advance_backfills",
    "ask_again",
    "backfill",
    "check_price",
    "checked_symbol",
    "correct_snapshot",
    "delete_snapshots",
    "delist_coin",
    "fetch_latest",
    "fetch_rates",
    "fill_rates",
    "load_price_pack",
    "newest_close",
    "record_snapshots",
    "rename_coin",
    "request_missing",
    "search_coins",
    "sync_catalogue",
    "sync_schedules",
    "track",
]
