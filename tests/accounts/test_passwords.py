"""Changing and resetting a password: the old sessions end, links work once, mail names nobody else's host."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services.people import WRONG_PASSWORD
from accounts.throttle import TOO_OFTEN
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

OLD, NEW = "alice-has-a-long-password", "another-long-passphrase"


class TestChange:
    form = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}

    def test_it_ends_the_other_sessions_and_keeps_this_one(self, alice: User) -> None:
        here, elsewhere = signed_in(alice), signed_in(alice)
        response = here.post(reverse("password_change"), self.form, follow=True)
        assert "Password changed" in response.content.decode()
        assert here.get(reverse("settings")).status_code == 200
        assert elsewhere.get(reverse("settings")).status_code == 302

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("old_password", "wrong"),
            ("new_password1", ""),
            ("new_password2", "something else"),
            ("new_password2", "nul\x00byte"),
        ],
    )
    def test_it_refuses_what_does_not_fit(self, alice: User, alice_client: Client, field, value) -> None:
        response = alice_client.post(reverse("password_change"), self.form | {field: value})
        assert response.context["form"].errors
        alice.refresh_from_db()
        assert alice.check_password(OLD)

    def test_a_page_of_text_is_no_password(self, alice: User, alice_client: Client) -> None:
        """Hashed, it would be kept; the form that deletes the account would refuse it."""
        long = "x7" * 2049
        response = alice_client.post(
            reverse("password_change"), self.form | {"new_password1": long, "new_password2": long}
        )
        assert "at most 4096 characters" in str(response.context["form"].errors["new_password1"])
        alice.refresh_from_db()
        assert alice.check_password(OLD)

    def test_guessing_the_old_one_is_bounded_together_with_other_forms_that_ask_for_it(
        self, alice: User, alice_client: Client, settings
    ) -> None:
        settings.LOGIN_FAILURES_PER_HOUR = 3
        address, wrong = reverse("password_change"), self.form | {"old_password": "wrong"}
        for _ in range(2):
            told = alice_client.post(address, wrong).context["form"].errors["old_password"]
            assert told == [WRONG_PASSWORD]
        alice_client.post(reverse("settings"), {"email": "other@example.org", "password": "wrong"})
        told = alice_client.post(address, self.form).context["form"].errors["old_password"]
        assert told == [TOO_OFTEN]
        alice.refresh_from_db()
        assert alice.check_password(OLD)

    def test_the_right_one_counts_for_nothing(self, alice: User, alice_client: Client, settings) -> None:
        settings.LOGIN_FAILURES_PER_HOUR = 1
        short = self.form | {"new_password2": "something else"}
        for _ in range(3):
            refused = alice_client.post(reverse("password_change"), short).context["form"].errors
            assert set(refused) == {"new_password2"}
        assert alice_client.post(reverse("password_change"), self.form).status_code == 302

    def test_the_administration_has_no_second_form_that_asks_for_it(self, alice: User) -> None:
        User.objects.filter(pk=alice.pk).update(is_staff=True)
        for send in (signed_in(alice).get, signed_in(alice).post):
            response = send("/admin/password_change/", self.form | {"old_password": "wrong"})
            assert (response.status_code, response["Location"]) == (302, reverse("password_change"))

    def test_the_demo_account_keeps_its_password(self, settings) -> None:
        settings.DEMO = True
        demo = User.objects.create_user("demo", "demo@example.org", OLD, is_demo=True)
        response = signed_in(demo).post(reverse("password_change"), self.form)
        assert "The demo account keeps its password" in response.content.decode()
        demo.refresh_from_db()
        assert demo.check_password(OLD)


class TestReset:
    def ask(self, client: Client, email: str = "alice@example.org") -> str:
        """Ask for a link and return its address, or "" when no mail was sent."""
        response = client.post(reverse("password_reset"), {"email": email}, follow=True)
        assert "Look into your mail" in response.content.decode()
        found = re.search(r"http://testserver(/\S+)", mail.outbox[0].body) if mail.outbox else None
        return found[1] if found else ""

    def open(self, client: Client, link: str) -> str:
        """Follow a link to the form behind it, which stands at an address without the token."""
        return client.get(link, follow=True).redirect_chain[-1][0]

    def test_a_link_sets_a_new_password_and_ends_every_session(self, alice: User, client: Client) -> None:
        elsewhere = signed_in(alice)
        address = self.open(client, self.ask(client))
        response = client.post(address, {"new_password1": NEW, "new_password2": NEW}, follow=True)
        assert "Your new password is set" in response.content.decode()
        assert elsewhere.get(reverse("settings")).status_code == 302
        assert client.post(reverse("login"), {"username": "alice", "password": NEW}).status_code == 302

    def test_a_link_works_once(self, alice: User, client: Client) -> None:
        link = self.ask(client)
        client.post(self.open(client, link), {"new_password1": NEW, "new_password2": NEW})
        assert "This link no longer works" in client.get(link, follow=True).content.decode()

    def test_an_unknown_address_hears_the_same_and_gets_no_mail(self, client: Client) -> None:
        assert self.ask(client, "nobody@example.org") == ""

    def test_the_demo_account_gets_no_mail(self, client: Client) -> None:
        User.objects.create_user("demo", "demo@example.org", "demo", is_demo=True)
        assert self.ask(client, "demo@example.org") == ""

    def test_the_mail_names_the_account_and_this_host(self, alice: User, client: Client) -> None:
        self.ask(client)
        message = mail.outbox[0]
        assert message.subject == "Reset your Bitfolio password"
        assert "account alice at testserver" in message.body
        assert message.to == ["alice@example.org"]

    def test_a_configured_address_stands_in_the_mail_whatever_the_request_says(
        self, alice: User, client: Client, settings
    ) -> None:
        settings.SITE_URL = "https://bitfolio.example.org"
        self.ask(client)
        body = mail.outbox[0].body
        assert "https://bitfolio.example.org/accounts/reset/" in body
        assert "account alice at bitfolio.example.org" in body
        assert "testserver" not in body

    def test_an_address_sends_so_many_requests_in_an_hour_and_hears_when_to_come_back(
        self, alice: User, client: Client, settings
    ) -> None:
        settings.ACCOUNT_FORMS_PER_HOUR = 2
        form = {"email": "alice@example.org"}
        answers = [client.post(reverse("password_reset"), form) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [302, 302, 429]
        assert answers[2]["Retry-After"] == "3600"
        assert "Try again in 60 minutes" in answers[2].content.decode()
        assert len(mail.outbox) == 2
        assert client.get(reverse("password_reset")).status_code == 200
        other = {"email": "bob@example.org"}
        elsewhere = [
            client.post(reverse("password_reset"), each, REMOTE_ADDR="192.0.2.7").status_code
            for each in (form, other)
        ]
        assert elsewhere == [429, 302], "one address of mail is not flooded from many places"

    def test_a_forged_host_is_refused(self, alice: User, client: Client) -> None:
        response = client.post(
            reverse("password_reset"), {"email": "alice@example.org"}, headers={"host": "evil.example"}
        )
        assert response.status_code == 400
        assert mail.outbox == []

    @pytest.mark.parametrize(
        "link", ["MQ/x", "x/y", "%00/y", "MQ/" + "z" * 2000, "OTk5OTk5OTk5OTk5OTk5OTk5OTk5/a-b"]
    )
    def test_an_invented_link_says_that_it_does_not_work(self, client: Client, link: str) -> None:
        response = client.get(f"/accounts/reset/{link}/")
        assert response.status_code == 200
        assert "This link no longer works" in response.content.decode()

    @pytest.mark.parametrize("email", ["", "nobody", "nul\x00@example.org", "x" * 300 + "@example.org"])
    def test_what_is_no_address_is_refused_by_the_form(self, client: Client, email: str) -> None:
        response = client.post(reverse("password_reset"), {"email": email})
        assert response.context["form"].errors["email"]
