"""What changes prices: the verbs that doors and other apps call, each kept in a file of its subject."""

from prices.services.assets import sync_catalogue, track
from prices.services.backfills import Advanced, advance_backfills, request_history, request_missing
from prices.services.by_hand import (
    PriceRefusedError,
    accept_refused,
    add_snapshot,
    check_price,
    correct_snapshot,
    delete_snapshots,
    reject_refused,
    set_price,
)
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
from prices.services.files import FileRefusedError, Imported, Layout, import_prices
from prices.services.gate import NOBODY, Voucher, record_snapshots
from prices.services.history import BackfillReport, backfill, newest_close
from prices.services.latest import FetchReport, fetch_latest
from prices.services.offers import Offer, Recorded, Refusal
from prices.services.pack import Loaded, export_price_pack, load_price_pack
from prices.services.rates import RatesReport, fetch_rates, fill_rates
from prices.services.schedules import Synced, sync_schedules
from prices.services.standing import ask_again
from prices.services.worker import ask_for_heartbeat, beat

__all__ = [
    "NOBODY",
    "Advanced",
    "BackfillReport",
    "CoinRefusedError",
    "FetchReport",
    "FileRefusedError",
    "FoundCoins",
    "Imported",
    "Layout",
    "Loaded",
    "Offer",
    "Offered",
    "PriceRefusedError",
    "RatesReport",
    "Recorded",
    "Refusal",
    "Synced",
    "Voucher",
    "accept_refused",
    "add_coin",
    "add_snapshot",
    "advance_backfills",
    "ask_again",
    "ask_for_heartbeat",
    "backfill",
    "beat",
    "check_price",
    "checked_symbol",
    "correct_snapshot",
    "delete_snapshots",
    "delist_coin",
    "export_price_pack",
    "fetch_latest",
    "fetch_rates",
    "fill_rates",
    "import_prices",
    "load_price_pack",
    "newest_close",
    "record_snapshots",
    "reject_refused",
    "rename_coin",
    "request_history",
    "request_missing",
    "search_coins",
    "set_price",
    "sync_catalogue",
    "sync_schedules",
    "track",
]
