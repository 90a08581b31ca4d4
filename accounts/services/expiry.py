"""What has run out is forgotten: it lets nobody in already, this only clears the tables."""

from datetime import datetime
from importlib import import_module

from django.conf import settings

from accounts.models import ApiToken, SignIn, TokenFamily


def forget_expired(*, now: datetime) -> str:
    """Delete sessions, sign-ins and tokens that let nobody in any more; how many, in words."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    gone = [rows.spent(now).delete()[0] for rows in (SignIn.objects, TokenFamily.objects, ApiToken.objects)]
    return "{} sign-ins, {} families of tokens, {} API tokens forgotten".format(*gone)
