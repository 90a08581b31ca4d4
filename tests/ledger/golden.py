"""Reads the golden cases of tests/golden, and says where figures disagree. Their form is explained there."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from portfolios.ledger import Action, Against, Entry

FOLDER = Path(__file__).resolve().parent.parent / "golden"
ZERO = Decimal(0)
SELECTORS = {"by", "in", "of", "since"}  # words of a block that choose, and are no figures
COMES = {"buy": Against.MONEY, "deposit": Against.MONEY, "income": Against.INCOME}
LEAVES = {
    "sell": Against.MONEY,
    "spend": Against.MONEY,
    "withdrawal": Against.COST,
    "fee": Against.FEE,
    "transfer": Against.FEE,  # inside one portfolio nothing but the fee leaves
}

Case = dict[str, Any]


def families() -> dict[str, list[Case]]:
    """All cases, by the family (the file) they stand in."""
    files = sorted(FOLDER.glob("*.json"))
    return {
        file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files if file.stem != "reasons"
    }


def reasons() -> dict[str, str]:
    """Why published figures are left out: a short name, and a sentence."""
    return json.loads((FOLDER / "reasons.json").read_text(encoding="utf-8"))


class Row(NamedTuple):
    """A transaction as the golden files write it: `2024-01-31 sell 2 BTC @ 50000 fee 10 as gift`."""

    number: int
    at: datetime
    kind: str
    quantity: Decimal
    asset: str
    price: Decimal | None = None
    total: Decimal | None = None
    fee: Decimal = ZERO
    fee_in_kind: bool = False  # the fee is a quantity of the asset itself
    label: str = ""

    def entries(self, rate: Decimal) -> list[Entry]:
        """What it does to its asset, at `rate` units of the book's currency per unit of its own."""
        if self.kind in COMES:
            return [self._entry(Action.ACQUIRE, COMES[self.kind], self.quantity, rate * self._paid(), rate)]
        against = LEAVES[self.kind]
        if self.kind == "transfer":
            return [self._entry(Action.FEE, against, self.fee)] if self.fee else []
        if against is not Against.MONEY:
            return [self._entry(Action.DISPOSE, against, self.quantity)]
        if not self.fee_in_kind:
            return [self._entry(Action.DISPOSE, against, self.quantity, rate * self._received(), rate)]
        fee = rate * self.fee * (self.price or ZERO)
        worth = rate * self.quantity * (self.price or ZERO)
        main = self._entry(Action.DISPOSE, against, self.quantity, worth - fee)
        paid = self._entry(Action.FEE, against, self.fee, fee)
        return [main._replace(inside=-fee, fee=fee), paid._replace(inside=fee, leg=2)]

    def _entry(
        self,
        action: Action,
        against: Against,
        quantity: Decimal,
        amount: Decimal = ZERO,
        rate: Decimal = ZERO,
    ) -> Entry:
        return Entry(
            self.at, self.number, self.asset, action, against, quantity, amount, fee=rate * self._cash_fee()
        )

    def _cash_fee(self) -> Decimal:
        return ZERO if self.fee_in_kind else self.fee

    def _paid(self) -> Decimal:
        return self._worth() + self._cash_fee() if self.total is None else self.total

    def _received(self) -> Decimal:
        return self._worth() - self._cash_fee() if self.total is None else self.total

    def _worth(self) -> Decimal:
        """Without a price: a currency is worth its units; elsewhere the amount is in no figure compared."""
        if self.price is None:
            return self.quantity if self.kind in {"deposit", "income"} else ZERO
        return self.quantity * self.price


def row(number: int, line: str) -> Row:
    at, kind, quantity, asset, *rest = line.split()
    found: dict[str, Any] = {}
    while rest:
        word, value, *rest = rest
        if word == "as":
            found["label"] = value
            continue
        found[{"@": "price"}.get(word, word)] = Decimal(value)
        if word == "fee" and rest[:1] == [asset]:
            found["fee_in_kind"], rest = True, rest[1:]
    found.pop("tax", None)  # a total is what was really paid or received, tax included
    return Row(number, moment(at), kind, Decimal(quantity), asset, **{"label": kind, **found})


def moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def disagreements(published: Any, found: Any, tolerance: str, where: str = "") -> list[str]:
    """Every published figure that `found` does not have, or has more than `tolerance` away.

    Lists have to be as long as published, and tables (of names and rows) to have the same names. Within a row
    the published columns decide what is compared.
    """
    if isinstance(published, dict | list):
        pairs = _pairs(published, found)
        if pairs is None:
            return [f"{where}: published {published}, here {found}"]
        return [
            text
            for name, one, other in pairs
            for text in disagreements(one, other, tolerance, f"{where} {name}".strip())
        ]
    return [] if _agrees(published, found, tolerance) else [f"{where}: published {published}, here {found}"]


def _pairs(published: Any, found: Any) -> list[tuple[str, Any, Any]] | None:
    """The figures of two nests side by side; None where the nests have another form."""
    if isinstance(published, list):
        if not isinstance(found, list) or len(found) != len(published):
            return None
        return [(f"[{at}]", *both) for at, both in enumerate(zip(published, found, strict=True))]
    is_table = all(isinstance(row_, dict) for row_ in published.values())
    if not isinstance(found, dict) or not published.keys() <= found.keys():
        return None
    if is_table and published.keys() != found.keys():
        return None
    return [(name, one, found[name]) for name, one in published.items()]


def _agrees(published: Any, found: Any, tolerance: str) -> bool:
    if published is None or isinstance(published, bool) or found is None or isinstance(found, bool):
        return published is found
    if isinstance(found, str):
        return bool(published == found)
    figure = Decimal(published)
    return abs(Decimal(found) - figure) <= _allowed(figure, tolerance)


def _allowed(figure: Decimal, tolerance: str) -> Decimal:
    """How far away another figure may be: an amount, or with % a share of the figure."""
    if tolerance.endswith("%"):
        return abs(figure) * Decimal(tolerance[:-1]) / 100
    return Decimal(tolerance)


def figures(block: dict[str, Any]) -> dict[str, Any]:
    """What a block publishes, without the words that choose."""
    return {name: value for name, value in block.items() if name not in SELECTORS}


def changed(published: Any, tolerance: str) -> Iterator[Any]:
    """The same figures with one of them changed to what can no longer agree; each of them in turn."""
    if not isinstance(published, dict | list):
        yield _other(published, tolerance)
        return
    for name, value in published.items() if isinstance(published, dict) else enumerate(published):
        for other in changed(value, tolerance):
            copy = published.copy()
            copy[name] = other
            yield copy


def _other(figure: Any, tolerance: str) -> Any:
    if figure is None or isinstance(figure, bool):
        return "0" if figure is None else not figure
    if " of " in figure:
        return f"1{figure}"
    return str(Decimal(figure) + 3 * _allowed(Decimal(figure), tolerance))
