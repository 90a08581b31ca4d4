"""The end of an account."""

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.backends import one_spelling
from accounts.models import User

DEMO_STAYS = "The demo account stays: others use it too."


@transaction.atomic
def forget_user(*, user: User) -> None:
    """Delete a user, every row that belongs to them, their sessions, and what was tried under their name.

    There is no way back: the door asks twice. ValidationError for the demo account, which is everybody's.
    """
    if user.is_demo:
        raise ValidationError(DEMO_STAYS)
    _end_sessions(user)
    names = {user.username, one_spelling(user.username)}
    for tried in (AccessAttempt, AccessFailureLog, AccessLog):
        tried.objects.filter(username__in=names).delete()
    user.delete()


def _end_sessions(user: User) -> None:
    """A session says whose it is only inside, so each is opened; deleting an account is rare."""
    whose = str(user.pk)
    kept = Session.objects.only("pk", "session_data").iterator()
    Session.objects.filter(pk__in=[one.pk for one in kept if _owner(one) == whose]).delete()


def _owner(session: Session) -> str | None:
    owner: str | None = session.get_decoded().get(SESSION_KEY)
    return owner
