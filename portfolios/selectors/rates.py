"""Exchange rates for many transactions at once: each at its own time, in one query."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import QuerySet, Subquery

from prices.selectors import last_price_subquery, rate_asset

Rows = TypeVar("Rows", bound=QuerySet[Any])


def snapshot_before(asset_pk: int) -> Subquery:
    """The price of an asset when a row occurred, at most a week old; for annotations."""
    return Subquery(last_price_subquery(asset_pk, "occurred_at"))


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
