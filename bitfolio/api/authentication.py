"""Who asks: the owner of an access token, or whoever is signed in with this browser."""

from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from accounts.models import User
from accounts.tokens import user_of


class AccessToken(HttpBearer):
    """Authorization: Bearer. The audit trail learns who it is as it does of a session."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        user = user_of(token)
        if user is None or not user.is_active:
            return None
        request.user = user
        return user


class Session(APIKeyCookie):
    """The browser's session, its changes with the CSRF token; not asked where an Authorization is sent."""

    param_name = "sessionid"

    def __call__(self, request: HttpRequest) -> User | None:
        if "Authorization" in request.headers or not request.user.is_authenticated:
            return None
        if check_csrf(request):
            raise HttpError(403, "This session’s request lacks its CSRF token.")
        return request.user

    def authenticate(self, request: HttpRequest, key: str | None) -> User | None:
        """Not asked: Django has read the session."""
        return self(request)
