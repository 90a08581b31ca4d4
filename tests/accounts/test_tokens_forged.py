"""What only looks like a token of ours: nothing forged lets anybody in, and nothing sent breaks anything."""

import base64
import json

import jwt
import pytest

from accounts import services, tokens
from accounts.models import TokenFamily, User
from tests.accounts.test_tokens import NOW, lets_in, refreshed
from tests.factories import TokenFamilyFactory

pytestmark = pytest.mark.django_db


def signed(key: bytes | str | None = None, algorithm: str = "HS256", header=None, **other) -> str:
    """A token as ours would be for a family of Alice, but for what is given."""
    family = TokenFamily.objects.get()
    claims = {
        "iss": tokens.ISSUER, "aud": tokens.ACCESS, "sub": str(family.owner_id), "fam": family.key.hex,
        "jti": "1", "iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 60,
    } | other  # fmt: skip
    return jwt.encode(claims, tokens._key(tokens.ACCESS) if key is None else key, algorithm, header)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def by_hand(claim: str, value: object) -> str:
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
        harmless = {"jti": type(value) is str, "iat": type(value) is int, "exp": value == 10**30}
        assert lets_in(by_hand(claim, value)) is harmless.get(claim, False)

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
            "", ".", "..", "...", "a.b.c", "null", "Bearer x", "\x00", "\ud800", "ä.ö.ü", "bf_", "bf_\x00",
            "bf_é", "x" * 1_000_000, "." * 1_000_000, "bf_" + "x" * 1_000_000, "[" * 500, "e30.e30.e30",
            base64.urlsafe_b64encode(b"[" * 400).decode() + "..", "=" * 100, "bf_\ud800",
        ],
        ids=lambda word: ascii(word[:12]),
    )  # fmt: skip
    def test_anything_else_lets_nobody_in_and_is_no_error(self, word: str) -> None:
        assert not lets_in(word)
        assert refreshed(word) is None
        services.revoke_family(refresh=word, now=NOW)
