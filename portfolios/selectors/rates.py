"""Exchange rates for many transactions at once: each at its own time, in one query."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import DateTimeField, ExpressionWrapper, OuterRef, QuerySet, Subquery

from prices.models import PriceSnapshot
from prices.selectors import OLDEST_PRICE, rate_asset

Rows = TypeVar("Rows", bound=QuerySet[Any])


def snapshot_before(asset_pk: int) -> Subquery:
    """The price of an asset when a row occurred, at most a week old; for annotations."""
    moment = OuterRef("occurred_at")
    oldest = ExpressionWrapper(moment - OLDEST_PRICE, output_field=DateTimeField())
    known = PriceSnapshot.objects.filter(asset_id=asset_pk, at__lte=moment, at__gte=oldest)
    return Subquery(known.order_by("-at").values("price")[:1])


def with_dollar_rates(rows: Rows, codes: Iterable[str]) -> Rows:
    """Annotate each row with `usd_per_<code>` when it occurred: dollars per unit, None where unknown."""
    assets = {code: rate_asset(code) for code in codes if code != "USD"}
    return rows.annotate(
        **{f"usd_per_{code}": snapshot_before(asset.pk) for code, asset in assets.items() if asset}
    )


def rate_of(row: object, code: str, into: str) -> Decimal | None:
    """Units of `into` per unit of `code` at an annotated row's moment; None where either is unknown."""
    if code == into:
        return Decimal(1)
    dollars, target = (
        Decimal(1) if each == "USD" else getattr(row, f"usd_per_{each}", None) for each in (code, into)
    )
    return None if dollars is None or target is None else dollars / target
