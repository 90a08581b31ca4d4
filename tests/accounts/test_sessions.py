"""Where one is signed in: listed, ended at once, by their owner alone; and what a new password ends."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import services
from accounts.devices import in_words
from accounts.middleware import SignInMiddleware
from accounts.models import SignIn, User
from accounts.tokens import bearer_of
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

NOW = datetime(2025, 1, 1, 12, tzinfo=UTC)
URL = "/accounts/settings/security/"
PASSWORD, OTHER = "alice-has-a-long-password", "another-long-passphrase"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def is_signed_in(client: Client) -> bool:
    return client.get(URL).status_code == 200


def opened(client: Client) -> Client:
    """One that has shown itself, so that it is listed."""
    assert is_signed_in(client)
    return client


class TestNoting:
    def test_the_sign_in_page_notes_it_with_the_device(self, client: Client, alice: User) -> None:
        form = {"username": "alice", "password": PASSWORD}
        client.post("/accounts/login/", form, headers={"User-Agent": FIREFOX})
        assert alice.sign_ins.get().device == FIREFOX
        assert "Firefox on Linux" in client.get(URL).content.decode()

    def test_so_do_registration_and_the_admins_door(self, client: Client, alice: User) -> None:
        User.objects.update(is_staff=True)
        form = {"username": "dora", "email": "dora@example.org", "password": OTHER, "currency": "EUR"}
        Client().post("/accounts/register/", form)
        client.post("/admin/login/", {"username": "alice", "password": PASSWORD})
        assert [one.owner.username for one in SignIn.objects.order_by("pk")] == ["dora", "alice"]

    def test_a_failed_one_and_a_visitor_are_not_noted(self, client: Client, alice: User) -> None:
        client.post("/accounts/login/", {"username": "alice", "password": "wrong"})
        client.get("/prices/")
        assert not SignIn.objects.exists()

    def test_it_is_noted_once_and_seen_now_and_then(self, alice: User) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            here = opened(signed_in(alice))
            for minutes, seen in ((4, 0), (1, 5), (3, 5), (2, 10)):
                clock.shift(timedelta(minutes=minutes))
                opened(here)
                assert alice.sign_ins.get().last_seen_at == NOW + timedelta(minutes=seen)

    def test_signing_out_takes_it_away(self, alice: User) -> None:
        here = opened(signed_in(alice))
        here.post(reverse("logout"))
        assert not SignIn.objects.exists()

    def test_signing_in_as_somebody_else_takes_it_away_too(self, alice: User, charlie: User) -> None:
        here = opened(signed_in(alice))
        here.force_login(charlie, backend="accounts.backends.AccountBackend")
        opened(here)
        assert [one.owner for one in SignIn.objects.filter(owner=charlie)] == [charlie]

    def test_it_costs_one_question_and_writes_nothing_in_between(self, alice: User) -> None:
        here = opened(signed_in(alice))
        with CaptureQueriesContext(connection) as queries:
            here.get("/accounts/settings/")
        said = [query["sql"] for query in queries if "accounts_signin" in query["sql"]]
        assert [text[:6] for text in said] == ["SELECT"]

    def test_who_does_not_ask_for_the_user_asks_no_database(self, rf, alice: User) -> None:
        request = rf.get("/api/health")
        request.session = SessionStore(signed_in(alice).session.session_key)
        with CaptureQueriesContext(connection) as queries:
            SignInMiddleware(lambda _: HttpResponse())(request)
        assert not queries.captured_queries

    def test_what_cannot_be_noted_breaks_no_page(self, alice: User, monkeypatch) -> None:
        def fail(**_: object) -> None:
            raise OperationalError("database is locked")

        monkeypatch.setattr(services, "note_sign_in", fail)
        assert is_signed_in(signed_in(alice))

    @pytest.mark.parametrize("said", ["x", "", "1.5", -1, 10**30, None, [], {"a": 1}, "\x00"])
    @pytest.mark.parametrize("key", ["_auth_user_id", "sign_in", "_auth_user_backend", "_auth_user_hash"])
    def test_a_session_that_says_what_none_of_ours_does_is_signed_out(
        self, alice: User, key: str, said: object
    ) -> None:
        here = opened(signed_in(alice))
        session = here.session
        session[key] = said
        session.save()
        answer = here.get(URL)
        is_known = key == "sign_in" and not said  # a session that has no row yet
        assert answer.status_code == (200 if is_known else 302)
        assert here.get("/prices/").status_code == 200


class TestIdleness:
    def test_a_browser_that_is_left_alone_for_a_week_is_signed_out(self, alice: User) -> None:
        with time_machine.travel(NOW, tick=False) as clock:
            here = opened(signed_in(alice))
            clock.shift(timedelta(days=6, hours=23))
            opened(here)
            clock.shift(timedelta(days=6, hours=23))
            opened(here)
        with time_machine.travel(NOW, tick=False) as clock:
            here = opened(signed_in(alice))
            clock.shift(timedelta(days=7, seconds=1))
            assert not is_signed_in(here)
            assert here.get("/api/portfolios").status_code == 401


class TestEnding:
    @pytest.fixture
    def here(self, alice: User) -> Client:
        return opened(signed_in(alice))

    @pytest.fixture
    def elsewhere(self, alice: User, here: Client) -> Client:
        return opened(signed_in(alice))

    def test_one_ends_at_once_and_the_others_stay(self, alice: User, here: Client, elsewhere: Client) -> None:
        third = opened(signed_in(alice))
        number = elsewhere.session["sign_in"]
        page = here.post(reverse("place-end", args=[number]), follow=True).content.decode()
        assert "Signed out there." in page
        assert [is_signed_in(one) for one in (here, elsewhere, third)] == [True, False, True]

    def test_everywhere_else_ends_browsers_and_programs(
        self, alice: User, here: Client, elsewhere: Client
    ) -> None:
        pair = services.open_family(user=alice, device="curl/8.5.0", now=NOW)
        secret = services.make_api_token(owner=alice, name="Script", may_write=False, days=None, now=NOW)
        here.post(reverse("other-places-end"))
        assert [is_signed_in(one) for one in (here, elsewhere)] == [True, False]
        assert bearer_of(pair.access, now=NOW) is None
        assert bearer_of(secret, now=NOW), "a token of one's own is no place: it is revoked by name"

    def test_a_program_ends_at_once(self, alice: User, here: Client) -> None:
        with time_machine.travel(NOW, tick=False):
            pair = services.open_family(user=alice, device="curl/8.5.0", now=NOW)
            assert "curl 8.5.0" in here.get(URL).content.decode()
            here.post(reverse("program-end", args=[alice.token_families.get().pk]))
            assert bearer_of(pair.access, now=NOW) is None
            assert services.refresh_tokens(refresh=pair.refresh, now=NOW) is None
            assert "curl 8.5.0" not in here.get(URL).content.decode()

    def test_a_stranger_ends_nothing(self, alice: User, here: Client, charlie_client: Client) -> None:
        services.open_family(user=alice, device="curl/8.5.0", now=NOW)
        number, family = here.session["sign_in"], alice.token_families.get().pk
        assert charlie_client.post(reverse("place-end", args=[number])).status_code == 404
        assert charlie_client.post(reverse("program-end", args=[family])).status_code == 404
        charlie_client.post(reverse("other-places-end"))
        assert is_signed_in(here)
        assert alice.token_families.exists()

    def test_the_one_that_asks_is_marked_and_first(self, here: Client, elsewhere: Client) -> None:
        places = here.get(URL).context["places"]
        assert [place.is_here for place in places] == [True, False]
        assert "This browser" in here.get(URL).content.decode()

    def test_those_not_seen_for_the_life_of_a_session_are_not_listed(self, alice: User, here: Client) -> None:
        SignIn.objects.create(
            owner=alice,
            stamp=alice.stamp,
            device="Old",
            created_at=NOW,
            last_seen_at=NOW - timedelta(days=15),
        )
        with time_machine.travel(NOW, tick=False):
            here = opened(signed_in(alice))
            assert "Old" not in here.get(URL).content.decode()
        services.forget_expired(now=NOW)
        assert not SignIn.objects.filter(device="Old").exists()


class TestANewPassword:
    form = {"old_password": PASSWORD, "new_password1": OTHER, "new_password2": OTHER}

    def test_it_leaves_this_browser_alone_in_the_list(self, alice: User) -> None:
        here, elsewhere = opened(signed_in(alice)), opened(signed_in(alice))
        number = here.session["sign_in"]
        pair = services.open_family(user=alice, device="curl/8.5.0", now=NOW)
        here.post(reverse("password_change"), self.form)
        assert [place.pk for place in here.get(URL).context["places"]] == [number]
        assert not is_signed_in(elsewhere)
        assert bearer_of(pair.access, now=NOW) is None

    def test_so_does_one_that_the_administration_sets(self, alice: User) -> None:
        here = opened(signed_in(alice))
        secret = services.make_api_token(owner=alice, name="Script", may_write=False, days=None, now=NOW)
        office = signed_in(User.objects.create_superuser("root", "root@example.org", "a-long-password"))
        form = {"usable_password": "true", "password1": OTHER, "password2": OTHER}
        office.post(f"/admin/accounts/user/{alice.pk}/password/", form)
        alice.refresh_from_db()
        assert alice.check_password(OTHER)
        assert not is_signed_in(here)
        assert bearer_of(secret, now=NOW) is None

    def test_the_page_says_so(self, alice_client: Client) -> None:
        page = alice_client.get(URL).content.decode()
        assert "signs out every other browser and program, and revokes all API tokens" in page


class TestTheDemoAccount:
    @pytest.fixture
    def demo(self, settings) -> User:
        settings.DEMO = True
        return User.objects.create_user("demo", "demo@example.org", "demo", is_demo=True)

    def test_nobody_sees_or_ends_the_sign_ins_of_others(self, demo: User) -> None:
        here, elsewhere = opened(signed_in(demo)), opened(signed_in(demo))
        pair = services.open_family(user=demo, device="curl/8.5.0", now=NOW)
        assert len(here.get(URL).context["places"]) == 1
        here.post(reverse("place-end", args=[elsewhere.session["sign_in"]]))
        here.post(reverse("program-end", args=[demo.token_families.get().pk]))
        page = here.post(reverse("other-places-end"), follow=True).content.decode()
        assert "The demo account is everybody" in page
        assert is_signed_in(elsewhere)
        assert bearer_of(pair.access, now=NOW)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/126.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        ("curl/8.5.0", "curl 8.5.0"),
        ("python-requests/2.32.3", "python-requests 2.32.3"),
        ("x" * 200, "x" * 40),
        ("", "Unknown device"),
    ],
)
def test_a_device_reads_as_a_person_would_say_it(said: str, words: str) -> None:
    assert in_words(said) == words
