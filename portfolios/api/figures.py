"""Figures of one portfolio, and of all of a user's together: summary, holdings, lots, gains."""

from datetime import UTC
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from portfolios.api.access import OwnPortfolio
from portfolios.api.asked import Asked, asked_of, ends
from portfolios.api.stating import coin
from portfolios.models import Holding
from portfolios.schemas import (
    Asking,
    AskingGains,
    AskingHoldings,
    AskingLots,
    GainOut,
    GainsOut,
    GainTotals,
    HoldingOut,
    LotOut,
    SummaryOut,
)
from portfolios.selectors import gains, open_lots
from prices.models import Asset
from prices.schemas import Items, Window

ONE = "/portfolios/{int:portfolio}"
ALL = "/analytics"

router = Router()


@router.get(f"{ONE}/summary", response=SummaryOut)
def read_summary(request: HttpRequest, portfolio: OwnPortfolio, query: Query[Asking]) -> SummaryOut:
    """What the portfolio is worth, what it cost, what was earned."""
    return _summary(asked_of(request, query, portfolio))


@router.get(f"{ALL}/summary", response=SummaryOut)
def read_summary_of_all(request: HttpRequest, query: Query[Asking]) -> SummaryOut:
    """What your portfolios are worth together; transfers between them are no money in or out."""
    return _summary(asked_of(request, query, None))


@router.get(f"{ONE}/holdings", response=Items[HoldingOut])
def list_holdings(
    request: HttpRequest, portfolio: OwnPortfolio, query: Query[AskingHoldings], window: Query[Window]
) -> object:
    """The portfolio's assets, most valuable first, closed ones last."""
    return _holdings(asked_of(request, query, portfolio), query, window)


@router.get(f"{ALL}/holdings", response=Items[HoldingOut])
def list_holdings_of_all(request: HttpRequest, query: Query[AskingHoldings], window: Query[Window]) -> object:
    """Your assets in all portfolios, most valuable first, closed ones last."""
    return _holdings(asked_of(request, query, None), query, window)


@router.get(f"{ONE}/lots", response=Items[LotOut])
def list_lots(
    request: HttpRequest, portfolio: OwnPortfolio, query: Query[AskingLots], window: Query[Window]
) -> object:
    """The lots that are open, by asset, in the order in which they came."""
    return _lots(asked_of(request, query, portfolio), query, window)


@router.get(f"{ALL}/lots", response=Items[LotOut])
def list_lots_of_all(request: HttpRequest, query: Query[AskingLots], window: Query[Window]) -> object:
    """The lots that are open in all portfolios, by asset and portfolio, in the order in which they came."""
    return _lots(asked_of(request, query, None), query, window)


@router.get(f"{ONE}/gains", response=GainsOut)
def list_gains(
    request: HttpRequest, portfolio: OwnPortfolio, query: Query[AskingGains], window: Query[Window]
) -> GainsOut:
    """What was realised, slice by slice of the lots that were used, and in all."""
    return _gains(asked_of(request, query, portfolio), query, window)


@router.get(f"{ALL}/gains", response=GainsOut)
def list_gains_of_all(request: HttpRequest, query: Query[AskingGains], window: Query[Window]) -> GainsOut:
    """What was realised in all portfolios, slice by slice of the lots that were used, and in all."""
    return _gains(asked_of(request, query, None), query, window)


def _summary(asked: Asked) -> SummaryOut:
    return SummaryOut.of(asked.overview(), asked.method)


def _holdings(asked: Asked, query: AskingHoldings, window: Window) -> Any:
    found = asked.overview().holdings
    wanted = [each for each in found if query.status == "all" or each.is_open == (query.status == "open")]
    items = [HoldingOut.of(each) for each in window.of(wanted)]
    return Items[HoldingOut].model_construct(items=items, count=len(wanted))


def _lots(asked: Asked, query: AskingLots, window: Window) -> Any:
    if query.asset is None:
        held = Holding.objects.filter(portfolio__in=[each.pk for each in asked.portfolios]).order_by()
        assets = list(Asset.objects.filter(pk__in=held.values("asset")))
    else:
        assets = [coin(query.asset)]
    symbols = {each.pk: each.symbol for each in assets}
    found = open_lots(asked.portfolios, assets, currency=asked.currency, at=asked.at)
    items = [LotOut.of(lot, symbols[lot.asset]) for lot in window.of(found)]
    return Items[LotOut].model_construct(items=items, count=len(found))


def _gains(asked: Asked, query: AskingGains, window: Window) -> GainsOut:
    since, until = ends(asked, query)
    asset = None if query.asset is None else coin(query.asset)
    found = gains(asked.portfolios, currency=asked.currency, at=until, zone=UTC, since=since, asset=asset)
    slices = list(GainOut.all_of(found))
    return GainsOut.model_construct(
        items=window.of(slices),
        count=len(slices),
        totals=GainTotals.model_validate(found.sums),
        currency=asked.currency,
        cost_method=asked.method,
        unrated=list(found.unrated),
    )
