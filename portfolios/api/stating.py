"""What a client stated becomes the same Draft that a form makes."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import User
from portfolios.drafts import STATED, Draft, draft_of, restated
from portfolios.models import Portfolio, Transaction
from portfolios.schemas import Stated, TransactionChange, TransactionIn
from portfolios.services import BatchRefused
from prices.models import Asset

COINS = {"asset", "to_asset", "fee_asset"}
NAMES = COINS | {"to_portfolio"}
NEVER_EMPTY = ("kind", "asset", "quantity", "occurred_at")
UNKNOWN_COIN = "No coin of this symbol is known here."
NOT_YOURS = "Choose one of your own portfolios."  # also where there is none of that number
EMPTY = "This can’t be empty."


class Names:
    """What symbols and numbers in bodies stand for: read once for all of them."""

    def __init__(self, user: User, stated: Iterable[Stated]) -> None:
        stated = list(stated)
        symbols = {symbol for one in stated for name in COINS if (symbol := getattr(one, name))}
        self.coins = Asset.objects.in_bulk(list(symbols), field_name="symbol")
        portfolios = Portfolio.objects.owned_by(user) if any(one.to_portfolio for one in stated) else []
        self.portfolios = {row.pk: row for row in portfolios}

    def found(self, one: Stated) -> dict[str, Any]:
        """The fields that were said, with rows for names. Raises ValidationError by field."""
        said = {name: getattr(one, name) for name in one.model_fields_set}
        errors = {}
        for name in NAMES & said.keys():
            rows, unknown = (self.coins, UNKNOWN_COIN) if name in COINS else (self.portfolios, NOT_YOURS)
            key, said[name] = said[name], rows.get(said[name])
            if key is not None and said[name] is None:
                errors[name] = unknown
        if errors:
            raise ValidationError(errors)
        return said


def coin(symbol: str) -> Asset:
    """Raises ValidationError."""
    found = Asset.objects.filter(symbol=symbol).first()
    if found is None:
        raise ValidationError({"asset": UNKNOWN_COIN})
    return found


def drafted(user: User, portfolio: Portfolio, stated: TransactionIn) -> Draft:
    """Raises ValidationError by field."""
    return draft_of(Names(user, [stated]).found(stated), portfolio)


def merged(user: User, row: Transaction, change: TransactionChange) -> Draft:
    """What is stated about a stored transaction once the change is made. Raises ValidationError by field."""
    said = Names(user, [change]).found(change)
    empty = {name: EMPTY for name in NEVER_EMPTY if name in said and said[name] is None}
    if empty:
        raise ValidationError(empty)
    stands = restated(row)
    whole = {name: getattr(stands, name) for name in STATED} | said
    return draft_of(whole, row.portfolio)


def batched(user: User, portfolio: Portfolio, stated: Sequence[TransactionIn]) -> list[Draft]:
    """Raises BatchRefused."""
    names, drafts, errors = Names(user, stated), [], {}
    for index, one in enumerate(stated):
        try:
            drafts.append(draft_of(names.found(one), portfolio))
        except ValidationError as error:
            errors[index] = error.message_dict
    if errors:
        raise BatchRefused(errors)
    return drafts
