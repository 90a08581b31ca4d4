"""What has run out is forgotten: it lets nobody in already, this only clears the tables."""

from datetime import datetime
from importlib import import_module

from django.conf import settings

from accounts.models import Answer, ApiToken, SignIn, TokenFamily


def forget_expired(*, now: datetime) -> str:
    """Delete what lets nobody in any more, and old answers of the API; how many, in words."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    kept = (SignIn.objects, TokenFamily.objects, ApiToken.objects, Answer.objects)
    gone = [rows.spent(now).delete()[0] for rows in kept]
    return "{} sign-ins, {} families of tokens, {} API tokens, {} answers forgotten".format(*gone)
