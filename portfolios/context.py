"""What pages may ask of a signed-in user's portfolios, each thing computed at most once in a request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import cast

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from portfolios.ledger import ratio
from portfolios.models import Portfolio
from portfolios.selectors import Overview, overviews
from portfolios.selectors.memory import Memory, memory
from portfolios.selectors.shares import shares
from prices.selectors import DAY, floor

PALETTE = 5  # data colours that the stylesheet knows


@dataclass(frozen=True, slots=True)
class Unit:
    """What amounts are measured in (a currency, or BTC), and what they are written in (sats are BTC too)."""

    currency: str
    shown: str

    @property
    def is_bitcoin(self) -> bool:
        return self.currency == "BTC"


@dataclass(frozen=True, slots=True)
class SidebarPortfolio:
    """A portfolio in the list beside every page; `share` is its part of the whole, None if unknown."""

    pk: int
    name: str
    palette: int
    share: Decimal | None


class Desk:
    """One user's portfolios in one request, as of `now`; `is_past` where the reader went back to then."""

    def __init__(self, user: User, now: datetime, *, is_past: bool = False) -> None:
        self.user, self.now, self.is_past = user, now, is_past
        self._memories: dict[object, Memory] = {}

    @cached_property
    def portfolios(self) -> list[Portfolio]:
        return list(Portfolio.objects.owned_by(self.user))

    @cached_property
    def unit(self) -> Unit:
        return unit_of(self.user, self.user.currency)

    @cached_property
    def overviews(self) -> tuple[Overview, dict[int, Overview]]:
        """All portfolios together and each by its pk, in the user's unit."""
        return overviews(self.portfolios, currency=self.unit.currency, now=self.now)

    def memory(self, portfolios: Sequence[Portfolio], figures: Overview, moment: datetime) -> Memory:
        """What is remembered of some portfolios, whose figures these are, up to the midnight before then."""
        asked = tuple((each.pk, each.left_out) for each in portfolios)
        name = (asked, figures.currency, floor(moment, DAY))
        if name not in self._memories:
            assets = [each.asset for each in figures.holdings]
            self._memories[name] = memory(portfolios, assets, figures.currency, moment)
        return self._memories[name]

    @cached_property
    def palette(self) -> dict[int, int]:
        return {each.pk: place % PALETTE + 1 for place, each in enumerate(self.portfolios)}

    def shares(self) -> dict[int, Decimal | None]:
        """From the overviews where the page has asked for them, else by the cheap reading."""
        if "overviews" not in self.__dict__:
            return shares(self.portfolios, now=self.now)
        whole, each = self.overviews
        return {pk: ratio(one.value, whole.value) for pk, one in each.items()}

    def sidebar(self) -> list[SidebarPortfolio]:
        parts = self.shares()
        return [
            SidebarPortfolio(each.pk, each.name, self.palette[each.pk], parts[each.pk])
            for each in self.portfolios
        ]


def unit_of(user: User, currency: str) -> Unit:
    """The unit that a user wants figures in, where `currency` is the one at hand."""
    if user.unit == User.Unit.CURRENCY:
        return Unit(currency, currency)
    return Unit("BTC", "BTC" if user.unit == User.Unit.BTC else "sats")


def desk(request: HttpRequest) -> Desk:
    """Return the desk of the request's user: the same one each time, with one `now`."""
    found: Desk | None = getattr(request, "_desk", None)
    if found is None:
        found = Desk(cast(User, request.user), getattr(request, "now", None) or timezone.now())
        request._desk = found
    return found


def sidebar(request: HttpRequest) -> dict[str, object]:
    """For templates: `sidebar_portfolios`, read only when a page draws its sidebar."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"sidebar_portfolios": SimpleLazyObject(lambda: desk(request).sidebar())}
