"""Who you are, and what lets you in: the user, sign-ins of browsers and of programs, personal API tokens;
and what the API answered.

Knows nothing of prices or portfolios. What no longer lets anybody in has no row.
"""

from accounts.models.answers import ANSWERS_KEPT, Answer
from accounts.models.keys import ApiToken, TokenFamily
from accounts.models.people import (
    DEMO_NAME,
    DEMO_PASSWORD,
    LONGEST_NAME,
    User,
    Users,
    new_stamp,
    validate_currency,
    validate_timezone,
)
from accounts.models.sign_ins import SignIn
from accounts.models.tallies import Tally

__all__ = [
    "ANSWERS_KEPT",
    "DEMO_NAME",
    "DEMO_PASSWORD",
    "LONGEST_NAME",
    "Answer",
    "ApiToken",
    "SignIn",
    "Tally",
    "TokenFamily",
    "User",
    "Users",
    "new_stamp",
    "validate_currency",
    "validate_timezone",
]
