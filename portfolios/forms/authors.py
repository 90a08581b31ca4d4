"""Whose form it is: a signed number that goes along with it, for when nobody is signed in any more."""

from datetime import timedelta

from django.core import signing

from accounts.models import User

SALT = "portfolios.forms.author"
OLDEST = timedelta(days=30)  # a page that was open for longer says nothing any more


def author_mark(user: User) -> str:
    return signing.dumps(user.pk, salt=SALT)


def author_of(mark: str) -> int | None:
    """The number of the user whose form carried that mark; None for what was not signed here."""
    try:
        number = signing.loads(mark, salt=SALT, max_age=OLDEST)
    except (signing.BadSignature, ValueError, UnicodeError):
        return None
    return number if isinstance(number, int) else None
