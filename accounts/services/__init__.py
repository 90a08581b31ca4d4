"""What may be done with an account. The views, the API, the admin and the commands call these alone."""

from accounts.services.answers import ANSWERS_KEPT, KeyUsedOtherwise, Said, answer_once
from accounts.services.people import (
    NAME_TAKEN,
    change_account,
    change_display,
    change_profile,
    keep_user,
    register_user,
)
from accounts.services.tokens import Pair, open_family, refresh_tokens, revoke_family

__all__ = [
    "ANSWERS_KEPT",
    "NAME_TAKEN",
    "KeyUsedOtherwise",
    "Pair",
    "Said",
    "answer_once",
    "change_account",
    "change_display",
    "change_profile",
    "keep_user",
    "open_family",
    "refresh_tokens",
    "register_user",
    "revoke_family",
]
