"""Doors to the account: register, sign in, settings. Django's own views sign in and reset passwords."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from axes.helpers import get_client_ip_address, get_cool_off
from django.conf import settings as django_settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from accounts import forms, services, throttle
from accounts.backends import counted_name
from accounts.models import User

BACKEND = "accounts.backends.AccountBackend"
ON, OFF = "on", "off"
HOUR = 60 * 60
YEAR = 365 * 24 * 60 * 60
LONGEST_ADDRESS = 500  # characters: even written out as %xx it is short enough for a redirect


Page = Callable[..., HttpResponse]


def few_failures(view: Page) -> Page:
    """Answer 429 while an address, or tries for one name from anywhere, have failed too often this hour.

    django-axes pauses one name from one address after few failures; this bounds who tries many names, or
    one name from many addresses. It counts what is typed, so it tells nothing about which names exist.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        limit, now = django_settings.LOGIN_FAILURES_PER_HOUR, timezone.now()
        if request.method != "POST" or not limit:
            return view(request, *args, **kwargs)
        tried = (get_client_ip_address(request), f"name {counted_name(request)}")
        if any(throttle.tries("sign in", whose, now=now) >= limit for whose in tried):
            return _come_back_later(request)
        response = view(request, *args, **kwargs)
        if response.status_code != 302:
            for whose in tried:
                throttle.count("sign in", whose, now=now)
        return response

    return guarded


@method_decorator(few_failures, name="dispatch")
class LoginView(auth_views.LoginView):
    template_name = "accounts/login.html"
    authentication_form = forms.LoginForm
    redirect_authenticated_user = True

    def get_initial(self) -> dict[str, str]:
        """The landing page sends those who try the demo here with the name filled in."""
        wants_demo = django_settings.DEMO and "demo" in self.request.GET
        return super().get_initial() | ({"username": "demo"} if wants_demo else {})

    def form_invalid(self, form: forms.LoginForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


def locked_out(request: HttpRequest, *_: Any) -> HttpResponse:
    """Too many tries: what django-axes shows in place of the form. Says when, nothing about the account."""
    pause = get_cool_off(request)
    minutes = round(pause.total_seconds() / 60)
    context = {"minutes": minutes, "until": timezone.now() + pause}
    response = render(request, "429.html", context, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response


def throttled(view: Page) -> Page:
    """Answer 429 once an address of the network has sent this form ACCOUNT_FORMS_PER_HOUR times within an
    hour, or once it was sent so often for one address of mail, whoever that belongs to.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method == "POST" and _is_too_much(request):
            return _come_back_later(request)
        return view(request, *args, **kwargs)

    return guarded


def _is_too_much(request: HttpRequest) -> bool:
    """Count this one in; the hour begins with the first. Nothing is counted where the limit is 0."""
    limit = django_settings.ACCOUNT_FORMS_PER_HOUR
    if not limit:
        return False
    now, act = timezone.now(), f"form {request.path}"
    counted = [get_client_ip_address(request)]
    if mail := request.POST.get("email", "").strip().casefold():
        counted.append(f"mail {mail}")
    return max([throttle.count(act, whose, now=now) for whose in counted]) > limit


def _come_back_later(request: HttpRequest) -> HttpResponse:
    response = render(request, "429.html", {"minutes": HOUR // 60, "forms": True}, status=429)
    response["Retry-After"] = str(HOUR)
    return response


@login_not_required
@sensitive_post_parameters("password")
@never_cache
def register(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("dashboard")
    if request.htmx.trigger_name == "password":  # a hint while typing, which opens nothing
        form = forms.RegisterForm(request.POST or None)
        return render(request, "accounts/register.html#password_errors", {"form": form})
    return _open_account(request)


@throttled
def _open_account(request: HttpRequest) -> HttpResponse:
    form = forms.RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (user := _registered(form)):
        login(request, user, backend=BACKEND)
        return redirect("dashboard")
    return render(request, "accounts/register.html", {"form": form}, status=422 if form.errors else 200)


def _registered(form: forms.RegisterForm) -> User | None:
    try:
        return services.register_user(**form.cleaned_data)
    except ValidationError as error:
        form.add_error(None if form.errors else "username", error.messages)
        return None


def settings(request: HttpRequest) -> HttpResponse:
    """Profile, display and device on one page; each section has its own form and saves on its own."""
    sections = _sections(request)
    section = request.POST.get("section", "")
    if request.method == "POST" and section not in sections:
        raise BadRequest("Unknown section.")
    if request.method == "POST" and sections[section].is_valid():
        return SAVERS[section](request, sections[section].cleaned_data)
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/settings.html", sections, status=status)


def _sections(request: HttpRequest) -> dict[str, BaseForm]:
    """The three forms: the one that was sent bound, the others as things stand."""
    user, section = request.user, request.POST.get("section")
    shown = {"name": user.get_full_name(), "email": user.email}
    display = {name: getattr(user, name) for name in ("currency", "timezone", "unit", "theme")}
    device = {name: request.COOKIES.get(name) != OFF for name in forms.DeviceForm.base_fields}

    def form(name: str, kind: type[BaseForm], initial: dict[str, Any]) -> BaseForm:
        return kind(request.POST if section == name else None, initial=initial)

    return {
        "profile": form("profile", forms.ProfileForm, shown),
        "display": form("display", forms.DisplayForm, display),
        "device": form("device", forms.DeviceForm, device),
    }


def _save_profile(request: HttpRequest, wanted: dict[str, str]) -> HttpResponse:
    services.change_profile(user=request.user, **wanted)
    messages.success(request, "Profile saved.")
    return redirect("settings")


def _save_display(request: HttpRequest, wanted: dict[str, str]) -> HttpResponse:
    services.change_display(user=request.user, **wanted)
    messages.success(request, "Display settings saved.")
    return _remember(redirect("settings"), theme=wanted["theme"])


def _save_device(request: HttpRequest, wanted: dict[str, bool]) -> HttpResponse:
    messages.success(request, "Saved for this device.")
    return _remember(redirect("settings"), **{name: ON if kept else OFF for name, kept in wanted.items()})


SAVERS: dict[str, Callable[[HttpRequest, dict[str, Any]], HttpResponse]] = {
    "profile": _save_profile,
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


class PasswordChangeView(auth_views.PasswordChangeView):
    template_name = "accounts/password_change.html"
    form_class = forms.PasswordChangeForm
    success_url = reverse_lazy("password_change_done")


@method_decorator(throttled, name="dispatch")
class PasswordResetView(auth_views.PasswordResetView):
    template_name = "accounts/password_reset.html"
    email_template_name = "accounts/password_reset_email.txt"
    subject_template_name = "accounts/password_reset_subject.txt"
    form_class = forms.PasswordResetForm

    @property
    def extra_email_context(self) -> dict[str, str] | None:
        """The configured address, if there is one, in place of the one that the request names."""
        site = urlsplit(django_settings.SITE_URL)
        return {"protocol": site.scheme, "domain": site.netloc} if site.netloc else None


class PasswordResetConfirmView(auth_views.PasswordResetConfirmView):
    template_name = "accounts/password_reset_confirm.html"
    form_class = forms.SetPasswordForm
