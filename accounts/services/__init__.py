"""What may be done with an account. The views, the API, the admin and the commands call these alone."""

from accounts.services.answers import KeyUsedOtherwise, Said, answer_once
from accounts.services.api_tokens import make_api_token, revoke_api_token
from accounts.services.expiry import forget_expired
from accounts.services.leaving import forget_user
from accounts.services.people import (
    NAME_TAKEN,
    change_account,
    change_display,
    change_profile,
    confirm_password,
    keep_user,
    register_user,
)
from accounts.services.sign_ins import (
    end_other_sign_ins,
    end_sign_in,
    note_seen,
    note_sign_in,
    note_sign_out,
)
from accounts.services.tokens import Pair, open_family, refresh_tokens, revoke_family

__all__ = [
    "NAME_TAKEN",
    "KeyUsedOtherwise",
    "Pair",
    "Said",
    "answer_once",
    "change_account",
    "change_display",
    "change_profile",
    "confirm_password",
    "end_other_sign_ins",
    "end_sign_in",
    "forget_expired",
    "forget_user",
    "keep_user",
    "make_api_token",
    "note_seen",
    "note_sign_in",
    "note_sign_out",
    "open_family",
    "refresh_tokens",
    "register_user",
    "revoke_api_token",
    "revoke_family",
]
