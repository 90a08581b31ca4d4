"""The kinds of transactions as a form offers them: their names, and what each is for, in one sentence."""

from typing import Any

from django import forms

from portfolios.drafts import IN_COINS, STATEMENTS
from portfolios.models import Kind

KINDS = [(kind, Kind(kind).label) for kind in STATEMENTS]
EXPLAINED = {
    Kind.BUY: "You paid money and got coins.",
    Kind.SELL: "You gave coins and got money. The gain on them is realised.",
    Kind.SWAP: "You gave one coin and got another. The gain on the coin given is realised.",
    Kind.TRANSFER: "Coins moved between two of your portfolios. They keep their cost; nothing is realised.",
    Kind.DEPOSIT: "Coins came in from outside, with what they cost you: some you owned before, "
    "or a gift you received.",
    Kind.WITHDRAWAL: "Coins went to a place you don’t track here. They leave at cost; nothing is realised.",
    Kind.INCOME: "You earned coins: interest, staking, mining, an airdrop. They count at their market value.",
    Kind.SPEND: "You paid for something with coins. That realises a gain, as a sale would.",
    Kind.GIFT: "You gave coins away and got nothing for them. What they cost becomes a loss. "
    "A gift you received is a deposit.",
    Kind.LOST: "Coins are gone: a lost key, a theft, a failed exchange. What they cost becomes a loss.",
    Kind.FEE: "You paid a fee in coins that belongs to no other transaction.",
}

FEE_ID = "fee-unless-chosen"
FEE_IN_MONEY, FEE_IN_THE_COIN = "Money", "The coin that moves"


def fee_unless_chosen(kind: str) -> str:
    """What a fee is in where no coin is chosen for it."""
    return FEE_IN_THE_COIN if kind in IN_COINS else FEE_IN_MONEY


class FeeCoinSelect(forms.Select):
    """A choice of coins. What none of them means follows the kind: the preview, which knows it, tells it."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        return option if value else option | {"attrs": option["attrs"] | {"id": FEE_ID}}


class KindSelect(forms.RadioSelect):
    """A choice of kinds, each described by its sentence; the page shows that of the chosen one."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["aria-describedby"] = f"says-{value}"
        option["says"] = EXPLAINED.get(value, "")
        return option
