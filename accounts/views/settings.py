"""Profile and display, each form saving on its own, and the switches that stand beside each page."""

from collections.abc import Callable
from typing import Any

from django.conf import settings as django_settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from accounts import forms, services
from accounts.views.sections import section_page

ON, OFF = "on", "off"
YEAR = 365 * 24 * 60 * 60
LONGEST_ADDRESS = 500  # characters: even written out as %xx it is short enough for a redirect

Saver = Callable[[HttpRequest, dict[str, Any]], HttpResponse]


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def profile(request: HttpRequest) -> HttpResponse:
    shown = {"name": request.user.get_full_name(), "email": request.user.email}
    data = request.POST if request.method == "POST" else None
    form = forms.ProfileForm(data, initial=shown, user=request.user, now=timezone.now())
    if form.is_valid():
        services.change_profile(user=request.user, **form.cleaned_data)
        messages.success(request, "Profile saved.")
        return redirect("settings")
    return section_page(request, "settings", {"profile": form})


@require_http_methods(["GET", "HEAD", "POST"])
def display_settings(request: HttpRequest) -> HttpResponse:
    """How figures look, kept with the account; and what is kept on this device. Either form saves alone."""
    posted = request.POST.get("section", "") if request.method == "POST" else None
    if posted is not None and posted not in SAVERS:
        raise BadRequest("Unknown section.")
    shown = _display_forms(request, posted)
    if posted and shown[posted].is_valid():
        return SAVERS[posted](request, shown[posted].cleaned_data)
    return section_page(request, "settings-display", shown)


def _display_forms(request: HttpRequest, posted: str | None) -> dict[str, BaseForm]:
    """The forms: the one that was sent bound, the other as things stand."""
    display = {name: getattr(request.user, name) for name in forms.DisplayForm.base_fields}
    device = {name: request.COOKIES.get(name) != OFF for name in forms.DeviceForm.base_fields}

    def form(name: str, kind: type[BaseForm], initial: dict[str, Any]) -> BaseForm:
        return kind(request.POST if posted == name else None, initial=initial)

    return {
        "display": form("display", forms.DisplayForm, display),
        "device": form("device", forms.DeviceForm, device),
    }


def _save_display(request: HttpRequest, wanted: dict[str, Any]) -> HttpResponse:
    services.change_display(user=request.user, **wanted)
    messages.success(request, "Display settings saved.")
    private = "1" if wanted["hides_amounts"] else "0"
    return _remember(redirect("settings-display"), theme=wanted["theme"], private=private)


def _save_device(request: HttpRequest, wanted: dict[str, bool]) -> HttpResponse:
    messages.success(request, "Saved for this device.")
    return _remember(
        redirect("settings-display"), **{name: ON if kept else OFF for name, kept in wanted.items()}
    )


SAVERS: dict[str, Saver] = {
    "display": _save_display,
    "device": _save_device,
}


@require_POST
def display(request: HttpRequest) -> HttpResponse:
    """The switches beside each page: unit and theme go to the account, theme and privacy to cookies."""
    form = forms.QuickDisplayForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Unknown unit, theme or privacy.")
    wanted = {name: value for name, value in form.cleaned_data.items() if value}
    kept = {name: wanted[name] for name in ("unit", "theme") if name in wanted}
    response = HttpResponseClientRefresh() if request.htmx else HttpResponseRedirect(_way_back(request))
    if kept:
        services.change_display(user=request.user, **kept)
    return _remember(response, theme=wanted.get("theme"), private=wanted.get("private"))


def _way_back(request: HttpRequest) -> str:
    """Where the form was: as it says, by a path; else as the browser says; never to another host."""
    said = request.POST.get("next", "")
    for address in (said if said.startswith("/") else "", request.headers.get("Referer", "")):
        if len(address) <= LONGEST_ADDRESS and url_has_allowed_host_and_scheme(
            address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return address
    return reverse("dashboard")


def _remember(response: HttpResponse, **choices: str | None) -> HttpResponse:
    """Keep choices on this device, readable by the script; "auto" means to forget one."""
    for name, value in choices.items():
        if value == "auto":
            response.delete_cookie(name, samesite="Lax")
        elif value is not None:
            response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=django_settings.HTTPS)
    return response
