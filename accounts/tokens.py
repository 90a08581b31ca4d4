"""What a program shows in `Authorization: Bearer …`, and whose it is. Secrets are made and read here alone.

An access token is a short JWT, a refresh token a long one; both name their family, and nothing in them is
believed before its row is there, under today's password of somebody who may sign in. A personal API token
is random; its SHA-256 finds its row. Keys are derived from SECRET_KEY, one for each use.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from django.utils.crypto import salted_hmac

from accounts.backends import AccountBackend
from accounts.models import ApiToken, TokenFamily, User

ACCESS_LIFE = timedelta(minutes=10)
REFRESH_LIFE = timedelta(days=30)  # since its last use
FAMILY_LIFE = timedelta(days=90)  # since the password was typed
USE_NOTED_EVERY = timedelta(minutes=1)
ALGORITHM = "HS256"
ISSUER = "bitfolio"
ACCESS, REFRESH = "bitfolio:access", "bitfolio:refresh"
PERSONAL = "bf_"  # what every personal token begins with, so that one that leaked is recognised
CLAIMS = ("iss", "aud", "sub", "fam", "jti", "iat", "exp")
KEY = re.compile("[0-9]{1,18}")  # no longer than a database's whole number
LONGEST = 600  # characters: half as long again as the longest that is made here


@dataclass(frozen=True)
class Bearer:
    """Who showed a token, and whether it lets them change anything."""

    user: User
    may_write: bool


@dataclass(frozen=True)
class Claims:
    """What a signed token says: its family, its own number and its owner."""

    family: UUID
    number: str
    owner: int


def bearer_of(token: str, *, now: datetime) -> Bearer | None:
    """Whose access token or personal API token this is; None for anything that lets nobody in."""
    if len(token) > LONGEST or not token.isascii():
        return None
    bearer = _of_personal(token, now) if token.startswith(PERSONAL) else _of_access(token, now)
    return bearer if bearer and may_enter(bearer.user) else None


def may_enter(user: User) -> bool:
    """Whether this user may sign in at all: not disabled, and no demo account outside demo mode."""
    return AccountBackend().user_can_authenticate(user)


def _of_access(token: str, now: datetime) -> Bearer | None:
    claims = read(token, ACCESS, now)
    good = TokenFamily.objects.good(now).select_related("owner")
    family = good.filter(key=claims.family, owner=claims.owner).first() if claims else None
    return Bearer(family.owner, may_write=True) if family else None


def _of_personal(token: str, now: datetime) -> Bearer | None:
    found = ApiToken.objects.good(now).select_related("owner").filter(digest=digest_of(token)).first()
    if found is None or not may_enter(found.owner):  # nor is that noted as a use
        return None
    if found.last_used_at is None or now - found.last_used_at >= USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
    return Bearer(found.owner, may_write=found.may_write)


def new_personal() -> str:
    """A new personal token with 256 random bits. It is shown once and kept nowhere."""
    return PERSONAL + secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What is kept of a personal token. It is random enough to need no slower hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_number() -> str:
    return secrets.token_hex(16)


def write(audience: str, family: TokenFamily, number: str, *, now: datetime, until: datetime) -> str:
    """A signed token of this family, good in [now, until) while its row is."""
    claims = {
        "iss": ISSUER,
        "aud": audience,
        "sub": str(family.owner_id),
        "fam": family.key.hex,
        "jti": number,
        "iat": int(now.timestamp()),
        "exp": int(until.timestamp()),
    }
    return jwt.encode(claims, _key(audience), algorithm=ALGORITHM)


def read(token: str, audience: str, now: datetime) -> Claims | None:
    """What a token of ours says; None if it is not ours, not for this, run out, or no token at all."""
    if len(token) > LONGEST or not token.isascii():
        return None
    try:
        claims = jwt.decode(
            token,
            _key(audience),
            algorithms=[ALGORITHM],
            audience=audience,
            issuer=ISSUER,
            options={"require": list(CLAIMS), "verify_exp": False, "verify_iat": False},
        )
        return _claims(claims, now)
    except (jwt.PyJWTError, ValueError, RecursionError):
        return None


def _claims(said: dict[str, Any], now: datetime) -> Claims | None:
    """Of the shape that `write` gives them, and not run out; ValueError for any other shape."""
    is_ours = type(said["iat"]) is int and type(said["exp"]) is int and KEY.fullmatch(said["sub"])
    if not is_ours or said["exp"] <= now.timestamp():
        return None
    return Claims(family=UUID(hex=str(said["fam"])), number=said["jti"], owner=int(said["sub"]))


def _key(audience: str) -> bytes:
    return salted_hmac(f"accounts.tokens.{audience}", "", algorithm="sha256").digest()
