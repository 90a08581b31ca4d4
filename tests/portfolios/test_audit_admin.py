"""The audit trail in the administrator's door, and what that door refuses for its sake."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from portfolios.models import Portfolio, Transaction
from tests.conftest import signed_in
from tests.factories import PortfolioFactory, day, record
from tests.portfolios.page import Page
from tests.portfolios.test_admin import stated, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Client:
    return signed_in(User.objects.create_superuser("root", "root@example.org", "a-long-password"))


@pytest.fixture
def savings(alice) -> Portfolio:
    return PortfolioFactory(owner=alice, name="Savings")


@pytest.fixture
def bought(savings) -> Transaction:
    return record(savings, "buy", "1", "2024-06-01", unit_price="100")


class TestLostUpdates:
    def test_a_form_that_was_opened_before_another_change_saves_nothing(self, office, bought) -> None:
        page = office.get(url("transaction", "change", bought.pk))
        opened = page.context["adminform"].form["opened_version"].value()
        form = stated(quantity="3", opened_version=opened)
        assert (opened, 'name="opened_version" value="1"' in page.content.decode()) == (1, True)
        assert office.post(url("transaction", "change", bought.pk), form).status_code == 302
        answer = office.post(url("transaction", "change", bought.pk), form | {"quantity": "4"})
        assert "was changed elsewhere since you opened it, so nothing was saved" in Page(answer).text
        bought.refresh_from_db()
        assert (bought.version, bought.quantity) == (2, 3)

    @pytest.mark.parametrize("version", ["x", "-1", "1.5", "\x00", "9" * 40])
    def test_a_version_that_is_none_is_an_error_of_the_form(self, office, bought, version) -> None:
        form = stated(quantity="3", opened_version=version)
        assert office.post(url("transaction", "change", bought.pk), form).status_code == 200
        bought.refresh_from_db()
        assert bought.version == 1

    def test_what_was_deleted_too_long_ago_stays_so_and_says_why(self, office, bought) -> None:
        Transaction.objects.update(deleted_at=day("2024-07-01"))
        form = {"action": "restore_selected", "_selected_action": [bought.pk]}
        answer = office.post(url("transaction", "changelist") + "?deleted=yes", form, follow=True)
        assert "more than 30 days ago" in Page(answer).text
        assert not Transaction.objects.kept().exists()


class TestAuditTrail:
    @pytest.fixture
    def changed(self, office, bought) -> Transaction:
        office.post(url("transaction", "change", bought.pk), stated(quantity="3"))
        return bought

    def test_it_names_who_did_what(self, office, savings, changed) -> None:
        page = Page(office.get(url("historicaltransaction", "changelist")))
        assert "changed root" in page.text
        assert "recorded the system" in page.text
        User.objects.filter(username="root").update(username="gone")
        line = Transaction.history.get(history_user_id__isnull=False)
        line.history_user_id = 10**6
        line.save()
        text = Page(office.get(url("historicaltransaction", "change", line.pk))).text
        assert "user 1000000, deleted since" in text

    def test_an_administrators_change_is_one_line_and_told_to_the_owner_without_a_name(
        self, office, alice_client, changed
    ) -> None:
        assert Transaction.history.count() == 2
        page = Page(alice_client.get(reverse("transaction-history", args=[changed.pk])))
        assert "Changed by an administrator" in page.text
        assert "root" not in page.html

    def test_it_is_found_by_number_owner_and_act(self, office, changed) -> None:
        for query, found in (
            ({"act": "changed"}, 1), ({"act": "deleted"}, 0), ({"act": "x"}, 0), ({}, 2),
            ({"q": str(changed.pk)}, 2), ({"q": "alice"}, 2), ({"q": "bob"}, 0),
        ):  # fmt: skip
            answer = office.get(url("historicaltransaction", "changelist"), query)
            assert answer.context["cl"].result_count == found

    @pytest.mark.parametrize("model", [Transaction, Portfolio])
    def test_it_can_be_read_and_nothing_else(self, office, changed, model) -> None:
        line = model.history.latest()
        name = type(line)._meta.model_name
        assert office.get(url(name, "change", line.pk)).status_code == 200
        assert office.get(url(name, "add")).status_code == 403
        assert office.post(url(name, "change", line.pk), {"name": "x"}).status_code == 403
        assert office.post(url(name, "delete", line.pk), {"post": "yes"}).status_code == 403
        form = {"action": "delete_selected", "_selected_action": [line.pk], "post": "yes"}
        office.post(url(name, "changelist"), form)
        assert model.history.filter(pk=line.pk).exists()

    def test_what_a_line_refers_to_may_be_gone(self, office, changed) -> None:
        Transaction.history.update(fee_asset_id=10**6, to_portfolio_id=10**6, asset_id=10**6)
        line = Transaction.history.latest()
        assert office.get(url("historicaltransaction", "changelist")).status_code == 200
        assert office.get(url("historicaltransaction", "change", line.pk)).status_code == 200

    def test_each_change_of_a_portfolio_is_one_line(self, office, savings) -> None:
        form = {"name": "Cold", "currency": "USD", "cost_method": "fifo"}
        for _ in range(2):
            office.post(url("portfolio", "change", savings.pk), form)
        lines = Portfolio.history.order_by("history_id").values_list("name", "cost_method")
        assert list(lines) == [("Savings", "average"), ("Cold", "average"), ("Cold", "fifo")]
