"""Doors to the account: register, sign in, settings. Django's own views sign in and reset passwords."""

from typing import Any

from axes.helpers import get_cool_off
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from accounts import forms, services
from accounts.models import User

BACKEND = "accounts.backends.AccountBackend"
YEAR = 365 * 24 * 60 * 60


class LoginView(auth_views.LoginView):
    template_name = "accounts/login.html"
    authentication_form = forms.LoginForm
    redirect_authenticated_user = True

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


@login_not_required
@sensitive_post_parameters("password")
@never_cache
def register(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("dashboard")
    form = forms.RegisterForm(request.POST or None)
    if request.htmx.trigger_name == "password":
        return render(request, "accounts/register.html#password_errors", {"form": form})
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
    """Profile and display on one page; each section has its own form and saves on its own."""
    section = request.POST.get("section")
    profile = forms.ProfileForm(
        request.POST if section == "profile" else None,
        initial={"name": request.user.get_full_name(), "email": request.user.email},
    )
    display = forms.DisplayForm(
        request.POST if section == "display" else None,
        initial={name: getattr(request.user, name) for name in ("currency", "timezone", "unit", "theme")},
    )
    if section == "profile" and profile.is_valid():
        services.change_profile(user=request.user, **profile.cleaned_data)
        messages.success(request, "Profile saved.")
        return redirect("settings")
    if section == "display" and display.is_valid():
        services.change_display(user=request.user, **display.cleaned_data)
        messages.success(request, "Display settings saved.")
        return _remember(redirect("settings"), theme=display.cleaned_data["theme"])
    status = 422 if profile.errors or display.errors else 200
    return render(request, "accounts/settings.html", {"profile": profile, "display": display}, status=status)


@login_not_required
@require_POST
def display(request: HttpRequest) -> HttpResponse:
    """The switches beside each page: unit and theme go to the account, theme and privacy to cookies."""
    form = forms.QuickDisplayForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Unknown unit, theme or privacy.")
    wanted = {name: value for name, value in form.cleaned_data.items() if value}
    kept = {name: wanted[name] for name in ("unit", "theme") if name in wanted}
    if kept and request.user.is_authenticated:
        services.change_display(user=request.user, **kept)
    response = HttpResponseClientRefresh() if request.htmx else redirect(_way_back(request))
    return _remember(response, theme=wanted.get("theme"), private=wanted.get("private"))


def _way_back(request: HttpRequest) -> str:
    """Where the form was: as it says, else as the browser says; never to another host."""
    for address in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if url_has_allowed_host_and_scheme(
            address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return address
    return "dashboard"


def _remember(response: HttpResponse, **choices: str | None) -> HttpResponse:
    """Keep choices on this device, readable by the script; "auto" means to forget one."""
    for name, value in choices.items():
        if value == "auto":
            response.delete_cookie(name, samesite="Lax")
        elif value is not None:
            response.set_cookie(name, value, max_age=YEAR, samesite="Lax")
    return response


class PasswordChangeView(auth_views.PasswordChangeView):
    template_name = "accounts/password_change.html"
    form_class = forms.PasswordChangeForm
    success_url = reverse_lazy("password_change_done")


class PasswordResetView(auth_views.PasswordResetView):
    template_name = "accounts/password_reset.html"
    email_template_name = "accounts/password_reset_email.txt"
    subject_template_name = "accounts/password_reset_subject.txt"
    form_class = forms.PasswordResetForm


class PasswordResetConfirmView(auth_views.PasswordResetConfirmView):
    template_name = "accounts/password_reset_confirm.html"
    form_class = forms.SetPasswordForm
