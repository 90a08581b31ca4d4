"""Ways in: register, sign in, reset the password. Django's own views do the work."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from axes.helpers import get_cool_off
from django.conf import settings as django_settings
from django.contrib.auth import login
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import forms, services
from accounts.backends import counted_name
from accounts.languages import said_currency, said_locale
from accounts.models import DEMO_NAME, DEMO_PASSWORD, User
from accounts.throttle import HOUR, has_failed_too_often, is_too_much, note_failure

BACKEND = "accounts.backends.AccountBackend"


Page = Callable[..., HttpResponse]


def few_failures(view: Page) -> Page:
    """Answer 429 while too many sign-ins have failed: see `throttle.has_failed_too_often`."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        name, now = counted_name(request), timezone.now()
        if has_failed_too_often(request, name, now=now):
            return _come_back_later(request)
        response = view(request, *args, **kwargs)
        if response.status_code != 302:
            note_failure(request, name, now=now)
        return response

    return guarded


@method_decorator(few_failures, name="dispatch")
class LoginView(auth_views.LoginView):
    template_name = "accounts/login.html"
    authentication_form = forms.LoginForm
    redirect_authenticated_user = True

    def get_initial(self) -> dict[str, str]:
        """The landing page sends those who try the demo here, with all that is asked filled in."""
        told = {"username": DEMO_NAME, "password": DEMO_PASSWORD} if self.wants_demo else {}
        return super().get_initial() | told

    def get_form(self, form_class: Any = None) -> forms.LoginForm:
        """Shows the demo's password, which is public, and never one that was typed."""
        form = super().get_form(form_class)
        if self.wants_demo and not form.is_bound:
            form.fields["password"].widget.render_value = True
            form.fields["username"].widget.attrs.pop("autofocus", None)
        return form

    def get_context_data(self, **others: Any) -> dict[str, Any]:
        context = super().get_context_data(**others)
        return context | {"is_filled_in": self.wants_demo and not context["form"].is_bound}

    @property
    def wants_demo(self) -> bool:
        return django_settings.DEMO and "demo" in self.request.GET

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


def throttled(what: str) -> Callable[[Page], Page]:
    """Answer 429 once an address of the network has sent this form ACCOUNT_FORMS_PER_HOUR times within an
    hour, or once it was sent so often for one address of mail, whoever that belongs to.
    """

    def guard(view: Page) -> Page:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            mail, now = request.POST.get("email", ""), timezone.now()
            if request.method == "POST" and is_too_much(request, what, now=now, mail=mail):
                return _come_back_later(request)
            return view(request, *args, **kwargs)

        return guarded

    return guard


def _come_back_later(request: HttpRequest) -> HttpResponse:
    response = render(request, "429.html", {"minutes": HOUR // 60, "forms": True}, status=429)
    response["Retry-After"] = str(HOUR)
    return response


@login_not_required
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("dashboard")
    if request.htmx.trigger_name == "password":  # a hint while typing, which opens nothing
        form = forms.RegisterForm(request.POST or None)
        return render(request, "accounts/register.html#password_errors", {"form": form})
    return _open_account(request)


@throttled("register")
def _open_account(request: HttpRequest) -> HttpResponse:
    accepted = request.headers.get("Accept-Language", "")
    currency = said_currency(accepted) or User().currency
    form = forms.RegisterForm(request.POST or None, initial={"currency": currency})
    if request.method == "POST" and form.is_valid() and (user := _registered(form, said_locale(accepted))):
        login(request, user, backend=BACKEND)
        return redirect("welcome")
    return render(request, "accounts/register.html", {"form": form}, status=422 if form.errors else 200)


def _registered(form: forms.RegisterForm, locale: str) -> User | None:
    """The new user, who writes as their browser says until they say otherwise, on the next page or later."""
    try:
        return services.register_user(**form.cleaned_data, locale=locale)
    except ValidationError as error:
        form.add_error(None if form.errors else "username", error.messages)
        return None


class PasswordChangeView(auth_views.PasswordChangeView):
    template_name = "accounts/password_change.html"
    form_class = forms.PasswordChangeForm
    success_url = reverse_lazy("password_change_done")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"now": timezone.now()}


@method_decorator(throttled("password-reset"), name="dispatch")
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
