"""Where the books of an asset in a portfolio stood when a day began, so that booking goes on from there.

Read from the read models: the last daily position before that day, and of the lots as they are now those that
will be asked for, with what has left them since given back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from portfolios.ledger import Lot as OpenLot
from portfolios.ledger import Pool, Position
from portfolios.models import DailyPosition, Disposal, Lot, Portfolio
from prices.models import Asset

ZERO = Decimal(0)
Here = dict[str, Any]  # which portfolio and asset


@dataclass(slots=True)
class Opening:
    """`lots` are the pairs of a stored row and the ledger's lot that stands for it, at `since`."""

    position: Position
    pool: Pool
    has_begun: bool = False  # whether anything was booked before
    lots: list[tuple[Lot, OpenLot]] = field(default_factory=list)


def opening(portfolio: Portfolio, asset: Asset, since: datetime, wanted: Decimal) -> Opening:
    """Return where the books stood at `since`, a UTC midnight, with lots enough to take `wanted` from."""
    here: Here = {"portfolio": portfolio, "asset": asset}
    last = DailyPosition.objects.filter(**here, day__lt=since.date()).order_by("-day").first()
    if last is None:
        return Opening(Position(), Pool(portfolio.cost_method))
    earlier = Lot.objects.filter(**here, arrived_at__lt=since)
    numbers = earlier.order_by("-number").values_list("number", flat=True)
    left = Disposal.objects.filter(**here, disposed_at__gte=since)
    gone = _sums(left)
    rows = {row.pk: row for row in earlier.filter(number__in=left.values("lot"))} if gone else {}
    rows |= {row.pk: row for row in _in_turn(earlier.filter(is_open=True), wanted)}
    lots = [(row, _as_it_was(row, *gone.get(row.number, (ZERO, ZERO)))) for row in rows.values()]
    pool = Pool(
        portfolio.cost_method,
        (lot for _, lot in lots),
        quantity=last.quantity,
        cost=last.cost_basis,
        next_number=(numbers.first() or 0) + 1,
    )
    return Opening(last.position, pool, has_begun=True, lots=lots)


def _sums(slices: QuerySet[Disposal]) -> dict[int, tuple[Decimal, Decimal]]:
    """By number of the lot, the quantity and cost of its slices."""
    gone: dict[int, tuple[Decimal, Decimal]] = {}
    for number, quantity, cost in slices.values_list("lot", "quantity", "cost"):
        before = gone.get(number, (ZERO, ZERO))
        gone[number] = before[0] + quantity, before[1] + cost
    return gone


def _in_turn(lots: QuerySet[Lot], wanted: Decimal) -> Iterator[Lot]:
    """Open lots in the order in which they leave, as many as hold what is wanted."""
    if not wanted:
        return
    for row in lots.order_by("rank").iterator(chunk_size=100):
        yield row
        wanted -= row.open_quantity
        if wanted <= 0:
            return


def _as_it_was(row: Lot, quantity: Decimal, cost: Decimal) -> OpenLot:
    unit_cost = Decimal(row.unit_cost) if row.unit_cost else None
    lot = OpenLot(row.number, row.origin_id, row.acquired_at, row.quantity, row.cost, unit_cost)
    lot.open_quantity, lot.open_cost = row.open_quantity + quantity, row.open_cost + cost
    return lot
