"""Access and refresh tokens: short, rotating, dead at once; and nothing anybody sends is an error of ours."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import services
from accounts.models import User
from accounts.tokens import bearer_of

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def test_a_pair_lets_in_refreshes_once_and_ends_when_refreshed_twice(alice: User) -> None:
    pair = services.open_family(user=alice, device="curl", now=NOW)
    assert len(pair.refresh) < 450, len(pair.refresh)
    assert bearer_of(pair.access, now=NOW).user == alice
    assert bearer_of(pair.refresh, now=NOW) is None
    new = services.refresh_tokens(refresh=pair.refresh, now=NOW)
    assert bearer_of(new.access, now=NOW + timedelta(minutes=9)).user == alice
    assert bearer_of(new.access, now=NOW + timedelta(minutes=10)) is None
    assert services.refresh_tokens(refresh=pair.refresh, now=NOW) is None
    assert bearer_of(new.access, now=NOW) is None
