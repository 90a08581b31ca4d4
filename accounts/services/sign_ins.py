"""Where somebody is signed in: noted while they are, ended by them. What has no row is signed out at once."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import SignIn, TokenFamily, User

DEMO_SHOWS_NOBODY = "The demo account is everybody's: who else is signed in is not yours to see or to end."
SEEN_NOTED_EVERY = timedelta(minutes=5)


def note_sign_in(*, user: User, device: str, now: datetime) -> SignIn:
    """A browser has signed in."""
    return SignIn.objects.create(
        owner=user, stamp=user.stamp, device=device, created_at=now, last_seen_at=now
    )


def note_seen(*, sign_in: SignIn, stamp: str, now: datetime) -> None:
    """It is still there, under this password; written now and then, not with each page."""
    if now - sign_in.last_seen_at >= SEEN_NOTED_EVERY or sign_in.stamp != stamp:
        SignIn.objects.filter(pk=sign_in.pk).update(last_seen_at=now, stamp=stamp)


def note_sign_out(*, sign_in: SignIn) -> None:
    SignIn.objects.filter(pk=sign_in.pk).delete()


def end_sign_in(*, sign_in: SignIn | TokenFamily) -> None:
    """Sign a browser or a program out from elsewhere; nothing if it is gone by now."""
    _refuse_for_demo(sign_in.owner)
    type(sign_in).objects.filter(pk=sign_in.pk).delete()


@transaction.atomic
def end_other_sign_ins(*, user: User, keep: SignIn | None) -> None:
    """Sign every browser and every program of this user out, but the browser that asks."""
    _refuse_for_demo(user)
    others = SignIn.objects.filter(owner=user)
    (others.exclude(pk=keep.pk) if keep else others).delete()
    TokenFamily.objects.filter(owner=user).delete()


def _refuse_for_demo(user: User) -> None:
    if user.is_demo:
        raise ValidationError(DEMO_SHOWS_NOBODY)
