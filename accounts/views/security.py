"""Password, where one is signed in, and personal API tokens."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts import forms, selectors, services
from accounts.models import SignIn, TokenFamily
from accounts.views.sections import section_page

PAGE = "settings-security"


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret", "context")
def security(request: HttpRequest) -> HttpResponse:
    """What lets in. Posted, the form makes a token, which the answer shows once: it is kept nowhere."""
    now = timezone.now()
    form = forms.ApiTokenForm(request.POST if request.method == "POST" else None)
    secret = ""
    if form.is_valid():
        try:
            secret = services.make_api_token(owner=request.user, now=now, **form.cleaned_data)
            form = forms.ApiTokenForm()
        except ValidationError as error:
            form.add_error(None, error)
    context = {
        "form": form,
        "secret": secret,
        "places": selectors.places_of(request.user, here=request.sign_in, now=now),
        "tokens": selectors.api_tokens_of(request.user, now=now),
    }
    return section_page(request, PAGE, context)


def place_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign another browser out."""
    return _end(request, request.user.sign_ins, pk, _sign_out, "Signed out there.")


def program_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign a program out: its tokens end."""
    return _end(request, request.user.token_families, pk, _sign_out, "Signed out there.")


def _sign_out(row: SignIn | TokenFamily) -> None:
    services.end_sign_in(sign_in=row)


def api_token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    def revoke(row: Any) -> None:
        services.revoke_api_token(token=row)

    return _end(request, request.user.api_tokens, pk, revoke, "Token revoked.")


def _end(
    request: HttpRequest, rows: QuerySet[Any], pk: int, end: Callable[[Any], None], said: str
) -> HttpResponse:
    """End one of the user's own; what is somebody else's is not found, whatever the method."""
    row = get_object_or_404(rows, pk=pk)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    return _done(request, lambda: end(row), said)


@require_POST
def other_places_end(request: HttpRequest) -> HttpResponse:
    """Sign everything out but this browser."""
    user, here = request.user, request.sign_in
    return _done(
        request, lambda: services.end_other_sign_ins(user=user, keep=here), "Signed out everywhere else."
    )


def _done(request: HttpRequest, act: Callable[[], None], said: str) -> HttpResponse:
    try:
        act()
        messages.success(request, said)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect(PAGE)
