"""The account's routes under a bare NinjaAPI, with everything else of the site around them."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import Throttled
from ninja.security import HttpBearer

from accounts.api import router
from accounts.tokens import bearer_of
from bitfolio import urls


class Bearer(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Any:
        bearer = bearer_of(token, now=timezone.now())
        if bearer:
            request.user = bearer.user
        return bearer


api = NinjaAPI(auth=Bearer(), urls_namespace="tested-api", docs_url=None)
api.add_router("/auth", router)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return api.create_response(request, {"errors": error.message_dict}, status=422)


@api.exception_handler(Throttled)
def throttled(request: HttpRequest, error: Throttled) -> HttpResponse:
    response = api.create_response(request, {"detail": str(error)}, status=429)
    response["Retry-After"] = str(error.wait)
    return response


doors = [
    path(f"api/{pattern.pattern}", csrf_exempt(login_not_required(pattern.callback)))
    for pattern in api.urls[0]
]
urlpatterns = [*doors, *urls.urlpatterns]
