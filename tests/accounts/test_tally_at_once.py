"""Tries that come at one moment are all counted: who guesses by many connections gains nothing."""

import pytest

from accounts import throttle
from accounts.models import Tally
from tests.accounts.test_tokens_at_once import at_once
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS, AT_ONCE = 5, 8


def test_none_is_lost() -> None:
    for number in range(ROUNDS):
        at_once(lambda: throttle.count("form", f"192.0.2.{number}", now=NOW), AT_ONCE)  # noqa: B023
    assert [tally.tries for tally in Tally.objects.all()] == [AT_ONCE] * ROUNDS
