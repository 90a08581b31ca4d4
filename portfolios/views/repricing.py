"""Better prices for transactions that were entered without one: the owner sees and decides."""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portfolios.context import desk
from portfolios.forms import refused
from portfolios.ledger import HoldingWouldBeNegative
from portfolios.models import Transaction
from portfolios.selectors import offers, weighed
from portfolios.services import ChangedMeanwhile, OfferChanged, accept_price, keep_price
from portfolios.views.access import about_transaction
from portfolios.views.answers import SeeOther, see_other
from portfolios.views.transactions import named

PAGE = "portfolios/transaction_repricing.html"
LONGEST_NUMBER = 18  # digits of a primary key
PAGE_SIZE = 10  # each is booked to see what it changes
REFUSALS = (OfferChanged, ChangedMeanwhile, HoldingWouldBeNegative, ValidationError)
CHANGED = "It, or its better price, is no longer what you saw: look again."


@require_http_methods(["GET", "HEAD", "POST"])
def transaction_repricing(request: HttpRequest) -> HttpResponse:
    """What there is to decide; posted, all that was seen on a page is accepted."""
    if request.method == "POST":
        return _accept_seen(request)
    page = Paginator(offers(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, PAGE, {"page": page, "rows": weighed(page.object_list, desk(request).now)})


@about_transaction("POST")
def price_accept(request: HttpRequest, transaction: Transaction) -> HttpResponse:
    if refusal := _refused(request, transaction, request.POST.get("mark", "")):
        return _told(request, refusal)
    return see_other(request, _here(), f"{named(transaction)} has the better price now.")


@about_transaction("POST")
def price_keep(request: HttpRequest, transaction: Transaction) -> HttpResponse:
    mark = request.POST.get("mark", "")
    try:
        keep_price(transaction=transaction, mark=mark, now=desk(request).now)
    except OfferChanged:
        return _told(request, f"{named(transaction)}: {CHANGED}")
    except ObjectDoesNotExist as error:  # gone since this request found it
        raise Http404("No such transaction") from error
    return see_other(request, _here(), f"{named(transaction)} keeps its price.")


def _accept_seen(request: HttpRequest) -> HttpResponse:
    """One by one: what one is refused for does not hold up the others."""
    marks = dict(offer.partition(":")[::2] for offer in request.POST.getlist("offer")[:PAGE_SIZE])
    pks = [int(pk) for pk in marks if pk.isascii() and pk.isdigit() and len(pk) <= LONGEST_NUMBER]
    rows = Transaction.objects.owned_by(request.user).kept().select_related("portfolio")
    found = rows.filter(pk__in=pks).in_booking_order()
    refusals = [said for row in found if (said := _refused(request, row, marks[str(row.pk)]))]
    taken = len(found) - len(refusals)
    if taken:
        messages.success(request, f"{taken} better price{'s' if taken > 1 else ''} taken.")
    for refusal in refusals:
        messages.error(request, refusal)
    return SeeOther(_here())


def _refused(request: HttpRequest, transaction: Transaction, mark: str) -> str:
    """Accept what was offered under that mark; why not, if it is refused."""
    try:
        accept_price(transaction=transaction, mark=mark, now=desk(request).now)
    except REFUSALS as error:
        is_other = isinstance(error, OfferChanged | ChangedMeanwhile)
        is_lack = isinstance(error, HoldingWouldBeNegative)
        said = [refused(error)] if is_lack else getattr(error, "messages", [str(error)])
        why = CHANGED if is_other else " ".join(said)
        return f"{named(transaction)}: {why}"
    except ObjectDoesNotExist as error:  # gone since this request found it
        raise Http404("No such transaction") from error
    return ""


def _told(request: HttpRequest, refusal: str) -> HttpResponse:
    messages.error(request, refusal)
    return see_other(request, _here())


def _here() -> str:
    return reverse("transaction-repricing")
