"""The administrator's door: every write goes through the services, so that the books stay true."""

from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from portfolios.models import Booking, DailyPosition, Disposal, Holding, Lot, Portfolio, Transaction
from tests.conftest import signed_in
from tests.factories import AssetFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.page import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Client:
    return signed_in(User.objects.create_superuser("root", "root@example.org", "a-long-password"))


@pytest.fixture
def savings(alice) -> Portfolio:
    SnapshotFactory(at=day("2024-06-01"), price=Decimal(150))
    return PortfolioFactory(owner=alice, name="Savings")


@pytest.fixture
def bought(savings) -> Transaction:
    return record(savings, "buy", "1", "2024-06-01", unit_price="100")


@pytest.fixture
def sold(savings, bought) -> Transaction:
    return record(savings, "sell", "0.5", "2024-09-01", unit_price="150")


def url(model: str, page: str, *arguments: object) -> str:
    return reverse(f"admin:portfolios_{model}_{page}", args=arguments)


def stated(**others: object) -> dict[str, object]:
    plain = {
        "kind": "buy",
        "asset": AssetFactory().pk,
        "quantity": "2",
        "unit_price": "100",
        "currency": "USD",
    }
    return plain | {"occurred_at_0": "2024-06-01", "occurred_at_1": "00:00:00", "note": ""} | others


def held(portfolio: Portfolio) -> Decimal:
    return portfolio.holdings.get().quantity


class TestTransactions:
    def test_one_is_added_and_booked(self, office, savings) -> None:
        asset = AssetFactory(symbol="ETH", is_tracked=False)
        answer = office.post(url("transaction", "add"), stated(portfolio=savings.pk, asset=asset.pk))
        assert answer.status_code == 302
        assert (held(savings), savings.bookings.get().cost) == (2, 200)
        asset.refresh_from_db()
        assert asset.is_tracked
        assert LogEntry.objects.get().object_repr == "Buy of 2024-06-01"

    def test_one_is_changed_and_booked_anew(self, office, bought) -> None:
        answer = office.post(url("transaction", "change", bought.pk), stated(quantity="3", fee="1"))
        bought.refresh_from_db()
        assert (answer.status_code, bought.version, bought.bookings.get().cost) == (302, 2, 301)
        assert held(bought.portfolio) == 3

    def test_what_the_market_priced_stays_priced_by_it(self, office, savings) -> None:
        row = record(savings, "buy", "1", "2024-06-01")
        page = office.get(url("transaction", "change", row.pk)).content.decode()
        assert "Empty: 150, as it is." in page
        office.post(url("transaction", "change", row.pk), stated(unit_price="", quantity="2"))
        row.refresh_from_db()
        assert (row.price_source, row.unit_price, row.quantity) == ("pack", 150, 2)

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [("quantity", "0,125", "Use a point for decimals"), ("quantity", "0", "above 0"),
         ("quantity", "NaN", "Enter a number"), ("kind", "x", "valid choice"), ("total", "5", "not both"),
         ("currency", "XXX", "listed currencies"),
         ("cost", "3", "takes no cost"),
         ("quantity", "0.4", "After this only")],
    )  # fmt: skip
    def test_what_the_services_refuse_is_an_error_of_the_form(
        self, office, bought, sold, field, value, said
    ) -> None:
        answer = office.post(url("transaction", "change", bought.pk), stated(**{field: value}))
        assert answer.status_code == 200
        assert said in answer.context["adminform"].form.errors[field][0]
        bought.refresh_from_db()
        assert (bought.version, held(bought.portfolio)) == (1, Decimal("0.5"))

    @pytest.mark.parametrize("page", ["add", "change"])
    def test_money_is_no_asset_of_a_transaction(self, office, savings, bought, page) -> None:
        fiat = AssetFactory(symbol="EUR", kind="fiat")
        where = url("transaction", page, *([bought.pk] if page == "change" else []))
        answer = office.post(where, stated(portfolio=savings.pk, asset=fiat.pk))
        assert answer.status_code == 200
        assert answer.context["adminform"].form.errors["asset"]
        assert Transaction.objects.get().version == 1

    @pytest.mark.parametrize("field", ["asset", "portfolio"])
    @pytest.mark.parametrize("key", ["x", str(10**30), "-1", "\x00"])
    def test_what_is_no_key_is_an_error_of_the_form(self, office, savings, field, key) -> None:
        answer = office.post(url("transaction", "add"), stated(portfolio=savings.pk) | {field: key})
        assert answer.status_code == 200
        assert answer.context["adminform"].form.errors[field]

    @pytest.mark.parametrize("action", ["restore_selected", "delete_selected"])
    @pytest.mark.parametrize("key", ["x", str(10**30), "-1"])
    def test_what_is_no_key_chooses_no_row(self, office, bought, action, key) -> None:
        form = {"action": action, "_selected_action": [key], "post": "yes"}
        assert office.post(url("transaction", "changelist"), form).status_code == 302
        assert Transaction.objects.kept().count() == 1

    @pytest.mark.parametrize("moment", [("9999-12-31", "23:59:59"), ("0001-01-01", "00:00:00")])
    @pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
    def test_a_time_beyond_the_calendar_is_an_error_of_the_form(self, office, savings, zone, moment) -> None:
        User.objects.update(timezone=zone)
        at = dict(zip(("occurred_at_0", "occurred_at_1"), moment, strict=True))
        answer = office.post(url("transaction", "add"), stated(portfolio=savings.pk, **at))
        assert answer.status_code == 200
        assert answer.context["adminform"].form.errors["occurred_at"]

    def test_an_asset_can_not_be_changed_under_a_sale(self, office, bought, sold) -> None:
        form = stated(asset=AssetFactory(symbol="ETH").pk)
        answer = office.post(url("transaction", "change", bought.pk), form)
        assert "After this only 0 BTC" in Page(answer).text

    def test_deleting_one_leaves_the_holding_true_and_the_row_restorable(self, office, bought, sold) -> None:
        page = Page(office.get(url("transaction", "delete", sold.pk)))
        assert "Are you sure" in page.text
        assert office.post(url("transaction", "delete", sold.pk), {"post": "yes"}).status_code == 302
        assert held(bought.portfolio) == 1
        form = {"action": "restore_selected", "_selected_action": [sold.pk]}
        office.post(url("transaction", "changelist") + "?deleted=yes", form)
        assert held(bought.portfolio) == Decimal("0.5")

    def test_deleting_what_a_sale_needs_is_refused_with_nothing_done(self, office, bought, sold) -> None:
        answer = office.post(url("transaction", "delete", bought.pk), {"post": "yes"}, follow=True)
        assert "After this only 0 BTC" in Page(answer).text
        assert held(bought.portfolio) == Decimal("0.5")
        assert not LogEntry.objects.exists()

    def test_several_are_deleted_together_in_an_order_that_works(self, office, bought, sold) -> None:
        form = {"action": "delete_selected", "_selected_action": [bought.pk, sold.pk], "post": "yes"}
        office.post(url("transaction", "changelist"), form)
        assert not Transaction.objects.kept().exists()
        assert not Holding.objects.exists()
        assert Transaction.objects.count() == 2

    def test_of_several_all_go_or_none(self, office, savings, bought, sold) -> None:
        other = record(savings, "buy", "1", "2024-06-01", unit_price="1", asset=AssetFactory(symbol="ETH"))
        form = {"action": "delete_selected", "_selected_action": [other.pk, bought.pk], "post": "yes"}
        answer = office.post(url("transaction", "changelist"), form, follow=True)
        assert "After this only 0 BTC" in Page(answer).text
        assert Transaction.objects.kept().count() == 3
        assert not LogEntry.objects.exists()

    def test_deleted_ones_are_shown_when_asked_for_and_can_not_be_changed(self, office, bought) -> None:
        office.post(url("transaction", "delete", bought.pk), {"post": "yes"})
        assert office.get(url("transaction", "changelist")).context["cl"].result_count == 0
        assert office.get(url("transaction", "changelist") + "?deleted=yes").context["cl"].result_count == 1
        assert office.post(url("transaction", "change", bought.pk), stated()).status_code == 403

    def test_they_are_filtered_by_kind_asset_and_owner(self, office, alice, charlie, bought, sold) -> None:
        record(PortfolioFactory(owner=charlie), "buy", "1", "2024-06-01", unit_price="1")
        for query, found in (
            ({"kind__exact": "buy"}, 2),
            ({"asset__id__exact": bought.asset_id}, 3),
            ({"portfolio__owner__id__exact": alice.pk}, 2),
            ({"q": "savings"}, 2),
        ):
            assert office.get(url("transaction", "changelist"), query).context["cl"].result_count == found

    def test_a_swap_and_a_transfer_are_entered_whole(self, office, alice, savings, bought) -> None:
        cold, eth = PortfolioFactory(owner=alice), AssetFactory(symbol="ETH")
        plain = stated(portfolio=savings.pk, quantity="0.25", unit_price="", occurred_at_0="2024-06-02")
        swap = {"kind": "swap", "to_asset": eth.pk, "to_quantity": "3", "total": "50"}
        transfer = {"kind": "transfer", "to_portfolio": cold.pk}
        for leg in (swap, transfer):
            assert office.post(url("transaction", "add"), plain | leg).status_code == 302
        assert savings.holdings.get(asset=eth).cost_basis == 50
        assert cold.holdings.get().cost_basis == 25

    def test_nothing_is_transferred_to_another_owner(self, office, charlie, savings, bought) -> None:
        foreign = PortfolioFactory(owner=charlie)
        form = stated(portfolio=savings.pk, kind="transfer", unit_price="", to_portfolio=foreign.pk)
        answer = office.post(url("transaction", "add"), form)
        assert answer.context["adminform"].form.errors["to_portfolio"] == [
            "Choose one of your own portfolios."
        ]


class TestPortfolios:
    def test_another_cost_method_books_anew(self, office, savings, bought) -> None:
        record(savings, "buy", "1", "2024-06-02", unit_price="200")
        sale = record(savings, "sell", "1", "2024-06-03", unit_price="200")
        assert sale.bookings.get().gain == 50
        form = {"name": "Savings", "currency": "USD", "cost_method": "fifo"}
        assert office.post(url("portfolio", "change", savings.pk), form).status_code == 302
        assert sale.bookings.get().gain == 100
        assert Disposal.objects.get().gain == 100

    def test_one_that_a_transfer_ties_to_another_stays(self, office, alice, savings, bought) -> None:
        record(savings, "transfer", "1", "2024-06-02", to_portfolio=PortfolioFactory(owner=alice))
        answer = office.post(url("portfolio", "delete", savings.pk), {"post": "yes"}, follow=True)
        assert "Delete those transfers first." in Page(answer).text
        assert Portfolio.objects.filter(pk=savings.pk).exists()

    def test_one_is_made_renamed_and_deleted(self, office, alice) -> None:
        office.post(
            url("portfolio", "add"),
            {"owner": alice.pk, "name": "New", "currency": "EUR", "cost_method": "fifo"},
        )
        made = Portfolio.objects.get()
        assert (made.owner, made.currency, made.cost_method) == (alice, "EUR", "fifo")
        office.post(
            url("portfolio", "change", made.pk), {"name": "Old", "currency": "USD", "cost_method": "hifo"}
        )
        made.refresh_from_db()
        assert (made.name, made.currency, made.cost_method) == ("Old", "EUR", "hifo")
        record(made, "buy", "1", "2024-06-01", unit_price="1", currency="EUR")
        assert office.post(url("portfolio", "delete", made.pk), {"post": "yes"}).status_code == 302
        assert not Portfolio.objects.exists()

    @pytest.mark.parametrize(("name", "currency"), [("Savings", "USD"), ("", "USD"), ("x", "XXX")])
    def test_what_can_not_be_one_is_an_error_of_the_form(
        self, office, alice, savings, name, currency
    ) -> None:
        form = {"owner": alice.pk, "name": name, "currency": currency, "cost_method": "average"}
        answer = office.post(url("portfolio", "add"), form)
        assert answer.status_code == 200
        assert answer.context["adminform"].form.errors
        assert Portfolio.objects.count() == 1

    def test_several_are_deleted_together(self, office, savings, bought) -> None:
        form = {"action": "delete_selected", "_selected_action": [savings.pk], "post": "yes"}
        office.post(url("portfolio", "changelist"), form)
        assert not Portfolio.objects.exists()


class TestWhoMaySee:
    @pytest.mark.parametrize("model", [Holding, Booking, DailyPosition, Lot])
    def test_what_is_derived_can_be_read_and_nothing_else(self, office, bought, model) -> None:
        name, pk = model._meta.model_name, model.objects.get().pk
        assert "100" in Page(office.get(url(name, "changelist"))).text
        assert office.get(url(name, "change", pk)).status_code == 200
        assert office.get(url(name, "add")).status_code == 403
        assert office.post(url(name, "change", pk), {"quantity": "9"}).status_code == 403
        assert office.post(url(name, "delete", pk), {"post": "yes"}).status_code == 403

    @pytest.mark.parametrize(
        "model",
        ["portfolio", "transaction", "holding", "booking", "lot", "disposal",
         "historicaltransaction", "historicalportfolio"],
    )  # fmt: skip
    def test_staff_without_permission_see_nothing(self, charlie, charlie_client, bought, model) -> None:
        User.objects.filter(pk=charlie.pk).update(is_staff=True)
        assert charlie_client.get(url(model, "changelist")).status_code == 403
        assert charlie_client.post(url(model, "changelist"), {"action": "delete_selected"}).status_code == 403
        assert "Portfolio" not in Page(charlie_client.get(reverse("admin:index"))).text

    def test_staff_who_may_delete_transactions_need_no_more(self, charlie, charlie_client, bought) -> None:
        User.objects.filter(pk=charlie.pk).update(is_staff=True)
        charlie.user_permissions.add(
            *Permission.objects.filter(codename__in=["delete_transaction", "view_transaction"])
        )
        charlie_client.post(url("transaction", "delete", bought.pk), {"post": "yes"})
        assert not Transaction.objects.kept().exists()
