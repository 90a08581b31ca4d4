"""Doors to the account: ways in, the sections of the settings, and what is signed in where."""

from accounts.views.doors import (
    LoginView,
    PasswordChangeView,
    PasswordResetConfirmView,
    PasswordResetView,
    locked_out,
    register,
)
from accounts.views.security import api_token_revoke, other_places_end, place_end, program_end, security
from accounts.views.settings import display, display_settings, profile

__all__ = [
    "LoginView",
    "PasswordChangeView",
    "PasswordResetConfirmView",
    "PasswordResetView",
    "api_token_revoke",
    "display",
    "display_settings",
    "locked_out",
    "other_places_end",
    "place_end",
    "profile",
    "program_end",
    "register",
    "security",
]
