"""Who may sign in: Django's rules, and the demo account in demo mode alone. The name tries count for."""

import unicodedata
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from accounts.models import LONGEST_NAME


class AccountBackend(ModelBackend):
    """Asked at sign-in and again at every request, so leaving demo mode ends the demo account's sessions."""

    def user_can_authenticate(self, user: AbstractBaseUser | None) -> bool:
        demo_elsewhere = getattr(user, "is_demo", False) and not settings.DEMO
        return super().user_can_authenticate(user) and not demo_elsewhere


def counted_name(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """One text for every way to write a name: the same in any case, and short enough to be stored.

    Upper case comes first, since databases compare in it: to them a dotless "ı" is an "I".
    """
    said = (credentials or request.POST).get("username")
    return one_spelling(str(said or ""))


def one_spelling(name: str) -> str:
    name = name[:LONGEST_NAME].replace("\x00", "")
    return unicodedata.normalize("NFKC", name).upper().lower()[:LONGEST_NAME]


def client_address(request: HttpRequest) -> str:
    """Whose attempt it is: the visitor's address, as the proxy that serves HTTPS tells it last in the list.

    Without a proxy (HTTPS=0) the header is anybody's to write and is not read.
    """
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", 1)[-1].strip()
    try:
        return str(ip_address(told)) if settings.HTTPS else request.META["REMOTE_ADDR"]
    except ValueError:
        return request.META["REMOTE_ADDR"]
