"""Doors of the API to the account: register, tokens, me. `bitfolio/api.py` mounts the router under /auth.

Errors leave as exceptions, which are put into words there: Django's ValidationError (422, by field), and
ninja's AuthenticationError (401) and Throttled (429; `wait` is its Retry-After in seconds). `request.user`
is whoever the session or the token (accounts.tokens.bearer_of) names; that a token may not write is seen
to before a request comes here.
"""

from axes.helpers import get_cool_off
from axes.utils import reset as forget_failures
from django.contrib.auth.models import update_last_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from ninja import Router, Status
from ninja.errors import AuthenticationError, Throttled

from accounts import forms, services
from accounts.backends import client_address, counted_name
from accounts.devices import told_by
from accounts.models import User
from accounts.schemas import MeIn, MeOut, PairOut, RefreshIn, RegisterIn, RegisterOut, SignInIn
from accounts.throttle import HOUR, confirm, has_failed_too_often, is_too_much, note_failure

WRONG_TOKEN = "This refresh token is not good. Sign in again."  # noqa: S105 - a message

router = Router(tags=["auth"])


@router.post("register", auth=None, response={201: RegisterOut}, summary="Open an account")
def register(request: HttpRequest, body: RegisterIn) -> Status:
    """The username is taken in any case; the password has to pass the rules of the form."""
    if is_too_much(request, "register", now=timezone.now(), mail=body.email):
        raise Throttled(HOUR)
    form = forms.RegisterForm(body.dict() | {"currency": User._meta.get_field("currency").default})
    if not form.is_valid():
        raise ValidationError(form.errors.as_data())
    return Status(201, services.register_user(**form.cleaned_data))


@router.post("token", auth=None, response=PairOut, summary="Sign in with name and password")
@sensitive_variables("body", "form")
def sign_in(request: HttpRequest, body: SignInIn) -> services.Pair:
    """401 says the same whatever was wrong; after too many tries 429 says when to come back."""
    name, now = counted_name(request, body.dict()), timezone.now()
    if has_failed_too_often(request, name, now=now):
        raise Throttled(HOUR)
    form = forms.LoginForm(request, body.dict())
    if not form.is_valid():
        note_failure(request, name, now=now)
        raise _refused(request)
    user = form.get_user()
    forget_failures(ip=client_address(request), username=name)
    update_last_login(User, user)
    return services.open_family(user=user, device=told_by(request.headers), now=now)


def _refused(request: HttpRequest) -> AuthenticationError | Throttled:
    """What django-axes would answer in the form's words; taking its mark away leaves the answer to us."""
    if getattr(request, "axes_locked_out", False):
        request.axes_locked_out = False  # type: ignore[attr-defined]
        return Throttled(round(get_cool_off(request).total_seconds()))
    return AuthenticationError(message=str(forms.LoginForm.error_messages["invalid_login"]))


@router.post("token/refresh", auth=None, response=PairOut, summary="The next pair of tokens")
@sensitive_variables("body", "pair")
def refresh(request: HttpRequest, body: RefreshIn) -> services.Pair:  # noqa: ARG001
    """A refresh token is good once. Shown a second time it ends its family, and you sign in again."""
    pair = services.refresh_tokens(refresh=body.refresh, now=timezone.now())
    if pair is None:
        raise AuthenticationError(message=WRONG_TOKEN)
    return pair


@router.post("token/revoke", auth=None, response={204: None}, summary="Sign out")
@sensitive_variables("body")
def revoke(request: HttpRequest, body: RefreshIn) -> Status:  # noqa: ARG001
    """Ends the tokens that came from one sign-in. A token that is not good has nothing to end."""
    services.revoke_family(refresh=body.refresh, now=timezone.now())
    return Status(204, None)


@router.get("me", response=MeOut, summary="Your account")
def me(request: HttpRequest) -> User:
    return request.user  # type: ignore[return-value]


@router.patch("me", response=MeOut, summary="Change your account")
@sensitive_variables("body", "wanted", "password")
def change_me(request: HttpRequest, body: MeIn) -> User:
    """Changes what is given, all or nothing. A browser's session needs the password for another address."""
    wanted = body.dict()
    password = wanted.pop("password") or ""
    is_new = body.email not in {None, request.user.email}  # type: ignore[union-attr]
    if is_new and "Authorization" not in request.headers:
        confirm(request.user, password, now=timezone.now())  # type: ignore[arg-type]
    return services.change_account(user=request.user, **wanted)  # type: ignore[arg-type]
