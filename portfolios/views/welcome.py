"""The first page after registration: how to see things, and three ways to begin. All of it can be skipped."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import WelcomeForm
from accounts.languages import said_locale
from accounts.models import User
from accounts.services import change_display
from portfolios.demo import load_samples
from portfolios.services import default_portfolio
from portfolios.views.answers import SeeOther, posted

PAGE = "portfolios/welcome.html"


@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """Whichever way is taken, the choices are kept first."""
    form = WelcomeForm(posted(request), initial=_guessed(request))
    if request.method == "POST" and form.is_valid():
        change_display(user=request.user, **form.cleaned_data)
        return WAYS.get(request.POST.get("way", ""), _look_around)(request)
    return render(request, PAGE, {"form": form}, status=422 if form.errors else 200)


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """The same ways from where there is nothing to choose: the dashboard without transactions."""
    return WAYS.get(request.POST.get("way", ""), _look_around)(request)


def _guessed(request: HttpRequest) -> dict[str, str]:
    """What the account says; until it says how to write, what the browser asks for."""
    said = {name: getattr(request.user, name) for name in WelcomeForm.base_fields}
    if said["locale"] == User.Locale.OWN:
        said["locale"] = said_locale(request.headers.get("Accept-Language", ""))
    return said


def _first_purchase(request: HttpRequest) -> HttpResponse:
    """Straight to the form, with a portfolio to buy into."""
    portfolio = default_portfolio(owner=request.user)
    return SeeOther(f"{reverse('transaction-new')}?portfolio={portfolio.pk}&kind=buy")


def _samples(request: HttpRequest) -> HttpResponse:
    try:
        load_samples(owner=request.user, now=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "Sample data is loaded. Delete its portfolios whenever you like.")
    return redirect("dashboard")


def _look_around(_request: HttpRequest) -> HttpResponse:
    return redirect("dashboard")


WAYS = {"purchase": _first_purchase, "samples": _samples}
