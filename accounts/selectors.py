"""Where somebody is signed in and which tokens they have, as the settings show it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts.devices import in_words
from accounts.models import ApiToken, SignIn, TokenFamily, User


@dataclass(frozen=True)
class Place:
    """A browser or a program that is signed in."""

    pk: int
    device: str
    is_program: bool
    is_here: bool
    began_at: datetime
    seen_at: datetime


def places_of(user: User, *, here: SignIn | None, now: datetime) -> list[Place]:
    """Everywhere this user is signed in: here first, then what was seen last.

    Of the demo account, which is everybody's, only here.
    """
    if user.is_demo:
        return [one for one in _browsers(user, here, now) if one.is_here]
    places = [*_browsers(user, here, now), *_programs(user, now)]
    return sorted(places, key=lambda place: (place.is_here, place.seen_at), reverse=True)


def _browsers(user: User, here: SignIn | None, now: datetime) -> Iterator[Place]:
    for one in SignIn.objects.good(now).filter(owner=user):
        is_here = here is not None and one.pk == here.pk
        seen = now if is_here else one.last_seen_at
        yield Place(one.pk, in_words(one.device), False, is_here, one.created_at, seen)


def _programs(user: User, now: datetime) -> Iterator[Place]:
    for one in TokenFamily.objects.good(now).filter(owner=user):
        yield Place(one.pk, in_words(one.device), True, False, one.created_at, one.last_used_at)


def api_tokens_of(user: User, *, now: datetime) -> list[ApiToken]:
    """The personal tokens that let in, newest first."""
    return list(ApiToken.objects.good(now).filter(owner=user))
