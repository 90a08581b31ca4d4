"""Exchange rates for many transactions at once: each at its own time, in one query."""

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import DateTimeField, ExpressionWrapper, OuterRef, QuerySet, Subquery

from prices.models import PriceSnapshot
from prices.selectors import OLDEST_PRICE, rate_asset


def snapshot_before(asset_pk: int, moment: str) -> Subquery:
    """The price of an asset at the time in column `moment`, at most a week old; for annotations."""
    oldest = ExpressionWrapper(OuterRef(moment) - OLDEST_PRICE, output_field=DateTimeField())
    known = PriceSnapshot.objects.filter(asset_id=asset_pk, at__lte=OuterRef(moment), at__gte=oldest)
    return Subquery(known.order_by("-at").values("price")[:1])


def with_dollar_rates(rows: QuerySet, codes: Iterable[str], moment: str = "occurred_at") -> QuerySet:
    """Annotate each row with `usd_per_<code>` at its moment: dollars per unit, None where unknown."""
    assets = {code: rate_asset(code) for code in codes if code != "USD"}
    return rows.annotate(
        **{f"usd_per_{code}": snapshot_before(asset.pk, moment) for code, asset in assets.items() if asset}
    )


def rate_of(row: object, code: str, into: str) -> Decimal | None:
    """Units of `into` per unit of `code` at an annotated row's moment; None where either is unknown."""
    if code == into:
        return Decimal(1)
    dollars, target = (
        Decimal(1) if each == "USD" else getattr(row, f"usd_per_{each}", None) for each in (code, into)
    )
    return None if dollars is None or target is None else dollars / target
