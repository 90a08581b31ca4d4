"""Personal API tokens: made, shown once, revoked."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import tokens
from accounts.models import ApiToken, User

MOST = 50  # for one user
TOO_MANY = f"You have {MOST} tokens. Revoke one that you no longer use."
DEMO_MAKES_NONE = "The demo account is everybody's, so that it has no tokens of its own."
NAME_IN_USE = "You already have a token with this name."


def make_api_token(*, owner: User, name: str, may_write: bool, days: int | None, now: datetime) -> str:
    """A new token, which nobody can be told again once this is answered. ValidationError by field.

    `days` is how long it is good; None for as long as it is not revoked.
    """
    if owner.is_demo:
        raise ValidationError(DEMO_MAKES_NONE)
    if ApiToken.objects.filter(owner=owner).count() >= MOST:
        raise ValidationError(TOO_MANY)
    secret = tokens.new_personal()
    made = ApiToken(
        owner=owner,
        name=name,
        prefix=secret[: len(tokens.PERSONAL) + 4],
        digest=tokens.digest_of(secret),
        may_write=may_write,
        stamp=owner.stamp,
        created_at=now,
        expires_at=now + timedelta(days=days) if days else None,
    )
    _keep(made)
    return secret


def _keep(made: ApiToken) -> None:
    """Stored, unless one of this name lets in already; one that is spent makes way."""
    made.clean_fields()
    with transaction.atomic():
        ApiToken.objects.spent(made.created_at).filter(owner=made.owner, name=made.name).delete()
        try:
            with transaction.atomic():
                made.save()
        except IntegrityError as error:
            raise ValidationError({"name": NAME_IN_USE}) from error


def revoke_api_token(*, token: ApiToken) -> None:
    """It lets nobody in from now on; nothing if it is gone by now."""
    ApiToken.objects.filter(pk=token.pk).delete()
