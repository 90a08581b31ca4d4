"""How often something is tried in an hour: counted once for form and API together, and in the database, so
that all web processes count as one. Whose tries they are is kept as a hash under the secret key: no name, no
address.
"""

from datetime import datetime, timedelta

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.models import Tally, User
from accounts.services import confirm_password

HOUR = 60 * 60  # seconds
SPAN = timedelta(seconds=HOUR)
SIGN_IN = "sign in"
CONFIRM = "confirm"
TOO_OFTEN = "Too many wrong passwords. Try again in an hour."


def is_too_much(request: HttpRequest, what: str, *, now: datetime, mail: str = "") -> bool:
    """Count in what makes or mails something: for the address of the network, and for that of mail."""
    limit = settings.ACCOUNT_FORMS_PER_HOUR
    if not limit:
        return False
    counted = [get_client_ip_address(request)]
    if mail := mail.strip().casefold():
        counted.append(f"mail {mail}")
    return max([count(f"form {what}", whose, now=now) for whose in counted]) > limit


def has_failed_too_often(request: HttpRequest, name: str, *, now: datetime) -> bool:
    """Whether sign-ins from an address, or with one name from anywhere, have failed too often this hour.

    django-axes pauses one name from one address after few failures; this bounds who tries many names, or
    one name from many addresses. It counts what is typed, so it tells nothing about which names exist.
    """
    limit = settings.LOGIN_FAILURES_PER_HOUR
    return bool(limit) and any(tries(SIGN_IN, each, now=now) >= limit for each in _tried(request, name))


def note_failure(request: HttpRequest, name: str, *, now: datetime) -> None:
    for each in _tried(request, name):
        count(SIGN_IN, each, now=now)


def confirm(user: User, password: str, *, now: datetime) -> None:
    """Ask a signed-in user for the password again; ValidationError where it is another one, or was too often
    this hour: somebody at a browser that was left open may not guess on.
    """
    limit, whose = settings.LOGIN_FAILURES_PER_HOUR, f"user {user.pk}"
    if limit and tries(CONFIRM, whose, now=now) >= limit:
        raise ValidationError({"password": TOO_OFTEN})
    try:
        confirm_password(user=user, password=password)
    except ValidationError:
        count(CONFIRM, whose, now=now)
        raise


def _tried(request: HttpRequest, name: str) -> tuple[str, str]:
    return str(get_client_ip_address(request)), f"name {name}"


def count(act: str, whose: str, *, now: datetime) -> int:
    """Count one more try of an act, and return how many there were since the hour's first."""
    with transaction.atomic():
        tally, is_new = Tally.objects.select_for_update().get_or_create(
            key=_key(act, whose), defaults={"since": now}
        )
        if now - tally.since >= SPAN:
            tally.tries, tally.since = 0, now
        tally.tries += 1
        tally.save()
    if is_new:
        Tally.objects.filter(since__lt=now - SPAN).delete()
    return tally.tries


def tries(act: str, whose: str, *, now: datetime) -> int:
    """How many tries of an act there were in the hour that runs, without counting one."""
    tally = Tally.objects.filter(key=_key(act, whose), since__gt=now - SPAN).first()
    return tally.tries if tally else 0


def _key(act: str, whose: str) -> str:
    return salted_hmac("tally", f"{act}\n{whose}", algorithm="sha256").hexdigest()
