"""Transactions: the list of all, single rows of tables, deleting with a way back, and what was deleted."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from portfolios.context import desk
from portfolios.forms import SIZES, FilterForm, refused
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Transaction, TransactionQuerySet
from portfolios.selectors import has_offers, trail_of
from portfolios.services import KEPT_FOR, delete_transaction, erase_transaction, restore_transaction
from portfolios.views.access import NAMED, about_transaction
from portfolios.views.answers import SeeOther, back, changed, show, wanted_part
from portfolios.views.listing import page_of, row_of
from prices.templatetags.dates import local_day

LIST = "portfolios/transaction_list.html"
DELETED = "portfolios/transaction_deleted.html"
ERASE = "portfolios/transaction_erase.html"
HISTORY = "portfolios/transaction_history.html"
ROW = "portfolios/_row.html"
DAY = timedelta(days=1)


@require_safe
def transaction_list(request: HttpRequest) -> HttpResponse:
    form, rows = asked_for(request)
    number, size = request.GET.get("page"), form.cleaned_data["size"]
    listing = page_of(rows, number, now=desk(request).now, size=size)
    part = wanted_part(request, {"transactions"})
    context = {
        "form": form,
        "listing": listing,
        "sizes": SIZES,
        "chosen": form.cleaned_data["portfolio"],
        "has_offers": not part and has_offers(request.user),
    }
    response = show(request, LIST, context, part=part)
    if part and request.htmx.trigger != part:  # the region itself only asks for what it shows already
        response["HX-Push-Url"] = request.path + form.query(page=listing.page.number)
    return response


def asked_for(request: HttpRequest) -> tuple[FilterForm, TransactionQuerySet]:
    """The filter in the address, and the user's transactions that it asks for."""
    mine = Transaction.objects.owned_by(request.user).kept()
    form = FilterForm(request.GET, user=request.user, rows=mine)
    if not form.is_valid():
        raise Http404("No such portfolio, asset, type, day or order")
    return form, form.narrow(mine)


@about_transaction("GET")
def transaction_row(request: HttpRequest, transaction: Transaction) -> HttpResponse:
    """One row of a table as it reads; without htmx, the page it stands on."""
    if not request.htmx:
        return redirect(address_of(transaction))
    return render(request, ROW, {"one": row_of(transaction, now=desk(request).now), "back": True})


@about_transaction("POST")
def transaction_delete(request: HttpRequest, transaction: Transaction) -> HttpResponse:
    now = desk(request).now
    try:
        delete_transaction(transaction=transaction, now=now)
    except HoldingWouldBeNegative as error:
        return _stays(request, transaction, refused(error, undone=True))
    except ValidationError as error:
        return _stays(request, transaction, " ".join(error.messages))
    except ObjectDoesNotExist as error:  # gone since this request found it
        raise Http404("No such transaction") from error
    said = f"{named(transaction)} deleted."
    if request.htmx:
        toast = {"text": said, "undo": reverse("transaction-restore", args=[transaction.pk])}
        return changed(HttpResponse(render_to_string("portfolios/_undo.html", toast, request)))
    link = reverse("transaction-deleted")
    messages.success(request, format_html('{} <a href="{}">Recently deleted</a>', said, link))
    return SeeOther(back(request, address_of(transaction)))


@about_transaction("POST", deleted=True)
def transaction_restore(request: HttpRequest, transaction: Transaction) -> HttpResponse:
    try:
        restore_transaction(transaction=transaction, now=desk(request).now)
    except HoldingWouldBeNegative as error:
        return _told(request, f"{named(transaction)} was not restored. {refused(error)}")
    except ValidationError as error:
        return _told(request, f"{named(transaction)} was not restored. {' '.join(error.messages)}")
    except ObjectDoesNotExist as error:  # gone since this request found it
        raise Http404("No such transaction") from error
    if request.htmx:
        return changed(HttpResponse(), said=f"{named(transaction)} restored.")
    messages.success(request, f"{named(transaction)} restored.")
    return SeeOther(back(request, address_of(transaction)))


@require_safe
def transaction_deleted(request: HttpRequest) -> HttpResponse:
    since = desk(request).now - KEPT_FOR
    rows = Transaction.objects.owned_by(request.user).filter(deleted_at__gte=since)
    rows = rows.select_related(*NAMED).order_by("-deleted_at", "-pk")
    gone = [(row, -((since - row.deleted_at) // DAY)) for row in rows if row.deleted_at]  # begun days count
    return render(request, DELETED, {"gone": gone, "kept_for": KEPT_FOR})


@about_transaction("GET", "POST", deleted=True)
def transaction_erase(request: HttpRequest, transaction: Transaction) -> HttpResponse:
    """Ask, then delete for good what was deleted before."""
    if transaction.deleted_at is None:
        return redirect("transaction-deleted")
    if request.method != "POST":
        return render(request, ERASE, {"row": transaction})
    erase_transaction(transaction=transaction, now=desk(request).now)
    messages.success(request, f"{named(transaction)} deleted for good.")
    return SeeOther(reverse("transaction-deleted"))


@about_transaction("GET", deleted=True)
def transaction_history(request: HttpRequest, transaction: Transaction) -> HttpResponse:
    """Who changed what of a transaction, and when; of a deleted one too."""
    gone_at = transaction.deleted_at
    context = {
        "transaction": transaction,
        "trail": trail_of(transaction),
        "is_restorable": gone_at is not None and desk(request).now - gone_at <= KEPT_FOR,
        "kept_for": KEPT_FOR,
    }
    return show(request, HISTORY, context, part=wanted_part(request, {"history"}))


def named(transaction: Transaction) -> str:
    """A transaction in a sentence: "Buy of 5 Nov 2025", the day in the reader's zone."""
    return f"{transaction.get_kind_display()} of {local_day(transaction.occurred_at)}"


def address_of(transaction: Transaction) -> str:
    return f"{reverse('portfolio', args=[transaction.portfolio_id])}#transactions"


def _stays(request: HttpRequest, transaction: Transaction, reason: str) -> HttpResponse:
    """It can't go: the row says why."""
    said = f"{named(transaction)} can’t be deleted. {reason}"
    if not request.htmx:
        return _told(request, said)
    context = {"one": row_of(transaction, now=desk(request).now), "refusal": said}
    return render(request, ROW, context, status=422)


def _told(request: HttpRequest, said: str) -> HttpResponse:
    """Nothing was done, and the reader is told why where they are."""
    if request.htmx:
        response = HttpResponse()
        response["HX-Reswap"] = "none"
        return trigger_client_event(response, "toast", {"value": said})
    messages.error(request, said)
    return SeeOther(back(request, reverse("transaction-deleted")))
