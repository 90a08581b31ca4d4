"""Who asks: the owner of a token, or whoever is signed in with this browser."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import HttpError
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from accounts.models import User
from accounts.tokens import bearer_of

SAFE = {"GET", "HEAD"}
READS_ONLY = "This token may read, and change nothing."
NO_CSRF = "Send the CSRF token of this session in the header X-CSRFToken."


class AccessToken(HttpBearer):
    """`Authorization: Bearer …`. The audit trail learns who it is as it does of a session."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        bearer = bearer_of(token, now=timezone.now())
        if bearer is None:
            return None
        if request.method not in SAFE and not bearer.may_write:
            raise HttpError(403, READS_ONLY)
        request.user = bearer.user
        return bearer.user


class Session(APIKeyCookie):
    """The browser's session, for changes with its CSRF token; not looked at beside an Authorization."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> User | None:
        if "Authorization" in request.headers or not request.user.is_authenticated:
            return None
        if check_csrf(request):
            raise HttpError(403, NO_CSRF)
        return request.user

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:  # noqa: ARG002
        """Not asked: Django has read the session."""
        return self(request)
