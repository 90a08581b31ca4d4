"""What is stored and what the model says, put into the same words."""

from collections import defaultdict
from fractions import Fraction

from portfolios.models import Booking, DailyPosition, Disposal, Holding, Lot
from tests import model
from tests.portfolios.world import World


def fractions(row) -> dict[str, Fraction]:
    return {name: Fraction(getattr(row, name)) for name in model.FIGURES}


class Stored:
    """Every read model, by portfolio, in the words of the model."""

    def __init__(self, world: World) -> None:
        self.symbols = world.symbols
        self.holdings, self.days, self.bookings = defaultdict(dict), defaultdict(dict), defaultdict(dict)
        self.matches, self.lots, self.proceeds = defaultdict(dict), defaultdict(list), defaultdict(list)
        self._read_figures()
        self._read_lots()

    def _read_figures(self) -> None:
        for row in Holding.objects.all():
            if any(fractions(row).values()):
                self.holdings[row.portfolio_id][self.symbols[row.asset_id]] = fractions(row)
        for row in DailyPosition.objects.all():
            self.days[row.portfolio_id][self.symbols[row.asset_id], row.day] = fractions(row)
        for row in Booking.objects.all():
            told = self.symbols[row.asset_id], row.occurred_at, fractions(row.change)
            self.bookings[row.portfolio_id][row.transaction_id, row.leg] = told

    def _read_lots(self) -> None:
        for row in Disposal.objects.all():
            piece = row.transaction_id, row.leg, row.origin_id, row.acquired_at
            self.matches[row.portfolio_id].setdefault(piece, []).append((row.quantity, row.cost))
            self.proceeds[row.transaction_id, row.leg].append((row.quantity, row.proceeds))
        for pieces in (told for of_place in self.matches.values() for told in of_place.values()):
            pieces.sort()
        for row in Lot.objects.all():
            lot = self.symbols[row.asset_id], row.acquired_at, row.origin_id
            if row.open_quantity:
                units, cost = Fraction(row.open_quantity), Fraction(row.open_cost)
                self.lots[row.portfolio_id].append((*lot, units, cost))

    def open_lots(self, place: int, method: str) -> list[tuple]:
        return sorted(lot[:4] if method == "average" else lot for lot in self.lots[place])


class Told:
    """What the model says of one portfolio."""

    def __init__(self, books: model.Books, place: int) -> None:
        self.holdings, self.days, self.bookings, self.matches = {}, {}, {}, {}
        running: dict = {}
        for change in books.changes:
            if change.place != place:
                continue
            effect, symbol = change.effect, change.effect.asset
            before = running.get(symbol, dict.fromkeys(model.FIGURES, Fraction(0)))
            running[symbol] = {name: before[name] + change.figures[name] for name in model.FIGURES}
            self.days[symbol, effect.at.date()] = running[symbol]
            leg = 1 if effect.rank == model.TRANSFER and place == effect.to else effect.leg
            self.bookings[effect.number, leg] = symbol, effect.at, change.figures
            for piece in change.pieces:
                of = effect.number, leg, piece.lot.origin, piece.lot.acquired_at
                self.matches.setdefault(of, []).append((piece.quantity, piece.cost))
        for pieces in self.matches.values():
            pieces.sort()
        self.holdings = {symbol: figures for symbol, figures in running.items() if any(figures.values())}
        self.lots = [
            (symbol, lot.acquired_at, lot.origin, lot.quantity, lot.cost)
            for (where, symbol), lots in books.lots.items()
            if where == place
            for lot in lots
        ]

    def open_lots(self, method: str) -> list[tuple]:
        return sorted(lot[:4] if method == "average" else lot for lot in self.lots)


def assert_proceeds_are_whole(stored: Stored, books: model.Books, place: int) -> None:
    """What the slices brought is, summed, what the disposal brought, and each has its share."""
    for change in books.changes:
        effect = change.effect
        if change.place != place or not change.pieces:
            continue
        slices = stored.proceeds[effect.number, effect.leg]
        if effect.against == "cost":
            assert {brought for _, brought in slices} == {None}
            continue
        assert sum(brought for _, brought in slices) == effect.amount
        for quantity, brought in slices:
            fair = effect.amount * Fraction(quantity) / effect.quantity
            assert abs(Fraction(brought) - fair) <= Fraction(len(slices), 10**18)
