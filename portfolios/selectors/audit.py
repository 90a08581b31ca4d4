"""How a transaction came to stand as it does: what was changed, by whom and when."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import islice, zip_longest
from typing import Any

from django.db.models import OuterRef, Subquery

from portfolios.models import Act, Kind, Portfolio, Transaction
from prices.fields import canonical
from prices.models import Asset

BATCH = 500  # rows read at once
MOST = 200  # changes on one page; older ones stay stored
YOU, ADMINISTRATOR, SYSTEM = "you", "an administrator", "the system"
GONE = "one that is gone"  # what a line refers to may have been deleted since


class Shape(StrEnum):
    """What a value is, so that the page knows how to write it."""

    WORDS = "words"
    MOMENT = "moment"
    QUANTITY = "quantity"  # of the coin that is `unit`
    AMOUNT = "amount"  # in the currency that is `unit`
    RATE = "rate"
    SOURCE = "source"  # of a price; empty where the user stated it
    GRADE = "grade"


Value = Decimal | datetime | str | None


@dataclass(frozen=True, slots=True)
class Side:
    """A field as it stood: exact, None where nothing was stated; `unit` is a symbol or a currency code."""

    value: Value
    shape: Shape
    unit: str = ""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a change. `before` is None where the transaction was only just recorded."""

    label: str
    before: Side | None
    after: Side


@dataclass(frozen=True, slots=True)
class Change:
    """One act; which fields it changed is not known (`is_known`) where no line says how they stood before."""

    at: datetime
    who: str
    act: Act
    fields: tuple[FieldChange, ...]
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Trail:
    """The changes of a transaction, newest first. `has_beginning`: the line of its recording is among them;
    `has_more`: there are older ones than these.
    """

    changes: tuple[Change, ...]
    recorded_at: datetime
    has_beginning: bool
    has_more: bool


# Every field that a user or the market states. What a row carries beside them: UNTOLD.
LABELS: dict[str, tuple[str, Shape]] = {
    "kind": ("Type", Shape.WORDS),
    "asset": ("Asset", Shape.WORDS),
    "quantity": ("Quantity", Shape.QUANTITY),
    "occurred_at": ("Date and time", Shape.MOMENT),
    "to_asset": ("Asset received", Shape.WORDS),
    "to_quantity": ("Quantity received", Shape.QUANTITY),
    "to_portfolio": ("To portfolio", Shape.WORDS),
    "unit_price": ("Price per unit", Shape.AMOUNT),
    "price_source": ("Price from", Shape.SOURCE),
    "price_at": ("Price time", Shape.MOMENT),
    "price_grade": ("Price found", Shape.GRADE),
    "total": ("Total", Shape.AMOUNT),
    "cost": ("What the coins cost", Shape.AMOUNT),
    "fee": ("Fee", Shape.AMOUNT),  # or a quantity of the coin that it was paid in
    "fee_asset": ("Fee paid in", Shape.WORDS),
    "fee_price": ("Price of the fee’s coin", Shape.AMOUNT),
    "fee_price_source": ("Fee’s price from", Shape.SOURCE),
    "fee_price_at": ("Fee’s price time", Shape.MOMENT),
    "declined_price": ("Price not taken", Shape.AMOUNT),
    "declined_price_at": ("Price not taken, time", Shape.MOMENT),
    "declined_fee_price": ("Fee’s price not taken", Shape.AMOUNT),
    "declined_fee_price_at": ("Fee’s price not taken, time", Shape.MOMENT),
    "currency": ("Currency", Shape.WORDS),
    "fx_rate": ("Exchange rate", Shape.RATE),
    "note": ("Note", Shape.WORDS),
    "external_id": ("External id", Shape.WORDS),
}
UNTOLD = {"id", "portfolio", "version", "deleted_at"}
COINS = ("asset", "to_asset", "fee_asset")
# Of which coin a quantity is; a fee without one is money.
QUANTITIES = {"quantity": "asset_id", "to_quantity": "to_asset_id", "fee": "fee_asset_id"}
USUAL = {"fee": Decimal(0), "fx_rate": Decimal(1)}  # stands in every row, stated or not


def trail_of(transaction: Transaction) -> Trail:
    """Return the changes of a transaction, told to its owner; three queries at most."""
    rows = list(Transaction.history.filter(id=transaction.pk).order_by("-history_id")[: MOST + 1])
    names = _Names(rows)
    pairs = list(zip_longest(rows, rows[1:]))[:MOST]  # the oldest has none before it
    owner = transaction.portfolio.owner_id
    return Trail(
        changes=tuple(_change(row, before, owner, names) for row, before in pairs),
        recorded_at=transaction.created_at,
        has_beginning=bool(rows) and rows[-1].history_type == "+",
        has_more=len(rows) > MOST,
    )


def contradictions(portfolio: Portfolio) -> Iterator[str]:
    """Name each field of a transaction that is not what its last line says: no service has written that.

    What is older than the trail, and has no line, contradicts nothing.
    """
    newest = Transaction.history.filter(id=OuterRef("pk")).order_by("-history_id").values("history_id")[:1]
    rows = portfolio.transactions.annotate(line=Subquery(newest)).exclude(line=None).order_by("pk")
    stream = rows.iterator(chunk_size=BATCH)
    while some := list(islice(stream, BATCH)):
        lines = Transaction.history.in_bulk([row.line for row in some])
        for row in some:
            yield from _contradicted(row, lines[row.line])


def _contradicted(row: Any, line: Any) -> Iterator[str]:
    for field in Transaction.history.model.tracked_fields:
        is_now, should_be = getattr(row, field.attname), getattr(line, field.attname)
        if is_now != should_be:
            where = f"{row.portfolio_id} transaction {row.pk}: {field.name}"
            yield f"{where} is {_plain(is_now)}, the audit trail says {_plain(should_be)}"


def _plain(value: object) -> str:
    return canonical(value) if isinstance(value, Decimal) else str(value)


class _Names:
    """What the keys in some lines stand for."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self.symbols = _found(Asset, "symbol", (getattr(row, f"{name}_id") for row in rows for name in COINS))
        self.portfolios = _found(Portfolio, "name", (row.to_portfolio_id for row in rows))

    def side(self, row: Any, name: str) -> Side:
        """A field as it stands in a line."""
        coin = getattr(row, QUANTITIES[name]) if name in QUANTITIES else None
        if coin is not None:
            return Side(getattr(row, name), Shape.QUANTITY, self.symbols.get(coin, ""))
        shape = LABELS[name][1]
        return Side(self._value(row, name), shape, row.currency if shape is Shape.AMOUNT else "")

    def _value(self, row: Any, name: str) -> Value:
        if name in COINS:
            return self._symbol(getattr(row, f"{name}_id"))
        if name == "to_portfolio":
            pk = row.to_portfolio_id
            return None if pk is None else self.portfolios.get(pk, GONE)
        if name == "kind":
            return str(Kind(row.kind).label) if row.kind in Kind.values else row.kind
        value: Value = getattr(row, name)
        return None if value == "" else value

    def _symbol(self, pk: int | None) -> str | None:
        return None if pk is None else self.symbols.get(pk, GONE)


def _found(model: Any, name: str, keys: Iterable[int | None]) -> Mapping[int, str]:
    return dict(model.objects.filter(pk__in={key for key in keys if key}).values_list("pk", name))


def _change(row: Any, before: Any, owner: int, names: _Names) -> Change:
    act = _act(row)
    is_known = act is Act.RECORDED or before is not None
    if act is Act.RECORDED:
        fields = _stated(row, names)
    else:
        fields = () if before is None else _differing(before, row, names)
    return Change(row.history_date, _who(row.history_user_id, owner), act, fields, is_known)


def _act(row: Any) -> Act:
    """As the services said; what was saved beside them is told by the kind of its line."""
    if row.history_change_reason in Act.values:
        return Act(row.history_change_reason)
    return {"+": Act.RECORDED, "-": Act.DELETED}.get(row.history_type, Act.CHANGED)


def _who(user: int | None, owner: int) -> str:
    if user is None:
        return SYSTEM
    return YOU if user == owner else ADMINISTRATOR


def _stated(row: Any, names: _Names) -> tuple[FieldChange, ...]:
    """What a new transaction says, without what it leaves empty."""
    sides = {name: names.side(row, name) for name in LABELS}
    return tuple(
        FieldChange(LABELS[name][0], None, side)
        for name, side in sides.items()
        if side.value is not None and side.value != USUAL.get(name)
    )


def _differing(before: Any, after: Any, names: _Names) -> tuple[FieldChange, ...]:
    pairs = {name: (names.side(before, name), names.side(after, name)) for name in LABELS}
    return tuple(
        FieldChange(LABELS[name][0], old, new) for name, (old, new) in pairs.items() if _differ(old, new)
    )


def _differ(old: Side, new: Side) -> bool:
    """What is nothing has no currency that could have changed."""
    return old.value != new.value or (bool(new.value) and old.unit != new.unit)
