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
from portfolios.views.outcome import blank, doubles, frozen_price, outcome
from portfolios.views.transactions import ROW, address_of, named
from portfolios.views.unsent import keeps_what_was_typed, typed_before
from prices.models import Asset

PAGE = "portfolios/transaction_form.html"
EDIT_ROW = "portfolios/_edit_row.html"
PREVIEW = "portfolios/_preview.html"
REFUSALS = (ValidationError, HoldingWouldBeNegative, ChangedMeanwhile)
LONGEST_NUMBER = 18  # digits of a primary key


@keeps_what_was_typed
@require_http_methods(["GET", "HEAD", "POST"])
def transaction_new(request: HttpRequest) -> HttpResponse:
    if not desk(request).portfolios:
        messages.info(request, "A transaction belongs to a portfolio: make one first.")
        return redirect("portfolio-new")
    before = typed_before(request)
    typed = before if posted(request) is None else request.POST
    form = TransactionForm(typed, user=request.user, initial=_defaults(request))
    if request.method == "POST" and _saved(form, request):
        return _after_new(request, form)
    form.point()
    return _page(request, form, {"portfolio": _asked_portfolio(request), "is_restored": bool(before)})


@keeps_what_was_typed
@about_transaction("GET", "POST")
def transaction_edit(request: HttpRequest, transaction: Transaction) -> HttpResponse:
    in_row = request.htmx and request.htmx.target == f"tx-{transaction.pk}"
    before = None if in_row else typed_before(request)
    typed = before if posted(request) is None else request.POST
    form = (RowForm if in_row else TransactionForm)(typed, user=request.user, amending=transaction)
    if request.method == "POST" and _saved(form, request):
        return _after_edit(request, transaction, in_row=in_row)
    if form.is_bound:
        form.point()
    context = {"portfolio": transaction.portfolio, "transaction": transaction, "is_restored": bool(before)}
    if in_row:
        status = 422 if form.is_bound else 200
        return render(request, EDIT_ROW, {"form": form, "transaction": transaction}, status=status)
    return _page(request, form, context)


@keeps_what_was_typed
@require_POST
def transaction_preview(request: HttpRequest) -> HttpResponse:
    """What the form would do, as far as it is filled in. Never refused by status: the card says it."""
    form = TransactionForm(request.POST, user=request.user, amending=_amended(request))
    card = outcome(form, now=desk(request).now, seen=_seen(request))
    return render(request, PREVIEW, {"outcome": card, "is_reply": True})


def _saved(form: TransactionForm, request: HttpRequest) -> bool:
    """Hand a valid form to the services. What they refuse it says, and what it perhaps repeats."""
    if not form.is_valid():
        return False
    form.doubles = doubles(form, seen=_seen(request))
    if form.doubles:
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


def _seen(request: HttpRequest) -> set[int]:
    """The possible duplicates that the sender was shown, and saves beside."""
    told = request.POST.getlist("seen")
    return {int(text) for text in told if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER}


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
    seen = _seen(request) | {row.pk for row in form.doubles}
    card = outcome(form, now=desk(request).now, seen=seen) if form.is_bound else blank(form)
    context |= {"form": form, "outcome": card, "zone": request.user.timezone, "frozen": frozen_price(form)}
    context |= {"seen": sorted(seen)}
    return refuse(request, PAGE, context) if request.method == "POST" else render(request, PAGE, context)


def _defaults(request: HttpRequest) -> dict[str, Any]:
    """What the address asks for; else portfolio, asset and currency of the last transaction, and now."""
    asked = _asked_portfolio(request)
    last = _last(request, asked) or _last(request, None)
    portfolio = asked or (last.portfolio if last else desk(request).portfolios[0])
    kind, symbol = request.GET.get("kind"), request.GET.get("asset", "")
    asset = Asset.objects.crypto().filter(symbol=symbol).first() if symbol.isprintable() else None
    is_foreign = last and last.portfolio_id == portfolio.pk and last.currency != portfolio.currency
    return {
        "kind": kind if kind in STATEMENTS else Kind.BUY,
        "portfolio": portfolio,
        "asset": asset or (last and last.asset) or Asset.objects.crypto().filter(symbol="BTC").first(),
        "currency": last.currency if last and is_foreign else "",
        "occurred_at": desk(request).now.replace(second=0, microsecond=0),
    }


def _last(request: HttpRequest, portfolio: Portfolio | None) -> Transaction | None:
    """What was entered last, into that portfolio if one is asked for."""
    rows = Transaction.objects.owned_by(request.user).kept().select_related("asset", "portfolio")
    return (rows.filter(portfolio=portfolio) if portfolio else rows).order_by("-pk").first()


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
