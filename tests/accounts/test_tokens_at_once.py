"""One refresh token shown by several at one moment: exactly one wins, and then the family has ended."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts import services
from accounts.models import TokenFamily
from accounts.tokens import bearer_of
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2025, 1, 1, tzinfo=UTC)
ROUNDS, THIEVES = 6, 4


def at_once(act, times: int) -> list[object]:
    start = Barrier(times)

    def run(_: int) -> object:
        start.wait()
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(run, range(times)))


@pytest.fixture
def families() -> Iterator[services.Pair]:
    owner = UserFactory()
    return (services.open_family(user=owner, device="", now=NOW) for _ in range(ROUNDS))


def test_of_uses_at_one_moment_exactly_one_wins(families) -> None:
    for pair in families:
        answers = at_once(lambda: services.refresh_tokens(refresh=pair.refresh, now=NOW), THIEVES)  # noqa: B023
        won = [answer for answer in answers if answer]
        assert len(won) == 1
        assert bearer_of(won[0].access, now=NOW) is None, "it was shown twice: its family has ended"
        assert TokenFamily.objects.count() == 0


def test_revoking_while_refreshing_leaves_nothing_behind(families) -> None:
    for pair in families:
        acts = iter([services.revoke_family, services.refresh_tokens])
        at_once(lambda: next(acts)(refresh=pair.refresh, now=NOW), 2)  # noqa: B023
        assert TokenFamily.objects.count() == 0


def test_of_tokens_of_one_name_made_at_once_one_is_kept() -> None:
    owner = UserFactory()

    def make() -> str:
        try:
            return services.make_api_token(owner=owner, name="Script", may_write=False, days=None, now=NOW)
        except ValidationError:
            return ""

    answers = at_once(make, THIEVES)
    assert len([answer for answer in answers if answer]) == owner.api_tokens.count() == 1
