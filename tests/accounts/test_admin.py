"""Users in the admin: the fields of display, and the rules of every other door."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from portfolios.models import Transaction
from tests.conftest import signed_in
from tests.factories import PortfolioFactory, record

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


class TestDeleting:
    @pytest.fixture
    def bought(self, alice: User) -> Transaction:
        return record(PortfolioFactory(owner=alice), "buy", "1", "2024-06-01", unit_price="100")

    def test_a_user_goes_with_portfolios_and_books(self, staff: Client, alice: User, bought) -> None:
        url = f"/admin/accounts/user/{alice.pk}/delete/"
        assert "Are you sure" in staff.get(url).content.decode()
        assert staff.post(url, {"post": "yes"}).status_code == 302
        assert not User.objects.filter(pk=alice.pk).exists()
        assert not Transaction.objects.exists()

    def test_several_go_together(self, staff: Client, alice: User, charlie: User, bought) -> None:
        form = {"action": "delete_selected", "_selected_action": [alice.pk, charlie.pk], "post": "yes"}
        assert staff.post("/admin/accounts/user/", form).status_code == 302
        assert User.objects.count() == 1

    def test_staff_who_may_delete_users_alone_can_not_delete_their_books(
        self, charlie: User, charlie_client: Client, alice: User, bought
    ) -> None:
        User.objects.filter(pk=charlie.pk).update(is_staff=True)
        charlie.user_permissions.add(
            *Permission.objects.filter(codename__in=["delete_user", "view_user", "change_user"])
        )
        url = f"/admin/accounts/user/{alice.pk}/delete/"
        assert charlie_client.post(url, {"post": "yes"}).status_code == 403
        assert Transaction.objects.exists()

    @pytest.mark.parametrize("key", ["x", str(10**30), "-1", "\x00"])
    def test_what_is_no_key_chooses_nobody(self, staff: Client, key: str) -> None:
        form = {"action": "delete_selected", "_selected_action": [key], "post": "yes"}
        assert staff.post("/admin/accounts/user/", form).status_code == 302
        assert User.objects.count() == 1
