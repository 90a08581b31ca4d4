"""Making, renaming and deleting a portfolio, and another cost method for one."""

import pytest
from django.urls import reverse

from portfolios.models import Portfolio, Transaction
from portfolios.services import delete_transaction
from tests.factories import NOW, PortfolioFactory, record
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]


@pytest.fixture
def savings(half_sold) -> Portfolio:
    return half_sold


class TestMakingRenamingDeleting:
    def test_a_new_portfolio_is_made_and_shown(self, alice_client, alice) -> None:
        answer = alice_client.post(reverse("portfolio-new"), {"name": "Cold storage", "currency": "EUR"})
        made = Portfolio.objects.get()
        assert (made.owner, made.name, made.currency) == (alice, "Cold storage", "EUR")
        assert (answer.status_code, answer["Location"]) == (303, reverse("portfolio", args=[made.pk]))
        assert "Portfolio “Cold storage” is ready." in Page(alice_client.get(answer["Location"])).text

    @pytest.mark.parametrize(
        ("name", "currency"),
        [("", "USD"), ("Savings", "USD"), ("x" * 81, "USD"), ("a\x00b", "USD"), ("x", "XXX"), ("x", "")],
    )
    @pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
    def test_what_can_not_be_one_is_refused_on_the_form(
        self, alice_client, savings, name, currency, headers
    ) -> None:
        answer = alice_client.post(
            reverse("portfolio-new"), {"name": name, "currency": currency}, headers=headers
        )
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.content.decode()
        assert ("<html" in answer.content.decode()) is (not headers)
        assert Portfolio.objects.count() == 1

    def test_htmx_is_sent_to_the_new_portfolio(self, alice_client) -> None:
        form = {"name": "Cold storage", "currency": "EUR"}
        answer = alice_client.post(reverse("portfolio-new"), form, headers={"HX-Request": "true"})
        assert answer["HX-Redirect"] == reverse("portfolio", args=[Portfolio.objects.get().pk])

    def test_a_name_can_be_changed(self, alice_client, savings) -> None:
        answer = alice_client.post(reverse("portfolio-edit", args=[savings.pk]), {"name": "Nest egg"})
        savings.refresh_from_db()
        assert (answer.status_code, savings.name) == (303, "Nest egg")

    def test_a_name_that_is_taken_is_refused_and_shown_nowhere(self, alice_client, alice, savings) -> None:
        PortfolioFactory(owner=alice, name="Taken")
        answer = alice_client.post(reverse("portfolio-edit", args=[savings.pk]), {"name": "Taken"})
        page = Page(answer)
        assert page.status == 422
        assert "You already have a portfolio with this name." in page.text
        assert "Savings" in page.text

    def test_deleting_asks_for_the_name(self, alice_client, savings) -> None:
        url = reverse("portfolio-delete", args=[savings.pk])
        assert "its 2 transactions" in Page(alice_client.get(url)).text
        for name in ("", "savings", "Savings x"):
            assert alice_client.post(url, {"name": name}).status_code == 422
        assert Portfolio.objects.filter(pk=savings.pk).exists()
        answer = alice_client.post(url, {"name": "Savings"})
        assert (answer.status_code, answer["Location"]) == (303, reverse("portfolio-list"))
        assert not Portfolio.objects.exists()
        assert not Transaction.objects.exists()

    def test_one_that_a_transfer_ties_to_another_stays_and_says_why(
        self, alice_client, alice, savings
    ) -> None:
        cold = PortfolioFactory(owner=alice, name="Cold")
        record(savings, "transfer", "0.1", "2024-12-20", to_portfolio=cold)
        for tied in (savings, cold):
            page = Page(alice_client.post(reverse("portfolio-delete", args=[tied.pk]), {"name": tied.name}))
            assert page.status == 422
            assert "Delete those transfers first." in page.text
        assert Portfolio.objects.count() == 2

    def test_it_says_which_deleted_transfers_can_not_be_restored_afterwards(
        self, alice_client, alice, savings
    ) -> None:
        cold = PortfolioFactory(owner=alice, name="Cold")
        moved = record(savings, "transfer", "0.1", "2024-12-20", to_portfolio=cold)
        delete_transaction(transaction=moved, now=NOW)
        url = reverse("portfolio-delete", args=[cold.pk])
        assert "1 deleted transfer to it from other portfolios" in Page(alice_client.get(url)).text
        assert alice_client.post(url, {"name": "Cold"}).status_code == 303
        assert not Transaction.objects.filter(pk=moved.pk).exists()


class TestTheCostMethod:
    def test_it_is_chosen_when_a_portfolio_is_made(self, alice_client) -> None:
        form = {"name": "Cold storage", "currency": "EUR", "cost_method": "hifo"}
        assert alice_client.post(reverse("portfolio-new"), form).status_code == 303
        assert Portfolio.objects.get().cost_method == "hifo"

    def test_switching_shows_before_and_after_and_then_books_anew(self, alice_client, alice) -> None:
        lots = PortfolioFactory(owner=alice, name="Lots")
        for price, on in (("100", "2024-12-01"), ("300", "2024-12-02")):
            record(lots, "buy", "1", on, unit_price=price)
        record(lots, "sell", "1", "2024-12-03", unit_price="300")
        url = reverse("portfolio-method", args=[lots.pk])
        assert "Compare" in Page(alice_client.get(reverse("portfolio-edit", args=[lots.pk]))).text
        text = Page(alice_client.get(url, {"to": "fifo"})).text
        assert "Bitcoin Average cost $200.00 $200.00 +$100.00" in text
        assert "First in, first out $300.00 $300.00 +$200.00" in text
        assert "Together Average cost $200.00 — +$100.00" in text
        assert lots.holdings.get().realised == 100
        assert alice_client.post(url, {"to": "fifo"}).status_code == 303
        lots.refresh_from_db()
        assert (lots.cost_method, lots.holdings.get().realised) == ("fifo", 200)

    @pytest.mark.parametrize("to", ["", "x", "\x00"])
    def test_a_method_that_there_is_not_is_not_found(self, alice_client, savings, to) -> None:
        url = reverse("portfolio-method", args=[savings.pk])
        assert alice_client.get(url, {"to": to}).status_code == 404
        assert alice_client.post(url, {"to": to}).status_code == 404

    def test_a_stranger_neither_compares_nor_switches(self, charlie_client, savings) -> None:
        url = reverse("portfolio-method", args=[savings.pk])
        assert charlie_client.get(url, {"to": "fifo"}).status_code == 404
        assert charlie_client.post(url, {"to": "fifo"}).status_code == 404


def test_what_keeps_a_portfolio_from_being_deleted_is_said_before_its_name_is_asked(
    alice, alice_client, savings
) -> None:
    cold = PortfolioFactory(owner=alice, name="Cold")
    record(savings, "buy", "1", "2023-01-01", unit_price="10")
    moved = record(savings, "transfer", "0.5", "2024-03-05", to_portfolio=cold)
    for one in (savings, cold):
        url = reverse("portfolio-delete", args=[one.pk])
        page = Page(alice_client.get(url))
        assert "Delete those transfers first" in page.text
        assert reverse("transaction-edit", args=[moved.pk]) in page.html
        assert 'name="name"' not in page.html
        assert alice_client.post(url, {"name": one.name}).status_code == 422
    delete_transaction(transaction=moved, now=NOW)
    page = Page(alice_client.get(reverse("portfolio-delete", args=[savings.pk])))
    assert "transfers first" not in page.text
    assert 'name="name"' in page.html
