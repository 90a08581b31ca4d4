"""Opening an account: what is asked, what is refused, and that one name is one person."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.forms import RegisterForm
from accounts.models import User

pytestmark = pytest.mark.django_db

URL = "/accounts/register/"


def filled_in(**other: str) -> dict[str, str]:
    return {
        "username": "dora",
        "email": "dora@example.org",
        "password": "dora-has-a-long-password",
        "currency": "EUR",
        "timezone": "Europe/Vienna",
    } | other


class TestTheForm:
    @pytest.mark.parametrize(
        ("wrong", "name"),
        [({}, "username"), ({"password": "123"}, "password"), ({"email": "x", "password": "1"}, "email")],
    )
    def test_the_cursor_stands_where_something_is_wrong(
        self, client: Client, wrong: dict[str, str], name: str
    ) -> None:
        page = (client.post(URL, filled_in(**wrong)) if wrong else client.get(URL)).content.decode()
        assert page.count("autofocus") == 1
        assert [each for each in re.findall("<input[^>]*>", page) if "autofocus" in each and name in each]

    def test_it_opens_an_account_and_signs_in(self, client: Client) -> None:
        response = client.post(URL, filled_in())
        assert response["Location"] == reverse("welcome")
        dora = User.objects.get()
        assert (dora.username, dora.email, dora.currency) == ("dora", "dora@example.org", "EUR")
        assert dora.check_password("dora-has-a-long-password")
        assert client.session["_auth_user_id"] == str(dora.pk)

    def test_an_address_sends_it_so_many_times_in_an_hour_hints_not_counted(
        self, client: Client, settings
    ) -> None:
        settings.ACCOUNT_FORMS_PER_HOUR = 2
        hint = {"HX-Request": "true", "HX-Trigger-Name": "password"}
        assert {client.post(URL, {"password": "x"}, headers=hint).status_code for _ in range(4)} == {200}
        wrong = filled_in(email="")
        answers = [client.post(URL, wrong, headers={"HX-Request": "true"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [422, 422, 429]
        assert answers[2]["Retry-After"] == "3600"
        assert client.post(URL, filled_in()).status_code == 429
        assert not User.objects.exists()

    def test_it_keeps_the_time_zone_that_the_browser_names(self, client: Client) -> None:
        client.post(URL, filled_in())
        assert User.objects.get().timezone == "Europe/Vienna"

    @pytest.mark.parametrize(
        ("accepted", "locale"),
        [("en-US,en;q=0.9", "en-US"), ("de-AT,de;q=0.9", "de-DE"), ("en", "en"), ("zh-CN", "en"), ("", "en")],
    )
    def test_it_writes_as_the_browser_says_before_anything_is_confirmed(
        self, client: Client, accepted: str, locale: str
    ) -> None:
        client.post(URL, filled_in(), headers={"Accept-Language": accepted})
        assert User.objects.get().locale == locale
        page = client.get(reverse("welcome"), headers={"Accept-Language": accepted}).content.decode()
        assert f'<option value="{locale}" selected>' in page

    @pytest.mark.parametrize("zone", ["", "Europe/Atlantis", "../../etc/passwd", "x" * 5000])
    def test_an_unknown_time_zone_becomes_utc(self, client: Client, zone: str) -> None:
        client.post(URL, filled_in(timezone=zone))
        assert User.objects.get().timezone == "UTC"

    @pytest.mark.parametrize("taken", ["alice", "ALICE", "Alice"])
    def test_it_refuses_a_name_that_is_taken_in_any_case(
        self, client: Client, alice: User, taken: str
    ) -> None:
        response = client.post(URL, filled_in(username=taken))
        assert response.status_code == 422
        assert "already exists" in response.content.decode()
        assert User.objects.count() == 1

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("username", ""),
            ("username", "two words"),
            ("username", "nul\x00byte"),
            ("username", "x" * 151),
            ("email", ""),
            ("email", "nobody"),
            ("email", "nul\x00@example.org"),
            ("email", "x" * 250 + "@example.org"),
            ("password", ""),
            ("password", "short"),
            ("password", "12345678901234"),
            ("password", "password1234"),
            ("password", "dora@example.org"),
            ("password", "nul\x00byte-in-a-password"),
            ("password", "x" * 5000),
            ("currency", "XYZ"),
            ("currency", "EUR\x00"),
        ],
    )
    def test_it_refuses_what_does_not_fit_and_says_so_beside_the_field(
        self, client: Client, field: str, value: str
    ) -> None:
        response = client.post(URL, filled_in(**{field: value}))
        assert response.status_code == 422
        assert field in response.context["form"].errors
        assert f'id="id_{field}_error"' in response.content.decode()
        assert not User.objects.exists()

    def test_it_never_sends_the_password_back(self, client: Client) -> None:
        response = client.post(URL, filled_in(email="nobody"))
        assert "dora-has-a-long-password" not in response.content.decode()

    def test_it_names_every_currency(self) -> None:
        choices = dict(RegisterForm().fields["currency"].choices)
        assert choices["EUR"] == "EUR · Euro"
        assert len(choices) == 29

    def test_the_password_can_be_tried_before_the_rest_is_filled_in(self, client: Client) -> None:
        headers = {"HX-Request": "true", "HX-Trigger-Name": "password"}
        response = client.post(URL, {"password": "12345678"}, headers=headers)
        text = response.content.decode()
        assert response.status_code == 200
        assert "entirely numeric" in text
        assert "<form" not in text

    def test_somebody_signed_in_goes_to_the_dashboard(self, alice_client: Client) -> None:
        assert alice_client.get(URL)["Location"] == reverse("dashboard")


class TestTheService:
    def test_it_refuses_a_currency_without_rates(self) -> None:
        with pytest.raises(ValidationError, match="no exchange rates"):
            services.register_user(username="dora", email="", password="x", currency="XYZ")

    def test_the_database_itself_refuses_a_name_in_another_case(self, alice: User, monkeypatch) -> None:
        monkeypatch.setattr(User, "full_clean", lambda *_, **__: None)  # as in a race: both had been free
        with pytest.raises(ValidationError, match="already exists"):
            services.register_user(username="ALICE", email="a@example.org", password="x", currency="USD")
        assert User.objects.get() == alice

    def test_the_later_of_two_registrations_at_one_moment_hears_why(
        self, client: Client, alice: User, monkeypatch
    ) -> None:
        monkeypatch.setattr(User, "full_clean", lambda *_, **__: None)
        monkeypatch.setattr(User, "validate_constraints", lambda *_, **__: None)
        response = client.post(URL, filled_in(username="alice"))
        assert response.status_code == 422
        assert "already exists" in response.content.decode()
