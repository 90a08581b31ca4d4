"""Access and refresh tokens: short, rotating, dead at once; and nothing anybody sends is an error of ours."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from accounts import services, tokens
from accounts.models import TokenFamily, User
from accounts.services import Pair
from accounts.tokens import bearer_of

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 1, 1, tzinfo=UTC)
OTHER = "another-long-passphrase"


def lets_in(token: str, now: datetime = NOW) -> bool:
    return bearer_of(token, now=now) is not None


def refreshed(refresh: str, now: datetime = NOW) -> Pair | None:
    return services.refresh_tokens(refresh=refresh, now=now)


@pytest.fixture
def pair(alice: User) -> Pair:
    return services.open_family(user=alice, device="curl/8.5.0", now=NOW)


class TestAccess:
    def test_it_is_its_owners_and_may_write(self, alice: User, pair: Pair) -> None:
        bearer = bearer_of(pair.access, now=NOW)
        assert (bearer.user, bearer.may_write) == (alice, True)

    def test_it_is_good_for_ten_minutes(self, pair: Pair) -> None:
        assert lets_in(pair.access, NOW + timedelta(minutes=10, seconds=-1))
        assert not lets_in(pair.access, NOW + timedelta(minutes=10))

    def test_a_refresh_token_is_no_access_token_nor_the_other_way_round(self, pair: Pair) -> None:
        assert not lets_in(pair.refresh)
        assert refreshed(pair.access) is None
        assert refreshed(pair.refresh)

    def test_it_says_nothing_about_the_user_but_a_number(self, alice: User, pair: Pair) -> None:
        said = jwt.decode(pair.access, options={"verify_signature": False})
        assert said.keys() == set(tokens.CLAIMS)
        assert said["sub"] == str(alice.pk)


class TestRefresh:
    def test_each_use_makes_the_next_pair(self, alice: User, pair: Pair) -> None:
        following = refreshed(refreshed(pair.refresh).refresh)
        assert bearer_of(following.access, now=NOW).user == alice
        assert TokenFamily.objects.count() == 1

    def test_a_second_use_ends_its_family_and_no_other(self, alice: User, pair: Pair) -> None:
        elsewhere = services.open_family(user=alice, device="", now=NOW)
        following = refreshed(pair.refresh)
        assert refreshed(pair.refresh) is None
        assert refreshed(following.refresh) is None
        assert not lets_in(following.access)
        assert lets_in(elsewhere.access)

    def test_it_is_good_for_thirty_days_from_its_last_use(self, pair: Pair) -> None:
        assert refreshed(pair.refresh, NOW + timedelta(days=30)) is None
        following = refreshed(pair.refresh, NOW + timedelta(days=29))
        assert refreshed(following.refresh, NOW + timedelta(days=58))

    def test_a_family_ends_ninety_days_after_the_password_was_typed(self, pair: Pair) -> None:
        for days in range(20, 90, 20):
            pair = refreshed(pair.refresh, NOW + timedelta(days=days))
        assert refreshed(pair.refresh, NOW + timedelta(days=90)) is None
        assert refreshed(pair.refresh, NOW + timedelta(days=90, seconds=-1))

    def test_an_access_token_is_not_good_longer_than_its_family(self, pair: Pair) -> None:
        TokenFamily.objects.update(expires_at=NOW + timedelta(minutes=1))
        assert not lets_in(pair.access, NOW + timedelta(minutes=1))


class TestRevoking:
    def test_it_ends_access_and_refresh(self, pair: Pair) -> None:
        services.revoke_family(refresh=pair.refresh, now=NOW)
        assert not lets_in(pair.access)
        assert refreshed(pair.refresh) is None

    def test_a_used_refresh_token_revokes_too(self, pair: Pair) -> None:
        following = refreshed(pair.refresh)
        services.revoke_family(refresh=pair.refresh, now=NOW)
        assert not lets_in(following.access)

    @pytest.mark.parametrize("word", ["", "x", "bf_x"])
    def test_what_is_no_token_of_ours_ends_nothing(self, pair: Pair, word: str) -> None:
        services.revoke_family(refresh=word, now=NOW)
        services.revoke_family(refresh=pair.access, now=NOW)
        assert lets_in(pair.access)


def by_a_form(user: User) -> None:
    user.set_password(OTHER)
    user.save()


def by_the_shell(user: User) -> None:
    User.objects.create_user("copy", password=OTHER)
    user.set_password(OTHER)
    user.save(update_fields=["password"])


def disabling(user: User) -> None:
    user.is_active = False
    services.keep_user(user=user)


def disabling_in_sql(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def becoming_the_demo_account(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_demo=True)


def deleting(user: User) -> None:
    user.delete()


@pytest.mark.parametrize(
    "act", [by_a_form, by_the_shell, disabling, disabling_in_sql, becoming_the_demo_account, deleting]
)
def test_both_are_dead_at_once(alice: User, pair: Pair, act: Callable[[User], None]) -> None:
    secret = services.make_api_token(owner=alice, name="Script", may_write=False, days=None, now=NOW)
    act(alice)
    assert not lets_in(pair.access)
    assert not lets_in(secret)
    assert refreshed(pair.refresh) is None


def test_who_is_disabled_and_enabled_again_signs_in_anew(alice: User, pair: Pair) -> None:
    disabling(alice)
    alice.is_active = True
    services.keep_user(user=alice)
    assert not lets_in(pair.access)


def test_a_stronger_hash_of_the_same_password_ends_nothing(alice: User, pair: Pair, settings) -> None:
    """As at the first sign-in after an update of Django."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    before = alice.password
    assert alice.check_password("alice-has-a-long-password")
    alice.refresh_from_db()
    assert alice.password != before
    assert lets_in(pair.access)


def test_what_somebody_else_saves_brings_no_dead_token_back(alice: User, pair: Pair) -> None:
    stale = User.objects.get(pk=alice.pk)
    by_a_form(alice)
    services.change_profile(user=stale, name="Alice", email="alice@example.org")
    assert not lets_in(pair.access)


def test_a_family_that_began_under_the_old_password_never_lets_in(alice: User) -> None:
    """The password was typed, changed elsewhere, and only then the family began."""
    stale = User.objects.get(pk=alice.pk)
    by_a_form(alice)
    assert not lets_in(services.open_family(user=stale, device="", now=NOW).access)


def test_leaving_demo_mode_ends_the_demo_accounts_tokens(settings) -> None:
    settings.DEMO = True
    demo = User.objects.create_user("demo", "demo@example.org", "demo", is_demo=True)
    pair = services.open_family(user=demo, device="", now=NOW)
    assert lets_in(pair.access)
    settings.DEMO = False
    assert not lets_in(pair.access)


class TestWhatIsKept:
    def test_no_row_holds_a_token(self, alice: User, pair: Pair) -> None:
        secret = services.make_api_token(owner=alice, name="Script", may_write=False, days=None, now=NOW)
        kept = repr([*TokenFamily.objects.values_list(), *alice.api_tokens.values_list()])
        for token in (*pair.access.split("."), *pair.refresh.split("."), secret):
            assert token[:40] not in kept or token == pair.access.split(".")[0]

    def test_what_has_run_out_is_forgotten(self, alice: User, pair: Pair) -> None:
        services.make_api_token(owner=alice, name="Short", may_write=False, days=30, now=NOW)
        services.make_api_token(owner=alice, name="Long", may_write=False, days=None, now=NOW)
        services.forget_expired(now=NOW + timedelta(days=29))
        assert (TokenFamily.objects.count(), alice.api_tokens.count()) == (1, 2)
        services.forget_expired(now=NOW + timedelta(days=30))
        assert (TokenFamily.objects.count(), alice.api_tokens.get().name) == (0, "Long")
        by_a_form(alice)
        services.forget_expired(now=NOW)
        assert not alice.api_tokens.exists()

    def test_the_worker_forgets_it_each_day(self, settings) -> None:
        assert settings.SCHEDULES["forget-expired-sign-ins"] == ("accounts.tasks.forget_expired", 24 * 60)
