"""The door through which a transaction is entered: new, amended (on a page or in its row), and previewed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from portfolios.context import desk
from portfolios.drafts import STATEMENTS
from portfolios.forms import RowForm, TransactionForm
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Kind, Portfolio, Transaction
from portfolios.services import ChangedMeanwhile, amend_transaction, record_transaction
from portfolios.views.access import NAMED, about_transaction
from portfolios.views.answers import changed, posted, refuse, see_other
from portfolios.views.listing import row_of
from portfolios.views.outcome import blank, frozen_price, outcome
from portfolios.views.transactions import ROW, address_of, named
from prices.models import Asset

PAGE = "portfolios/transaction_form.html"
EDIT_ROW = "portfolios/_edit_row.html"
PREVIEW = "portfolios/_preview.html"
REFUSALS = (ValidationError, HoldingWouldBeNegative, ChangedMeanwhile)
LONGEST_NUMBER = 18  # digits of a primary key


@require_http_methods(["GET", "HEAD", "POST"])
def transaction_new(request: HttpRequest) -> HttpResponse:
    if not desk(request).portfolios:
        messages.info(request, "A transaction belongs to a portfolio: make one first.")
        return redirect("portfolio-new")
    form = TransactionForm(posted(request), user=request.user, initial=_defaults(request))
    if request.method == "POST" and _saved(form, request):
        return _after_new(request, form)
    form.point()
    return _page(request, form, {"portfolio": _asked_portfolio(request)})


@about_transaction("GET", "POST")
def transaction_edit(request: HttpRequest, transaction: Transaction) -> HttpResponse:
    in_row = request.htmx and request.htmx.target == f"tx-{transaction.pk}"
    form = (RowForm if in_row else TransactionForm)(posted(request), user=request.user, amending=transaction)
    if request.method == "POST" and _saved(form, request):
        return _after_edit(request, transaction, in_row=in_row)
    if form.is_bound:
        form.point()
    if in_row:
        context = {"form": form, "transaction": transaction}
        return render(request, EDIT_ROW, context, status=422 if form.is_bound else 200)
    return _page(request, form, {"portfolio": transaction.portfolio, "transaction": transaction})


@require_POST
def transaction_preview(request: HttpRequest) -> HttpResponse:
    """What the form would do, as far as it is filled in. Never refused by status: the card says it."""
    form = TransactionForm(request.POST, user=request.user, amending=_amended(request))
    return render(request, PREVIEW, {"outcome": outcome(form, now=desk(request).now), "is_reply": True})


def _saved(form: TransactionForm, request: HttpRequest) -> bool:
    """Hand a valid form to the services; what they refuse, the form says."""
    if not form.is_valid():
        return False
    now, found = desk(request).now, form.cleaned_data
    try:
        if form.amending:
            amend_transaction(transaction=form.amending, draft=form.draft, now=now, version=found["version"])
        else:
            form.saved = record_transaction(
                portfolio=form.into, draft=form.draft, now=now, idempotency_key=found["idempotency_key"]
            )
    except REFUSALS as error:
        form.refuse(error)
        return False
    except ObjectDoesNotExist:  # deleted since this request found it
        form.refuse(ChangedMeanwhile())
        return False
    return True


def _after_new(request: HttpRequest, form: TransactionForm) -> HttpResponse:
    saved = form.saved
    said = f"{named(saved)} saved."
    if request.POST.get("next") != "another":
        return see_other(request, address_of(saved), said)
    query = {"portfolio": saved.portfolio_id, "kind": saved.kind, "asset": saved.asset.symbol}
    return see_other(request, f"{reverse('transaction-new')}?{urlencode(query)}", said)


def _after_edit(request: HttpRequest, transaction: Transaction, *, in_row: bool) -> HttpResponse:
    if not in_row:
        return see_other(request, address_of(transaction), f"{named(transaction)} saved.")
    row = row_of(transaction, now=desk(request).now)
    response = render(request, ROW, {"one": row, "flash": True})
    return changed(response, said=f"{named(row.transaction)} saved.")


def _page(request: HttpRequest, form: TransactionForm, context: dict[str, Any]) -> HttpResponse:
    card = outcome(form, now=desk(request).now) if form.is_bound else blank(form)
    context |= {"form": form, "outcome": card, "zone": request.user.timezone, "frozen": frozen_price(form)}
    return refuse(request, PAGE, context) if form.is_bound else render(request, PAGE, context)


def _defaults(request: HttpRequest) -> dict[str, Any]:
    """What the address asks for; else the portfolio and asset of the last transaction, and now."""
    last = Transaction.objects.owned_by(request.user).kept().select_related("asset").order_by("-pk").first()
    portfolio = _asked_portfolio(request) or (last and last.portfolio_id) or desk(request).portfolios[0]
    kind, symbol = request.GET.get("kind"), request.GET.get("asset", "")
    asset = Asset.objects.crypto().filter(symbol=symbol).first() if symbol.isprintable() else None
    return {
        "kind": kind if kind in STATEMENTS else Kind.BUY,
        "portfolio": portfolio,
        "asset": asset or (last and last.asset) or Asset.objects.crypto().filter(symbol="BTC").first(),
        "occurred_at": desk(request).now.replace(second=0, microsecond=0),
    }


def _asked_portfolio(request: HttpRequest) -> Portfolio | None:
    """The user's portfolio that `?portfolio=` names; 404 for anything else that stands there."""
    text = request.GET.get("portfolio", "")
    return get_object_or_404(Portfolio.objects.owned_by(request.user), pk=_number(text)) if text else None


def _amended(request: HttpRequest) -> Transaction | None:
    """The user's transaction that the previewed form changes, if it changes one."""
    text = request.POST.get("amending", "")
    rows = Transaction.objects.owned_by(request.user).kept().select_related(*NAMED)
    return get_object_or_404(rows, pk=_number(text)) if text else None


def _number(text: str) -> int:
    """A number that could be a row's; anything else is not found."""
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER):
        raise Http404("No such number")
    return int(text)
