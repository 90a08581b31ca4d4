"""How figures follow from others: one definition, for the figure itself and for what explains it.

The words are those of docs/definitions.md. Money is in one currency; None is unknown, and so is whatever
follows from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter

from portfolios.ledger import ratio
from prices.fields import ONE_UNIT


@dataclass(frozen=True, slots=True)
class Formula:
    """A figure made of others: in words, and as what `combine` makes of the attributes that `terms` names."""

    words: str
    terms: tuple[str, ...]
    combine: Callable[..., Decimal | None]

    def values(self, figures: object) -> list[Decimal | None]:
        return [attrgetter(name)(figures) for name in self.terms]

    def of(self, figures: object) -> Decimal | None:
        """Return the figure of an overview or a holding; exact, nothing is rounded but to 18 places."""
        return self.combine(*self.values(figures))


def worth(quantity: Decimal | None, price: Decimal | None) -> Decimal | None:
    """Nothing is worth 0 at any price; something is worth nothing that can be told without a price."""
    if quantity is None:
        return None
    if not quantity:
        return Decimal(0)
    return None if price is None else quantity * price  # not cut: so sums over portfolios are exact


def converted(dollars: Decimal | None, rate: Decimal | None) -> Decimal | None:
    """To 18 places, as every price."""
    price = ratio(dollars, rate)
    return None if price is None else price.quantize(ONE_UNIT)


def plus(*terms: Decimal | None) -> Decimal | None:
    known = [each for each in terms if each is not None]
    return sum(known, Decimal(0)) if len(known) == len(terms) else None


def less(whole: Decimal | None, *parts: Decimal | None) -> Decimal | None:
    taken = plus(*parts)
    return None if whole is None or taken is None else whole - taken


def _break_even(
    cost: Decimal | None, realised: Decimal | None, income: Decimal | None, quantity: Decimal | None
) -> Decimal | None:
    return ratio(less(cost, realised, income), quantity)


def _change(now: Decimal | None, then: Decimal | None) -> Decimal | None:
    return ratio(less(now, then), then)


# Of one asset. `rated_…` is about the quantity whose cost is known in the currency: as a rule, all of it.
HOLDING: Mapping[str, Formula] = {
    "value": Formula("quantity × latest price", ("quantity", "price"), worth),
    "rated_value": Formula("quantity × latest price", ("rated_quantity", "price"), worth),
    "average_price": Formula("cost basis ÷ quantity", ("cost_basis", "rated_quantity"), ratio),
    "unrealised": Formula("value − cost basis", ("rated_value", "cost_basis"), less),
    "unrealised_ratio": Formula("unrealised gain ÷ cost basis", ("unrealised", "cost_basis"), ratio),
    "net_result": Formula("realised + unrealised + income", ("realised", "unrealised", "income"), plus),
    "break_even_price": Formula(
        "(cost basis − realised − income) ÷ quantity",
        ("cost_basis", "realised", "income", "rated_quantity"),
        _break_even,
    ),
}

# Of portfolios. `valued.…` is about the assets that have a price: as a rule, all of them.
OVERVIEW: Mapping[str, Formula] = {
    "net_money_in": Formula("money in − money out", ("money_in", "money_out"), less),
    "unrealised_ratio": Formula("unrealised gain ÷ cost basis", ("unrealised", "valued.cost_basis"), ratio),
    "net_result": Formula(
        "realised + unrealised + income", ("valued.realised", "unrealised", "valued.income"), plus
    ),
    "roi": Formula("net result ÷ money in", ("net_result", "valued.money_in"), ratio),
    "day_base": Formula("value at the day's end − the day's result", ("day_end_value", "day_change"), less),
    "day_change_ratio": Formula(
        "the day's result ÷ (value at the day's start + what flowed in)", ("day_change", "day_base"), ratio
    ),
}

# Of what is not an attribute of the figures alone.
WEIGHT = Formula("value of the asset ÷ value of everything", ("value", "whole"), ratio)
PRICE = Formula("price in US dollars ÷ US dollars per unit of the currency", ("dollars", "rate"), converted)
PRICE_CHANGE = Formula(
    "(latest price − price a day before) ÷ price a day before", ("price", "price_then"), _change
)
DAY_CHANGE = Formula(
    "value at the day's end − value at the day's start − what flowed in",
    ("day_end_value", "day_start_value", "day_flow"),
    less,
)
GAIN = Formula("proceeds − cost of the units sold", ("proceeds", "cost"), less)

# What the books say, transaction by transaction.
BOOKED: Mapping[str, str] = {
    "quantity": "what came − what left",
    "cost_basis": "what the held units cost, buy fees included",
    "realised": "proceeds − cost of the units sold, summed over sales",
    "income": "market value, when they came, of the coins that were earned",
    "fees": "fees in money, and in coins at their value, or at their cost where they leave as a loss",
    "money_in": "what was paid from outside",
    "money_out": "what was received from outside",
}
