"""What figures are asked of: whose portfolios, as of when, in which currency, under which cost method."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from portfolios.models import Portfolio
from portfolios.schemas import Asking, AskingSpan
from portfolios.selectors import Overview, asked_under, overviews
from prices.models import Asset
from prices.selectors import rate_asset

NO_RATES = "No exchange rates of this currency are known here."
BACKWARDS = "This is after the end."


@dataclass(frozen=True, slots=True)
class Asked:
    """`portfolios` are as the method asked for has them; `method` is None where they differ in it."""

    portfolios: Sequence[Portfolio]
    currency: str
    method: str | None
    at: datetime

    def overview(self, at: datetime | None = None) -> Overview:
        """Of all of them together."""
        return overviews(self.portfolios, currency=self.currency, now=at or self.at)[0]


def asked_of(request: HttpRequest, query: Asking, portfolio: Portfolio | None) -> Asked:
    """One portfolio, or, without one, all of the user's. Raises ValidationError."""
    if portfolio is None:
        found, currency = list(Portfolio.objects.owned_by(request.user)), request.user.currency
    else:
        found, currency = [portfolio], portfolio.currency
    if query.currency is not None and query.currency != currency:
        currency = _rated(query.currency)
    portfolios = asked_under(found, query.method or "")
    methods = {each.cost_method for each in portfolios} or {query.method}
    return Asked(
        portfolios=portfolios,
        currency=currency,
        method=methods.pop() if len(methods) == 1 else None,
        at=request.now if query.at is None else query.at,
    )


def ends(asked: Asked, query: AskingSpan) -> tuple[datetime | None, datetime]:
    """From when to when, at most until `at`. Raises ValidationError."""
    until = min(query.until or asked.at, asked.at)
    if query.since is not None and query.since > until:
        raise ValidationError({"from": BACKWARDS})
    return query.since, until


def _rated(code: str) -> str:
    asset = rate_asset(code) if code.isprintable() else None
    is_known = code == "USD" or (asset and (asset.kind == Asset.Kind.FIAT or code == "BTC"))
    if not is_known or not (code == "USD" or asset.snapshots.exists()):
        raise ValidationError({"currency": NO_RATES})
    return code
