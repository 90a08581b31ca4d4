"""Families of access and refresh tokens: begun with a password, carried on by refreshing, ended by doubt."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts import tokens
from accounts.models import TokenFamily, User


@dataclass(frozen=True)
class Pair:
    """What a program is handed: a token to show for minutes, and one to come back with."""

    access: str
    refresh: str


def open_family(*, user: User, device: str, now: datetime) -> Pair:
    """Sign a program in. The user has shown the password in this very request."""
    family = TokenFamily(
        owner=user,
        current=tokens.new_number(),
        stamp=user.stamp,
        device=device,
        created_at=now,
        last_used_at=now,
        expires_at=now + tokens.REFRESH_LIFE,
    )
    family.save()
    return _pair(family, now)


@transaction.atomic
def refresh_tokens(*, refresh: str, now: datetime) -> Pair | None:
    """The next pair for a refresh token, which is used up by this; None for one that is not good.

    One that was used before has been copied: nobody knows by whom, so that its whole family ends. Of two
    uses at one moment the first to hold the row wins.
    """
    claims = tokens.read(refresh, tokens.REFRESH, now)
    if claims is None:
        return None
    good = TokenFamily.objects.good(now).select_related("owner")
    family = good.select_for_update(of=("self",)).filter(key=claims.family, owner=claims.owner).first()
    if family is None or not tokens.may_enter(family.owner):
        return None
    if family.current != claims.number:
        family.delete()
        return None
    return _carried_on(family, now)


def _carried_on(family: TokenFamily, now: datetime) -> Pair:
    family.current = tokens.new_number()
    family.last_used_at = now
    family.expires_at = min(now + tokens.REFRESH_LIFE, family.created_at + tokens.FAMILY_LIFE)
    family.save(update_fields=["current", "last_used_at", "expires_at"])
    return _pair(family, now)


def revoke_family(*, refresh: str, now: datetime) -> None:
    """End the family of a refresh token, used or not. What is no token of ours has nothing to end."""
    claims = tokens.read(refresh, tokens.REFRESH, now)
    if claims:
        TokenFamily.objects.filter(key=claims.family, owner=claims.owner).delete()


def _pair(family: TokenFamily, now: datetime) -> Pair:
    access_until = min(now + tokens.ACCESS_LIFE, family.expires_at)
    return Pair(
        access=tokens.write(tokens.ACCESS, family, tokens.new_number(), now=now, until=access_until),
        refresh=tokens.write(tokens.REFRESH, family, family.current, now=now, until=family.expires_at),
    )
