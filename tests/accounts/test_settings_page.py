"""Settings and the switches beside each page: each section saves on its own, nothing leads elsewhere."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.models import User
from accounts.services.people import WRONG_PASSWORD
from accounts.throttle import TOO_OFTEN
from accounts.views.sections import SECTIONS

pytestmark = pytest.mark.django_db

URL = "/accounts/settings/"
DISPLAY_URL = "/accounts/settings/display/"
PASSWORD = "alice-has-a-long-password"
PROFILE = {"name": "Alice Archer", "email": "archer@example.org", "password": PASSWORD}
DISPLAY = {
    "section": "display",
    "currency": "EUR",
    "timezone": "Asia/Tokyo",
    "unit": "sats",
    "theme": "dark",
    "locale": "de-DE",
    "gain": "blue",
}


def stored(user: User, *fields: str) -> tuple[str, ...]:
    user.refresh_from_db()
    return tuple(getattr(user, field) for field in fields)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
@pytest.mark.parametrize("name", ["settings", "settings-display", "settings-security", "register"])
def test_a_page_with_a_form_takes_no_other_methods(name: str, method: str, alice_client: Client) -> None:
    response = getattr(alice_client, method)(reverse(name))
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")


class TestSections:
    def test_the_profile_saves_alone(self, alice: User, alice_client: Client) -> None:
        response = alice_client.post(URL, PROFILE, follow=True)
        assert "Profile saved." in response.content.decode()
        assert stored(alice, "first_name", "email", "currency") == (
            "Alice Archer",
            "archer@example.org",
            "USD",
        )

    @pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper(), "x" * 5000])
    def test_another_address_needs_the_password(
        self, alice: User, alice_client: Client, password: str
    ) -> None:
        response = alice_client.post(URL, PROFILE | {"password": password})
        assert response.status_code == 422
        assert response.context["profile"].errors["password"]
        assert password not in response.content.decode() or not password
        assert stored(alice, "first_name", "email") == ("", "alice@example.org")

    def test_guessing_it_is_bounded_for_form_and_api_together(
        self, alice: User, alice_client: Client, settings
    ) -> None:
        settings.LOGIN_FAILURES_PER_HOUR = 2
        wrong, body = PROFILE | {"password": "wrong"}, {"email": PROFILE["email"], "password": "wrong"}
        assert alice_client.post(URL, wrong).context["profile"].errors["password"] == [WRONG_PASSWORD]
        told = alice_client.patch("/api/auth/me", body, "application/json").json()
        assert told["errors"] == {"password": [WRONG_PASSWORD]}
        assert alice_client.post(URL, PROFILE).context["profile"].errors["password"] == [TOO_OFTEN]
        told = alice_client.patch("/api/auth/me", body | {"password": PASSWORD}, "application/json").json()
        assert told["errors"] == {"password": [TOO_OFTEN]}
        assert stored(alice, "email") == ("alice@example.org",)

    def test_another_name_does_not(self, alice: User, alice_client: Client) -> None:
        alice_client.post(URL, {"name": "Alice Archer", "email": alice.email})
        assert stored(alice, "first_name", "email") == ("Alice Archer", "alice@example.org")

    def test_the_display_saves_alone(self, alice: User, alice_client: Client) -> None:
        response = alice_client.post(DISPLAY_URL, DISPLAY)
        assert response["Location"] == DISPLAY_URL
        assert stored(alice, "currency", "timezone", "unit", "theme", "email") == (
            "EUR", "Asia/Tokyo", "sats", "dark", "alice@example.org",
        )  # fmt: skip

    def test_a_theme_is_for_this_device_too(self, alice_client: Client) -> None:
        alice_client.post(DISPLAY_URL, DISPLAY)
        assert 'data-theme="dark"' in alice_client.get(URL).content.decode()
        alice_client.post(DISPLAY_URL, DISPLAY | {"theme": "auto"})
        assert "data-theme" not in alice_client.get(URL).content.decode()

    def test_the_device_remembers_what_is_switched_off(self, alice_client: Client) -> None:
        alice_client.post(DISPLAY_URL, {"section": "device", "live": "on"})
        page = alice_client.get(URL).content.decode()
        assert 'data-shortcuts="off"' in page
        assert 'data-live="off"' not in page

    @pytest.mark.parametrize(
        ("form", "field", "value"),
        [
            (PROFILE, "email", "nobody"),
            (PROFILE, "email", "nul\x00@example.org"),
            (PROFILE, "name", "x" * 151),
            (PROFILE, "name", "nul\x00byte"),
            (DISPLAY, "currency", "XYZ"),
            (DISPLAY, "timezone", "Europe/Atlantis"),
            (DISPLAY, "unit", "gold"),
            (DISPLAY, "theme", "\x00"),
        ],
    )
    def test_it_refuses_what_does_not_fit_beside_the_field(
        self, alice: User, alice_client: Client, form, field: str, value: str
    ) -> None:
        before = stored(alice, "first_name", "email", "currency", "timezone", "unit", "theme")
        section = form.get("section", "profile")
        response = alice_client.post(URL if form is PROFILE else DISPLAY_URL, form | {field: value})
        assert response.status_code == 422
        assert response.context[section].errors[field]
        assert stored(alice, "first_name", "email", "currency", "timezone", "unit", "theme") == before

    def test_an_unknown_section_is_a_bad_request(self, alice_client: Client) -> None:
        assert alice_client.post(DISPLAY_URL, {"section": "admin"}).status_code == 400

    def test_opening_the_page_keeps_a_zone_that_is_not_offered(
        self, alice: User, alice_client: Client
    ) -> None:
        services.change_display(user=alice, timezone="Etc/GMT+5")
        assert '<option value="Etc/GMT+5" selected>' in alice_client.get(DISPLAY_URL).content.decode()

    def test_each_says_where_one_is(self, alice_client: Client) -> None:
        for name, label in SECTIONS.items():
            page = alice_client.get(reverse(name)).content.decode()
            assert f'aria-current="page">{label}</a>' in page
            assert f"<title>{label} · Settings · Bitfolio</title>" in page


class TestSwitches:
    def switch(self, client: Client, **form: str):
        return client.post(reverse("display"), form)

    def test_the_unit_is_kept_with_the_account(self, alice: User, alice_client: Client) -> None:
        response = self.switch(alice_client, unit="btc", next="/transactions/?asset=BTC")
        assert response["Location"] == "/transactions/?asset=BTC"
        assert stored(alice, "unit", "theme") == ("btc", "auto")

    def test_hidden_amounts_are_kept_on_the_device(self, alice_client: Client) -> None:
        assert self.switch(alice_client, private="1").cookies["private"].value == "1"
        assert "data-private" in alice_client.get(URL).content.decode()

    def test_a_theme_is_kept_on_both(self, alice: User, alice_client: Client) -> None:
        assert self.switch(alice_client, theme="dark").cookies["theme"].value == "dark"
        assert stored(alice, "theme") == ("dark",)

    def test_htmx_is_told_to_read_the_page_again(self, alice_client: Client) -> None:
        response = alice_client.post(reverse("display"), {"unit": "sats"}, headers={"HX-Request": "true"})
        assert response["HX-Refresh"] == "true"

    @pytest.mark.parametrize("form", [{"unit": "gold"}, {"theme": "\x00"}, {"private": "2"}])
    def test_it_refuses_the_unknown(self, alice: User, alice_client: Client, form) -> None:
        assert self.switch(alice_client, **form).status_code == 400
        assert stored(alice, "unit", "theme") == ("currency", "auto")

    @pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "\x00", "javascript:x"])
    def test_it_never_leads_to_another_site(self, alice_client: Client, elsewhere: str) -> None:
        assert self.switch(alice_client, unit="btc", next=elsewhere)["Location"] == reverse("dashboard")

    @pytest.mark.parametrize(
        "said", ["foo", "login", "http://[", "//[", "/" + "x" * 100_000, "/\u00e9" * 9000]
    )
    def test_what_is_no_path_leads_to_the_first_page_with_everything_kept(
        self, alice: User, alice_client: Client, said: str
    ) -> None:
        response = self.switch(alice_client, theme="dark", next=said)
        assert (response.status_code, response["Location"]) == (302, reverse("dashboard"))
        assert response.cookies["theme"].value == "dark"
        assert stored(alice, "theme") == ("dark",)

    def test_without_an_address_it_leads_to_where_the_browser_was(self, alice_client: Client) -> None:
        form, url = {"unit": "btc"}, reverse("display")
        here = alice_client.post(url, form, headers={"referer": "http://testserver/prices/"})
        elsewhere = alice_client.post(url, form, headers={"referer": "https://evil.example/"})
        assert (here["Location"], elsewhere["Location"]) == (
            "http://testserver/prices/",
            reverse("dashboard"),
        )


class TestService:
    def test_it_writes_only_what_it_was_given(self, alice: User) -> None:
        elsewhere = User.objects.get(pk=alice.pk)
        services.change_display(user=alice, currency="EUR")
        services.change_display(user=elsewhere, unit="btc")
        assert stored(alice, "currency", "unit") == ("EUR", "btc")

    @pytest.mark.parametrize("wrong", [{"currency": "XYZ"}, {"unit": "gold"}, {"timezone": "Mars/Base"}])
    def test_it_refuses_what_the_fields_refuse(self, alice: User, wrong) -> None:
        with pytest.raises(ValidationError):
            services.change_display(user=alice, **wrong)
