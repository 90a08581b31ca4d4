"""Signing in and out: one message for every cause, a pause after five tries, never to another site."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.django_db

URL = "/accounts/login/"
RIGHT = {"username": "alice", "password": "alice-has-a-long-password"}
WRONG = {"username": "alice", "password": "wrong"}


class TestSignIn:
    @pytest.mark.parametrize("name", ["alice", "ALICE", "Alice"])
    def test_the_name_counts_in_any_case(self, client: Client, alice: User, name: str) -> None:
        response = client.post(URL, RIGHT | {"username": name})
        assert response["Location"] == reverse("dashboard")

    def test_a_name_written_in_capitals_at_registration_signs_in_too(self, client: Client) -> None:
        User.objects.create_user("Dora", password="dora-has-a-long-password")
        response = client.post(URL, {"username": "dora", "password": "dora-has-a-long-password"})
        assert response.status_code == 302

    def test_every_cause_of_failure_reads_the_same(self, client: Client, alice: User, charlie: User) -> None:
        charlie.is_active = False
        charlie.save()
        causes = (
            WRONG,
            {"username": "nobody", "password": "wrong"},
            {"username": "charlie", "password": "charlie-has-a-long-password"},
        )
        messages = {client.post(URL, cause).context["form"].non_field_errors()[0] for cause in causes}
        assert messages == {"That username and password do not belong together. Check both, then try again."}

    def test_the_name_stays_in_the_form_and_the_password_does_not(self, client: Client, alice: User) -> None:
        response = client.post(URL, WRONG | {"password": "a-wrong-secret"})
        assert response.status_code == 422
        assert 'value="alice"' in response.content.decode()
        assert "a-wrong-secret" not in response.content.decode()

    @pytest.mark.parametrize("field", ["username", "password"])
    def test_nul_bytes_and_endless_words_are_refused_by_the_form(self, client: Client, field: str) -> None:
        for value in ("nul\x00byte", "x" * 100_000):
            assert client.post(URL, RIGHT | {field: value}).status_code == 422

    def test_somebody_signed_in_goes_to_the_dashboard(self, alice_client: Client) -> None:
        assert alice_client.get(URL)["Location"] == reverse("dashboard")

    def test_it_leads_back_to_where_one_wanted_to_go(self, client: Client, alice: User) -> None:
        assert client.post(URL, RIGHT | {"next": "/prices/BTC/"})["Location"] == "/prices/BTC/"

    @pytest.mark.parametrize(
        "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
    )
    def test_it_never_leads_to_another_site(self, client: Client, alice: User, elsewhere: str) -> None:
        assert client.post(URL, RIGHT | {"next": elsewhere})["Location"] == reverse("dashboard")


class TestTheAdminsDoor:
    def test_it_opens_to_staff_in_any_case_of_the_name(self, client: Client, alice: User) -> None:
        form = RIGHT | {"username": "ALICE", "next": "/admin/"}
        assert client.post("/admin/login/", form).status_code == 200
        User.objects.update(is_staff=True)
        assert client.post("/admin/login/", form)["Location"] == "/admin/"

    @pytest.mark.parametrize("name", ["x" * 100_000, "nul\x00byte"])
    def test_no_name_that_can_be_nobodys_reaches_the_database(self, db: None, name: str) -> None:
        with CaptureQueriesContext(connection) as queries, pytest.raises(User.DoesNotExist):
            User.objects.get_by_natural_key(name)
        assert not queries.captured_queries


class TestSignOut:
    def test_it_takes_a_post(self, alice_client: Client) -> None:
        assert alice_client.get(reverse("logout")).status_code == 405
        assert alice_client.post(reverse("logout"))["Location"] == reverse("dashboard")
        assert "_auth_user_id" not in alice_client.session


class TestTheDemoAccount:
    @pytest.fixture
    def demo(self) -> User:
        return User.objects.create_user("demo", "demo@example.org", "demo", is_demo=True)

    def test_it_signs_in_in_demo_mode_alone(self, client: Client, demo: User, settings) -> None:
        form = {"username": "demo", "password": "demo"}
        settings.DEMO = False
        assert client.post(URL, form).status_code == 422
        settings.DEMO = True
        assert client.post(URL, form).status_code == 302

    def test_every_page_says_so_in_demo_mode(self, client: Client, settings) -> None:
        settings.DEMO = True
        for name in ("dashboard", "login", "register", "password_reset", "price-list"):
            assert "sign in as demo / demo" in client.get(reverse(name)).content.decode()

    def test_an_account_of_ones_own_is_not_called_for_trying_out(
        self, client: Client, alice_client: Client, demo: User, settings
    ) -> None:
        settings.DEMO = True
        client.post(URL, {"username": "demo", "password": "demo"})
        for name in ("dashboard", "settings", "price-list"):
            page = alice_client.get(reverse(name), follow=True).content.decode()
            assert "Demo mode" in page
            assert "trying out" not in page
            assert "this account is everybody’s" in client.get(reverse(name), follow=True).content.decode()

    def test_the_way_from_the_landing_page_fills_in_what_is_asked(
        self, client: Client, demo: User, settings
    ) -> None:
        for is_on in (True, False):
            settings.DEMO = is_on
            page = client.get(URL + "?demo=1").content.decode()
            assert page.count('value="demo"') == (2 if is_on else 0)
            assert len(re.findall("<button[^>]* autofocus", page)) == is_on
            assert page.count("autofocus") == 1

    def test_what_somebody_typed_as_a_password_is_never_shown(self, client: Client, settings) -> None:
        settings.DEMO = True
        for form in ({"username": "demo", "password": "typed-wrongly"}, {"password": "typed-wrongly"}):
            assert "typed-wrongly" not in client.post(URL + "?demo=1", form).content.decode()

    def test_no_page_says_so_otherwise(self, client: Client, settings) -> None:
        settings.DEMO = False
        for name in ("dashboard", "login", "register"):
            assert "Demo mode" not in client.get(reverse(name)).content.decode()


class TestLockOut:
    @pytest.fixture(autouse=True)
    def guarded(self, settings) -> None:
        settings.AXES_ENABLED = True
        settings.AXES_FAILURE_LIMIT = 5

    def test_five_wrong_tries_bring_a_pause(self, client: Client, alice: User) -> None:
        answers = [client.post(URL, WRONG).status_code for _ in range(5)]
        assert answers == [422, 422, 422, 422, 429]
        assert client.post(URL, RIGHT).status_code == 429

    def test_the_pause_says_when_it_ends(self, client: Client, alice: User) -> None:
        for _ in range(5):
            response = client.post(URL, WRONG)
        assert response["Retry-After"] == "900"
        assert "Try again in 15 minutes" in response.content.decode()
        assert "alice" not in response.content.decode()

    def test_writing_the_name_otherwise_gives_no_further_tries(self, client: Client, alice: User) -> None:
        for name in ("alice", "ALICE", "Alice", "aLICE", "alicE"):
            response = client.post(URL, WRONG | {"username": name})
        assert response.status_code == 429

    def test_the_admins_door_counts_like_the_sites(self, client: Client, alice: User) -> None:
        User.objects.update(is_staff=True)
        door = "/admin/login/"
        names = ("alice", "ALICE", "Alice", "aLICE", "alicE", "ALice", "aliCE", "al\u0131ce")
        answers = [client.post(door, WRONG | {"username": name}).status_code for name in names]
        assert answers[4:] == [429] * 4
        assert client.post(door, RIGHT).status_code == 429
        assert client.post(URL, RIGHT).status_code == 429

    def test_names_that_databases_compare_as_equal_count_as_one(self, client: Client, alice: User) -> None:
        for name in ("al\u0131ce", "ALICE", "alice", "\uff41lice", "Alice"):
            response = client.post(URL, WRONG | {"username": name})
        assert response.status_code == 429

    @pytest.mark.parametrize("door", [URL, "/admin/login/"])
    @pytest.mark.parametrize("name", ["x" * 100_000, "nul\x00byte", ""])
    def test_impossible_names_are_an_ordinary_refusal(self, client: Client, door: str, name: str) -> None:
        assert client.post(door, WRONG | {"username": name}).status_code in (200, 422)

    def test_others_sign_in_meanwhile(self, client: Client, alice: User, charlie: User) -> None:
        for _ in range(5):
            client.post(URL, WRONG)
        form = {"username": "charlie", "password": "charlie-has-a-long-password"}
        assert client.post(URL, form).status_code == 302
