"""Access and refresh tokens: short, rotating, dead at once; and nothing anybody sends is an error of ours."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import call_command

from accounts import services, tokens
from accounts.models import TokenFamily, User
from accounts.services import Pair
from accounts.tokens import bearer_of
from tests.factories import TokenFamilyFactory

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


def signed(key: bytes | str | None = None, algorithm: str = "HS256", header=None, **other) -> str:
    """A token as ours would be for a family of Alice, but for what is given."""
    family = TokenFamily.objects.get()
    claims = {
        "iss": tokens.ISSUER, "aud": tokens.ACCESS, "sub": str(family.owner_id), "fam": family.key.hex,
        "jti": "1", "iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 60,
    } | other  # fmt: skip
    claims = {name: value for name, value in claims.items() if value is not ...}
    return jwt.encode(claims, tokens._key(tokens.ACCESS) if key is None else key, algorithm, header)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


class TestForgeries:
    @pytest.fixture(autouse=True)
    def family(self, alice: User) -> TokenFamily:
        return TokenFamilyFactory(owner=alice)

    def test_what_is_right_lets_in(self) -> None:
        assert lets_in(signed())

    @pytest.mark.parametrize("claim", tokens.CLAIMS)
    @pytest.mark.parametrize(
        "value",
        [..., None, True, 0, -1, 1.5, 10**30, "", "x", "9" * 40, [], ["x"], {}, {"a": 1}, float("nan")],
        ids=repr,
    )
    def test_each_claim_is_needed_and_its_type_is_looked_at(self, claim: str, value: object) -> None:
        is_one_of_ours = (claim == "jti" and isinstance(value, str)) or (
            claim in {"iat", "exp"} and isinstance(value, int) and value > 1
        )
        is_past = claim == "iat" and type(value) is int  # when it was made decides nothing
        assert lets_in(_encode(claim, value)) is (is_one_of_ours or is_past)

    @pytest.mark.parametrize("key", ["x" * 40, b"\x00" * 32], ids=ascii)
    def test_another_key_lets_nobody_in(self, key) -> None:
        assert not lets_in(signed(key=key))

    def test_neither_does_the_secret_key_itself_nor_the_key_of_refresh_tokens(self, settings) -> None:
        assert not lets_in(signed(key=settings.SECRET_KEY))
        assert not lets_in(signed(key=tokens._key(tokens.REFRESH)))

    def test_nor_one_of_another_installation(self, settings) -> None:
        token = signed()
        settings.SECRET_KEY = "another"
        assert not lets_in(token)

    @pytest.mark.filterwarnings("ignore:The HMAC key")
    @pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
    def test_our_key_under_another_algorithm_lets_nobody_in(self, algorithm: str) -> None:
        assert not lets_in(signed(algorithm=algorithm))

    @pytest.mark.parametrize(
        "header",
        [
            {"alg": "none"}, {"alg": "None"}, {"alg": ""}, {"alg": None}, {"alg": 5}, {"alg": ["HS256"]}, {},
            {"alg": {}}, {"alg": "HS256", "crit": ["exp"]}, {"alg": "HS256", "b64": False},
            {"alg": "HS256", "kid": 5}, [], "HS256", 5, None,
        ],
        ids=repr,
    )  # fmt: skip
    def test_no_header_talks_its_way_in(self, header: object) -> None:
        _, claims, signature = signed().split(".")
        for last in ("", signature):
            assert not lets_in(f"{part(header)}.{claims}.{last}")

    def test_a_family_of_somebody_else_lets_nobody_in(self, charlie: User) -> None:
        assert not lets_in(signed(sub=str(charlie.pk)))

    @pytest.mark.parametrize(
        "word",
        [
            "", ".", "..", "...", "a.b.c", "null", "Bearer x", "\x00", "\ud800", "ä.ö.ü", "bf_", "bf_\x00", "bf_é",
            "x" * 1_000_000, "." * 1_000_000, "bf_" + "x" * 1_000_000, "[" * 500, "e30.e30.e30",
            base64.urlsafe_b64encode(b"[" * 400).decode() + "..", "=" * 100, "bf_\ud800",
        ],
        ids=lambda word: ascii(word[:12]),
    )  # fmt: skip
    def test_anything_else_lets_nobody_in_and_is_no_error(self, word: str) -> None:
        assert not lets_in(word)
        assert refreshed(word) is None
        services.revoke_family(refresh=word, now=NOW)


def _encode(claim: str, value: object) -> str:
    """Signed by hand: PyJWT refuses to write some of these."""
    whole = signed()
    header, claims, _ = whole.split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    said[claim] = value
    if value is ...:
        del said[claim]
    text = f"{header}.{part(said)}"
    algorithm = jwt.get_algorithm_by_name("HS256")
    mark = algorithm.sign(text.encode(), tokens._key(tokens.ACCESS))
    return f"{text}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"


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
