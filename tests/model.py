"""A second opinion: the arithmetic of the books once more, as plainly as it can be written.

It shares nothing with the product: fractions instead of decimals, one list of lots, no read models, and every
question is answered by folding the history from its first day. Slow, short, and meant to be read beside
docs/definitions.md. Its one rule for digits: where something is divided, or converted into another currency,
it is cut to 18 places (half to even), and the remainder stays with what is left, or with the last piece.
tests/stated.py has the other half: from what a user states to these effects.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from operator import attrgetter

ACQUIRE, TRANSFER, DISPOSE, FEE = range(4)  # the order inside one instant
FIGURES = (
    "quantity cost_basis realised income fees money_in money_out moved transferred_in transferred_out".split()
)
NOTHING = Fraction(0)
BOOKING_ORDER = attrgetter("at", "rank", "number")


def cut(number: Fraction) -> Fraction:
    return Fraction(round(number * 10**18), 10**18)  # round() of a fraction goes half to even


@dataclass
class Effect:
    """One thing that happens to one asset in one place; amounts in the currency of the place."""

    at: datetime
    number: int
    asset: str
    rank: int
    against: str  # money, income, cost, nothing, fee
    quantity: Fraction
    amount: Fraction = NOTHING
    fee: Fraction = NOTHING
    inside: Fraction = NOTHING
    place: int = 0
    to: int | None = None
    leg: int = 0


@dataclass
class Lot:
    origin: int
    acquired_at: datetime
    quantity: Fraction
    cost: Fraction  # says nothing in a place that goes by the average
    unit_cost: Fraction  # when it came into being


@dataclass
class Piece:
    """A part of a lot that left."""

    lot: Lot
    quantity: Fraction
    cost: Fraction


@dataclass
class Change:
    """What one effect did in one place. A transfer makes two of them."""

    effect: Effect
    place: int
    figures: dict[str, Fraction]
    pieces: list[Piece] = field(default_factory=list)

    @property
    def cost(self) -> Fraction:
        return abs(self.figures["cost_basis"])


@dataclass
class Break:
    """The first moment at which more of an asset would leave a place than is held there."""

    at: datetime
    asset: str
    place: int
    held: Fraction
    wanted: Fraction
    rank: int  # of the effect that would take it, and its number
    number: int


@dataclass
class Books:
    figures: dict[tuple[int, str], dict[str, Fraction]]
    lots: dict[tuple[int, str], list[Lot]]
    changes: list[Change]
    breaks: list[Break]  # of each asset that breaks the first one; what follows it was not booked


def fold(effects: Iterable[Effect], methods: dict[int, str], at: datetime | None = None) -> Books:
    """Book everything up to `at` from nothing; `methods` names the cost method of each place."""
    return fold_side_by_side({"": list(effects)}, methods, dict.fromkeys(methods, ""), at)[""]


def fold_side_by_side(
    effects: dict[str, list[Effect]],
    methods: dict[int, str],
    kept_in: dict[int, str],
    at: datetime | None = None,
) -> dict[str, Books]:
    """Book the same effects, told in several currencies.

    Which lots leave a place is settled in the currency that the place is kept in, and is so for all of them.
    """
    books = {currency: Books({}, {}, [], []) for currency in effects}
    in_order = [
        sorted((one for one in told if at is None or one.at <= at), key=BOOKING_ORDER)
        for told in effects.values()
    ]
    for same in zip(*in_order, strict=True):
        place, asset = same[0].place, same[0].asset
        own = books[kept_in[place]]
        if asset in {broken.asset for broken in own.breaks}:
            continue
        turn = _turn(own.lots.get((place, asset), []), methods[place])
        for currency, effect in zip(effects, same, strict=True):
            _apply(books[currency], effect, methods, turn)
    return books


def _turn(lots: list[Lot], method: str) -> list[int]:
    """The order in which a method gives up lots."""
    in_turn = sorted(range(len(lots)), key=lambda number: lots[number].acquired_at)  # then by arrival
    if method == "lifo":
        in_turn.reverse()
    if method == "hifo":
        in_turn.sort(key=lambda number: lots[number].unit_cost, reverse=True)  # then by age
    return in_turn


def _apply(books: Books, effect: Effect, methods: dict[int, str], turn: list[int]) -> None:
    here = effect.place, effect.asset
    lots = books.lots.setdefault(here, [])
    if effect.rank == ACQUIRE:
        unit_cost = cut(effect.amount / effect.quantity)
        lots.append(Lot(effect.number, effect.at, effect.quantity, effect.amount, unit_cost))
        earned = effect.against == "income"
        change = {
            "quantity": effect.quantity,
            "cost_basis": effect.amount,
            "income": effect.amount if earned else NOTHING,
            "money_in": NOTHING if earned else effect.amount - effect.inside,
            "moved": effect.inside,
            "fees": effect.fee,
        }
        _note(books, effect, effect.place, change, [])
        return
    held = sum(lot.quantity for lot in lots)
    if effect.quantity > held:
        wanted = effect.quantity, effect.rank, effect.number
        books.breaks.append(Break(effect.at, effect.asset, effect.place, Fraction(held), *wanted))
        return
    basis = books.figures[here]["cost_basis"]
    pieces = _take(lots, turn, basis, effect.quantity, methods[effect.place])
    cost = Fraction(sum(piece.cost for piece in pieces))
    change = {"quantity": -effect.quantity, "cost_basis": -cost}
    if effect.rank == TRANSFER:
        change |= {"money_out": cost, "transferred_out": cost}
    elif effect.against == "cost":
        change |= {"money_out": cost, "fees": effect.fee}
    elif effect.against == "money":
        change |= {"realised": effect.amount - cost, "money_out": effect.amount - effect.inside}
        change |= {"moved": -effect.inside, "fees": effect.fee}
    else:  # for nothing, or as a fee: the cost is lost
        change |= {"realised": -cost, "fees": cost if effect.against == "fee" else NOTHING}
    _note(books, effect, effect.place, change, pieces)
    if effect.rank == TRANSFER:
        assert effect.to is not None
        for piece in pieces:
            averaged = methods[effect.place] == "average"
            unit_cost = cut(piece.cost / piece.quantity) if averaged else piece.lot.unit_cost
            arrived = Lot(piece.lot.origin, piece.lot.acquired_at, piece.quantity, piece.cost, unit_cost)
            books.lots.setdefault((effect.to, effect.asset), []).append(arrived)
        change = {"quantity": effect.quantity, "cost_basis": cost, "money_in": cost, "transferred_in": cost}
        _note(books, effect, effect.to, change, [])


def _take(lots: list[Lot], turn: list[int], basis: Fraction, wanted: Fraction, method: str) -> list[Piece]:
    """Take so many units out of the list of lots, one lot after the other."""
    held = sum(lot.quantity for lot in lots)
    share = basis if wanted == held else cut(basis * wanted / held)  # what they cost by the average
    in_turn = [lots[number] for number in turn]
    pieces, missing = [], wanted
    for lot in in_turn:
        part = min(lot.quantity, missing)
        if not part:
            break
        cost = lot.cost if part == lot.quantity else cut(lot.cost * part / lot.quantity)
        pieces.append(Piece(lot, part, cost))
        lot.quantity, lot.cost, missing = lot.quantity - part, lot.cost - cost, missing - part
    lots[:] = [lot for lot in lots if lot.quantity]
    if method == "average":
        for piece in pieces:
            piece.cost = cut(share * piece.quantity / wanted)
        pieces[-1].cost = share - sum(piece.cost for piece in pieces[:-1])
    return pieces


def _note(books: Books, effect: Effect, place: int, change: dict, pieces: list[Piece]) -> None:
    figures = books.figures.setdefault((place, effect.asset), dict.fromkeys(FIGURES, NOTHING))
    for name, difference in change.items():
        figures[name] += difference
    books.changes.append(Change(effect, place, dict.fromkeys(FIGURES, NOTHING) | change, pieces))


def together(figures: Iterable[dict[str, Fraction]]) -> dict[str, Fraction]:
    """Add up several places: what was transferred between them is no money in or out."""
    sums = dict.fromkeys(FIGURES, NOTHING)
    for one in figures:
        for name in FIGURES:
            sums[name] += one[name]
    sums["money_in"] -= sums["transferred_in"]
    sums["money_out"] -= sums["transferred_out"]
    return sums | {"transferred_in": NOTHING, "transferred_out": NOTHING}
