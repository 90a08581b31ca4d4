"""Every kind of transaction through the form: entered, shown and booked."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from portfolios.models import Kind, Portfolio
from tests.factories import AssetFactory, PortfolioFactory
from tests.portfolios.entering import address, form
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
HTMX = {"HX-Request": "true"}
NEW = "/transactions/new/"


class TestEveryKind:
    """Each through the form; one bitcoin was bought for 101 before."""

    @pytest.fixture
    def cold(self, alice) -> Portfolio:
        return PortfolioFactory(owner=alice, name="Cold")

    @pytest.mark.parametrize(
        ("kind", "stated", "left", "cost", "realised"),
        [("sell", {"unit_price": "200"}, "0.5", "50.5", "49.5"),
         ("swap", {"total": "100"}, "0.5", "50.5", "49.5"),
         ("transfer", {}, "0.5", "50.5", "0"), ("withdrawal", {}, "0.5", "50.5", "0"),
         ("spend", {}, "0.5", "50.5", "24.5"), ("gift", {}, "0.5", "50.5", "-50.5"),
         ("lost", {}, "0.5", "50.5", "-50.5"), ("fee", {}, "0.5", "50.5", "-50.5"),
         ("buy", {"total": "75"}, "1.5", "176", "0"), ("deposit", {"cost": "9"}, "1.5", "110", "0"),
         ("income", {}, "1.5", "176", "0")],
    )  # fmt: skip
    def test_it_is_entered_shown_and_booked(
        self, alice_client, savings, cold, bought, kind, stated, left, cost, realised
    ) -> None:
        others = {"unit_price": ""} | stated
        if kind == "swap":
            others |= {"to_asset": AssetFactory(symbol="ETH").pk, "to_quantity": "2"}
        if kind == "transfer":
            others |= {"to_portfolio": cold.pk}
        page = Page(alice_client.post(NEW, form(savings, kind=kind, **others), follow=True))
        assert f"{Kind(kind).label} of 1 Jun 2024 saved." in page.text
        row = savings.transactions.filter(kind=kind).latest("pk")
        assert ("+" if row.is_acquisition else "−") + "0.50000000" in page.row(row.pk)
        held = savings.holdings.get(asset=bought.asset)
        wanted = (Decimal(left), Decimal(cost), Decimal(realised))
        assert (held.quantity, held.cost_basis, held.realised) == wanted

    def test_a_swap_reads_as_what_was_given_and_received(self, alice_client, savings, bought) -> None:
        eth = AssetFactory(symbol="ETH")
        swapped = {"kind": "swap", "unit_price": "", "to_asset": eth.pk, "to_quantity": "2", "fee": "1"}
        page = Page(alice_client.post(NEW, form(savings, **swapped), follow=True))
        shown = page.row(savings.transactions.get(kind="swap").pk)
        for word in ("BTC for ETH", "−0.50000000", "+2", "$75.00", "fee $1.00"):
            assert word in shown
        assert savings.holdings.get(asset=eth).cost_basis == 76
        assert "Swapped BTC for ETH" in Page(alice_client.get("/")).text

    def test_a_transfer_reads_on_both_sides_and_is_changed_where_it_left(
        self, alice_client, savings, cold, bought
    ) -> None:
        moved = {"kind": "transfer", "unit_price": "", "to_portfolio": cold.pk}
        page = Page(alice_client.post(NEW, form(savings, **moved), follow=True))
        row = savings.transactions.get(kind="transfer")
        assert "to Cold" in page.row(row.pk)
        arrived = Page(alice_client.get(reverse("portfolio", args=[cold.pk])))
        for word in ("Transfer in", "from Savings", "+0.50000000", "$50.50"):
            assert word in arrived.row(row.pk)
        assert address("delete", row) not in arrived.html
        assert "to Cold" in Page(alice_client.get(reverse("transaction-list"))).row(row.pk)

    def test_a_fee_in_coins_is_taken_from_them(self, alice_client, savings, bought) -> None:
        paid = {"fee": "0.1", "fee_asset": bought.asset_id}
        page = Page(alice_client.post(NEW, form(savings, **paid), follow=True))
        assert savings.holdings.get().quantity == Decimal("1.4")
        assert "fee 0.10000000" in page.row(savings.transactions.latest("pk").pk)

    @pytest.mark.parametrize("kind", ["swap", "transfer"])
    def test_what_was_stated_about_the_other_side_is_shown_again(
        self, alice_client, savings, cold, bought, kind
    ) -> None:
        eth = AssetFactory(symbol="ETH")
        other = {"to_asset": eth.pk, "to_quantity": "2"} if kind == "swap" else {"to_portfolio": cold.pk}
        alice_client.post(NEW, form(savings, kind=kind, unit_price="", **other))
        row = savings.transactions.filter(kind=kind).latest("pk")
        html = alice_client.get(address("edit", row)).content.decode()
        assert f'<option value="{eth.pk if kind == "swap" else cold.pk}" selected>' in html
        in_row = HTMX | {"HX-Target": f"tx-{row.pk}"}
        html = alice_client.get(address("edit", row), headers=in_row).content.decode()
        fields = dict(re.findall(r'name="([a-z_]+)"[^>]*? value="([^"]*)"', html))
        answer = alice_client.post(address("edit", row), fields | {"quantity": "0.25"}, headers=in_row)
        row.refresh_from_db()
        assert (answer.status_code, row.quantity, row.version) == (200, Decimal("0.25"), 2)
        assert row.to_quantity == 2 if kind == "swap" else row.to_portfolio == cold

    @pytest.mark.parametrize("kind", ["swap", "transfer"])
    def test_the_other_side_is_required(self, alice_client, savings, bought, kind) -> None:
        page = Page(alice_client.post(NEW, form(savings, kind=kind, unit_price="")))
        assert page.status == 422
        said = "Choose the coin that was received." if kind == "swap" else "Choose the portfolio"
        assert said in page.text

    def test_coins_go_to_nobody_elses_portfolio(self, alice_client, charlie, savings, bought) -> None:
        foreign = PortfolioFactory(owner=charlie, name="Secret")
        answer = alice_client.post(
            NEW, form(savings, kind="transfer", unit_price="", to_portfolio=foreign.pk)
        )
        assert answer.status_code == 422
        assert "Choose one of your portfolios." in Page(answer).text
        assert "Secret" not in answer.content.decode()
        assert savings.transactions.count() == 1

    def test_with_one_portfolio_a_transfer_says_what_it_needs(self, alice_client, savings) -> None:
        assert "A transfer needs a second portfolio" in Page(alice_client.get(NEW)).text
        PortfolioFactory(owner=savings.owner)
        assert "A transfer needs a second portfolio" not in Page(alice_client.get(NEW)).text

    def test_a_fee_that_is_not_held_is_told_at_the_fee(self, alice_client, savings, bought) -> None:
        eth = AssetFactory(symbol="ETH")
        paid = {"kind": "withdrawal", "unit_price": "", "fee": "1", "fee_asset": eth.pk}
        answer = alice_client.post(NEW, form(savings, **paid))
        assert "You held 0 ETH" in answer.context["form"].errors["fee"][0]
