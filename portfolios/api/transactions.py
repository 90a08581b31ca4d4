"""The transactions of a portfolio. Each answer carries its version as an ETag, which If-Match asks for."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Header, Query, Router, Status

from portfolios import services
from portfolios.api.access import NAMED, OwnPortfolio, OwnTransaction
from portfolios.api.stating import coin, drafted, merged
from portfolios.models import Transaction, TransactionQuerySet
from portfolios.schemas import TransactionChange, TransactionFilter, TransactionIn, TransactionOut
from portfolios.selectors import figures_of
from prices.schemas import Items, Window

ONE = "/portfolios/{int:portfolio}/transactions/{int:transaction}"
IfMatch = Annotated[
    str | None,
    Header(None, alias="If-Match", description="The ETag that was read: 412 if it is another by now."),
]

router = Router()


@router.get("/portfolios/{int:portfolio}/transactions", response=Items[TransactionOut])
def list_transactions(
    request: HttpRequest, portfolio: OwnPortfolio, wanted: Query[TransactionFilter], window: Query[Window]
) -> object:
    """Newest first, with the transfers into the portfolio; `asset` finds it on any side."""
    rows = Transaction.objects.kept().touching(portfolio)
    rows = _narrowed(rows, wanted)
    some = window.of(rows.newest_first().select_related(*NAMED).prefetch_related("bookings"))
    items = [TransactionOut.of(each) for each in figures_of(some, now=wanted.at or request.now)]
    return Items[TransactionOut].model_construct(items=items, count=rows.count())


@router.post("/portfolios/{int:portfolio}/transactions", response={201: TransactionOut})
def record_transaction(
    request: HttpRequest, portfolio: OwnPortfolio, body: TransactionIn, response: HttpResponse
) -> Status:
    """Record what happened; 409 if it takes more than was held then."""
    draft = drafted(request.user, portfolio, body)
    row = services.record_transaction(portfolio=portfolio, draft=draft, now=request.now)
    return Status(201, _told(row, request, response))


@router.get(ONE, response=TransactionOut)
def read_transaction(
    request: HttpRequest, portfolio: OwnPortfolio, transaction: OwnTransaction, response: HttpResponse
) -> TransactionOut:
    """One transaction with its figures."""
    return _told(transaction, request, response)


@router.put(ONE, response=TransactionOut)
def replace_transaction(
    request: HttpRequest,
    portfolio: OwnPortfolio,
    transaction: OwnTransaction,
    body: TransactionIn,
    response: HttpResponse,
    if_match: IfMatch,
) -> TransactionOut:
    """State all of it anew."""
    version = _matched(transaction, if_match)
    draft = drafted(request.user, transaction.portfolio, body)
    row = services.amend_transaction(transaction=transaction, draft=draft, now=request.now, version=version)
    return _told(row, request, response)


@router.patch(ONE, response=TransactionOut)
def change_transaction(
    request: HttpRequest,
    portfolio: OwnPortfolio,
    transaction: OwnTransaction,
    body: TransactionChange,
    response: HttpResponse,
    if_match: IfMatch,
) -> TransactionOut:
    """State some of it anew. It is refused (412) where somebody else changes it at the same moment."""
    _matched(transaction, if_match)
    draft, seen = merged(request.user, transaction, body), transaction.version
    row = services.amend_transaction(transaction=transaction, draft=draft, now=request.now, version=seen)
    return _told(row, request, response)


@router.delete(ONE, response={204: None})
def delete_transaction(
    request: HttpRequest, portfolio: OwnPortfolio, transaction: OwnTransaction, if_match: IfMatch
) -> Status:
    """Take it out of the books. 409 if others need what it brought; the site can restore it for 30 days."""
    services.delete_transaction(
        transaction=transaction, now=request.now, version=_matched(transaction, if_match)
    )
    return Status(204, None)


def _narrowed(rows: TransactionQuerySet, wanted: TransactionFilter) -> TransactionQuerySet:
    if wanted.asset is not None:
        rows = rows.about(coin(wanted.asset).pk)
    if wanted.kind is not None:
        rows = rows.filter(kind=wanted.kind)
    if wanted.since is not None:
        rows = rows.filter(occurred_at__gte=wanted.since)
    ends = [each for each in (wanted.at, wanted.until) if each is not None]
    return rows.filter(occurred_at__lte=min(ends)) if ends else rows


def _matched(row: Transaction, if_match: str | None) -> int | None:
    """The version that must still stand; None for any. Raises ChangedMeanwhile."""
    if if_match is None or if_match.strip() == "*":
        return None
    tags = {tag.strip().removeprefix("W/") for tag in if_match.split(",")}
    if f'"{row.version}"' not in tags:
        raise services.ChangedMeanwhile
    return row.version


def _told(row: Transaction, request: HttpRequest, response: HttpResponse) -> TransactionOut:
    rows = Transaction.objects.select_related(*NAMED).prefetch_related("bookings")
    row = rows.get(pk=row.pk)
    response["ETag"] = f'"{row.version}"'
    return TransactionOut.of(figures_of([row], now=request.now)[0])
