"""Users in the admin: the fields of display, and the rules of every other door."""

import pytest
from django.test import Client

from accounts.models import User
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db

ADD = "/admin/accounts/user/add/"


@pytest.fixture
def staff() -> Client:
    return signed_in(User.objects.create_superuser("root", "root@example.org", "root-has-a-long-password"))


def test_it_adds_a_user_who_can_sign_in(staff: Client, client: Client) -> None:
    password = "dora-has-a-long-password"
    form = {"username": "dora", "usable_password": "true", "password1": password, "password2": password}
    assert staff.post(ADD, form).status_code == 302
    assert client.post("/accounts/login/", {"username": "dora", "password": password}).status_code == 302


def test_it_refuses_a_name_that_is_taken_in_another_case(staff: Client, alice: User) -> None:
    form = {
        "username": "ALICE",
        "usable_password": "true",
        "password1": "a-long-one-1",
        "password2": "a-long-one-1",
    }
    assert "already exists" in staff.post(ADD, form).content.decode()


def test_it_changes_how_figures_are_shown(staff: Client, alice: User) -> None:
    url = f"/admin/accounts/user/{alice.pk}/change/"
    initial = staff.get(url).context["adminform"].form.initial
    form = {name: value for name, value in initial.items() if isinstance(value, str) and name != "password"}
    form |= {"currency": "CHF", "date_joined_0": "2025-01-01", "date_joined_1": "00:00:00", "is_active": "on"}
    assert staff.post(url, form).status_code == 302
    alice.refresh_from_db()
    assert alice.currency == "CHF"
