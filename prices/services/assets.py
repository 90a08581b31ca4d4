"""Which assets there are, and which of them the worker keeps fetching."""

from datetime import datetime

from django.db import transaction

from prices import catalogue
from prices.models import Asset
from prices.services.backfills import request_history

MAIN = "coingecko"  # whose id says which coin an asset is, whatever its symbol


@transaction.atomic
def sync_catalogue() -> int:
    """Make the catalogue's assets exist; returns how many were new.

    What an administrator changed stays: of an asset that exists only provider ids it lacks are filled in
    (an id set to "" stays empty: that source is then not asked).
    """
    existing = {asset.symbol: asset for asset in Asset.objects.all()}
    by_id = {asset.id_at(MAIN): asset for asset in existing.values()}
    new = []
    for symbol, name, *ids in catalogue.COINS:
        known = catalogue.provider_ids(tuple(ids))
        asset = by_id.get(known[MAIN]) or existing.get(symbol)
        if asset is None:
            tracked = symbol in catalogue.TRACKED_FROM_THE_START
            new.append(Asset(symbol=symbol, name=name, provider_ids=known, is_tracked=tracked))
        elif asset.id_at(MAIN) in ("", known[MAIN]):  # else another coin has the symbol
            _complete(asset, known)
    for code, name in catalogue.currencies().items():
        known = catalogue.rate_ids(code)
        if code in existing:
            _complete(existing[code], known)
        else:
            new.append(Asset(symbol=code, name=name, kind=Asset.Kind.FIAT, provider_ids=known))
    return len(Asset.objects.bulk_create(new, ignore_conflicts=True))


def track(asset: Asset, *, since: datetime | None = None, now: datetime | None = None) -> None:
    """Have the worker fetch this coin's price from now on; a currency is left as it is.

    With `since` (and `now`) its hourly history from that moment on is asked for too.
    """
    if asset.kind == Asset.Kind.CRYPTO and not asset.is_tracked:
        asset.is_tracked = True
        asset.save(update_fields=["is_tracked"])
    if since and now:
        request_history(asset, since=since, now=now)


def _complete(asset: Asset, known: dict[str, str]) -> None:
    if known.keys() - asset.provider_ids.keys():
        asset.provider_ids = known | asset.provider_ids
        asset.save(update_fields=["provider_ids"])
