"""Lists of transactions, single rows, deleting with a way back, and what was deleted."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portfolios.models import Portfolio, Transaction
from tests.factories import NOW, AssetFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def savings(alice) -> Portfolio:
    SnapshotFactory(price=Decimal(200))
    return PortfolioFactory(owner=alice, name="Savings")


@pytest.fixture
def bought(savings) -> Transaction:
    return record(savings, "buy", "1", "2024-06-01", unit_price="100")


@pytest.fixture
def sold(savings, bought) -> Transaction:
    return record(savings, "sell", "0.5", "2024-09-01", unit_price="150")


def address(name: str, transaction: Transaction | None = None) -> str:
    return reverse(f"transaction-{name}", args=[transaction.pk] if transaction else [])


def listed(client: Client, query: str = "", **headers: str) -> Page:
    return Page(client.get(address("list") + query, headers=headers))


class TestTheList:
    def test_it_has_all_of_the_users_newest_first(self, alice_client, alice, charlie, bought, sold) -> None:
        other = record(PortfolioFactory(owner=alice, name="Other"), "buy", "2", "2024-07-01", unit_price="1")
        record(PortfolioFactory(owner=charlie), "buy", "2", "2024-07-01", unit_price="1")
        page = listed(alice_client)
        assert page.rows == [sold.pk, other.pk, bought.pk]
        assert "00:00 · Other" in page.row(other.pk)

    def test_it_is_narrowed_by_portfolio_asset_and_kind(
        self, alice_client, alice, savings, bought, sold
    ) -> None:
        eth = record(savings, "buy", "2", "2024-07-01", unit_price="1", asset=AssetFactory(symbol="ETH"))
        other = record(PortfolioFactory(owner=alice), "buy", "2", "2024-08-01", unit_price="1")
        assert listed(alice_client, f"?portfolio={savings.pk}").rows == [sold.pk, eth.pk, bought.pk]
        assert listed(alice_client, "?asset=ETH").rows == [eth.pk]
        assert listed(alice_client, "?kind=buy&asset=BTC&portfolio=").rows == [other.pk, bought.pk]
        assert listed(alice_client, "?kind=income").text.count("Nothing matches.") == 1

    def test_it_is_searched_by_note_symbol_and_name(self, alice_client, savings, bought) -> None:
        ether = AssetFactory(symbol="ETH", name="Ethereum")
        eth = record(savings, "buy", "2", "2024-07-01", unit_price="1", asset=ether, note="10% <b>off</b>")
        assert listed(alice_client, "?q=BITC").rows == [bought.pk]
        assert listed(alice_client, "?q=eth").rows == listed(alice_client, "?q=ereum").rows == [eth.pk]
        assert listed(alice_client, "?q=+10%25+").rows == [eth.pk]
        assert listed(alice_client, "?q=_").rows == []
        assert listed(alice_client, "?q=off&asset=BTC").rows == []
        page = listed(alice_client, "?q=%3Cb%3E")
        assert (page.rows, "<b>" in page.html) == ([eth.pk], False)

    def test_a_stranger_finds_nothing_by_its_note(self, charlie_client, savings) -> None:
        record(savings, "buy", "1", "2024-07-01", unit_price="1", note="a secret")
        assert listed(charlie_client, "?q=secret").rows == []

    @pytest.mark.parametrize(
        "query",
        [f"?q={'x' * 101}", "?q=%00", "?portfolio=0",
         "?portfolio=-1", "?portfolio=x", f"?portfolio={10**30}", f"?portfolio={2**63}",
         "?asset=XRP", "?asset=%00", "?kind=x", "?kind=%00", "?portfolio=%00"],
    )  # fmt: skip
    def test_a_filter_that_is_not_offered_is_not_found(self, alice_client, bought, query) -> None:
        assert listed(alice_client, query).status == 404

    def test_a_stranger_can_not_filter_by_what_is_not_theirs(self, charlie_client, savings, bought) -> None:
        assert listed(charlie_client, f"?portfolio={savings.pk}").status == 404
        assert listed(charlie_client, "?asset=BTC").status == 404

    def test_pages_keep_the_filter(self, alice_client, savings, bought) -> None:
        for minute in range(30):
            record(savings, "buy", "0.01", f"2024-12-01 10:{minute:02}", unit_price="1")
        page = listed(alice_client, "?kind=buy")
        assert 'href="?kind=buy&amp;page=2"' in page.html
        assert len(listed(alice_client, "?kind=buy&page=2").rows) == 6

    def test_htmx_gets_the_table_alone(self, alice_client, bought) -> None:
        page = listed(alice_client, **HTMX, **{"HX-Target": "transactions"})
        assert page.html.strip().startswith("<section")

    def test_queries_do_not_grow_with_transactions(
        self, alice_client, savings, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        alice_client.get("/accounts/settings/")  # the first visit of a session is noted
        counts = []
        for so_many in (5, 60):
            while savings.transactions.count() < so_many:
                record(savings, "buy", "0.1", "2024-12-05", unit_price="100")
            with django_assert_max_num_queries(18) as counted:
                listed(alice_client)
            counts.append(len(counted))
        assert counts[0] == counts[1]


class TestOneRow:
    def test_htmx_gets_the_row(self, alice_client, bought) -> None:
        answer = alice_client.get(address("row", bought), headers=HTMX)
        assert answer.content.decode().strip().startswith(f'<tr id="tx-{bought.pk}"')

    def test_the_keyboard_stands_on_its_pencil_again(self, alice_client, bought) -> None:
        row = alice_client.get(address("row", bought), headers=HTMX).content.decode()
        assert row.count(" autofocus") == 1
        assert ' autofocus aria-label="Edit buy' in row
        assert "autofocus" not in listed(alice_client).region("transactions")

    def test_others_are_sent_to_its_page(self, alice_client, bought) -> None:
        answer = alice_client.get(address("row", bought))
        assert answer["Location"] == f"{reverse('portfolio', args=[bought.portfolio_id])}#transactions"


class TestDeleting:
    def test_htmx_gets_nothing_in_place_of_the_row_and_a_way_back(self, alice_client, bought) -> None:
        answer = alice_client.post(address("delete", bought), headers=HTMX)
        text = answer.content.decode()
        assert answer.status_code == 200
        assert "<tr" not in text
        assert 'hx-swap-oob="beforeend:#toasts"' in text
        assert f'hx-post="{address("restore", bought)}"' in text
        assert "Buy of 1 Jun 2024 deleted." in text
        assert "portfolio:changed" in json.loads(answer["HX-Trigger"])
        bought.refresh_from_db()
        assert bought.deleted_at == NOW
        assert listed(alice_client).rows == []

    def test_without_htmx_it_goes_back_and_says_where_to_find_it(self, alice_client, bought) -> None:
        answer = alice_client.post(address("delete", bought), {"next": address("list")})
        assert (answer.status_code, answer["Location"]) == (303, address("list"))
        page = Page(alice_client.get(address("list")))
        assert "Buy of 1 Jun 2024 deleted. Recently deleted" in page.text
        assert f'<a href="{address("deleted")}">Recently deleted</a>' in page.html

    @pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
    def test_it_never_leads_off_the_site(self, alice_client, bought, elsewhere) -> None:
        answer = alice_client.post(address("delete", bought), {"next": elsewhere})
        assert answer["Location"].startswith("/portfolios/")

    def test_what_a_later_sale_needs_stays_and_the_row_says_why(self, alice_client, bought, sold) -> None:
        answer = alice_client.post(address("delete", bought), headers=HTMX)
        page = Page(answer)
        assert page.status == 422
        assert "can’t be deleted. Without it you would have held 0 BTC on 1 September 2024" in page.row(
            bought.pk
        )
        bought.refresh_from_db()
        assert bought.deleted_at is None

    def test_without_htmx_the_refusal_is_a_message(self, alice_client, bought, sold) -> None:
        answer = alice_client.post(address("delete", bought), {"next": address("list")})
        assert answer.status_code == 303
        assert "can’t be deleted." in listed(alice_client).text

    def test_reading_its_address_deletes_nothing(self, alice_client, bought) -> None:
        assert alice_client.get(address("delete", bought)).status_code == 405
        assert alice_client.get(address("restore", bought)).status_code == 405

    def test_what_is_deleted_can_not_be_deleted_again_or_edited(self, alice_client, bought) -> None:
        alice_client.post(address("delete", bought))
        assert alice_client.post(address("delete", bought)).status_code == 404
        assert alice_client.get(address("edit", bought)).status_code == 404
        assert alice_client.get(address("row", bought), headers=HTMX).status_code == 404


class TestRestoring:
    def test_it_is_listed_for_thirty_days_and_comes_back_as_it_was(self, alice_client, bought) -> None:
        alice_client.post(address("delete", bought))
        page = Page(alice_client.get(address("deleted")))
        assert "Savings 1.00000000 BTC 1 Jan 2025 00:00 30 days left Restore" in page.text
        answer = alice_client.post(address("restore", bought), headers=HTMX)
        told = json.loads(answer["HX-Trigger"])
        assert "portfolio:changed" in told
        assert told["toast"]["value"] == "Buy of 1 Jun 2024 restored."
        assert answer.content == b""
        assert listed(alice_client).rows == [bought.pk]

    def test_without_htmx_it_goes_to_its_portfolio(self, alice_client, bought) -> None:
        alice_client.post(address("delete", bought))
        answer = alice_client.post(address("restore", bought))
        assert answer.status_code == 303
        assert "restored." in Page(alice_client.get(answer["Location"])).text

    def test_after_thirty_days_it_is_gone(self, alice_client, bought) -> None:
        alice_client.post(address("delete", bought))
        Transaction.objects.update(deleted_at=NOW - timedelta(days=30, seconds=1))
        assert "Nothing was deleted" in Page(alice_client.get(address("deleted"))).text
        answer = alice_client.post(address("restore", bought), headers=HTMX)
        assert "more than 30 days ago" in json.loads(answer["HX-Trigger"])["toast"]["value"]
        assert (
            "more than 30 days ago" in Page(alice_client.post(address("restore", bought), follow=True)).text
        )
        bought.refresh_from_db()
        assert bought.deleted_at

    def test_what_no_longer_fits_stays_deleted_and_says_why(self, alice_client, bought, sold) -> None:
        alice_client.post(address("delete", sold))
        alice_client.post(address("delete", bought))
        answer = alice_client.post(address("restore", sold), headers=HTMX)
        assert answer["HX-Reswap"] == "none"
        assert "was not restored. You held 0 BTC" in json.loads(answer["HX-Trigger"])["toast"]["value"]
        assert "was not restored" in Page(alice_client.post(address("restore", sold), follow=True)).text
        sold.refresh_from_db()
        assert sold.deleted_at == NOW

    def test_a_stranger_restores_nothing(self, alice_client, charlie_client, bought) -> None:
        alice_client.post(address("delete", bought))
        assert charlie_client.post(address("restore", bought)).status_code == 404
        assert "Buy" not in Page(charlie_client.get(address("deleted"))).region("main")

    def test_days_are_told_in_the_users_zone(self, alice, alice_client, savings) -> None:
        alice.timezone = "Asia/Tokyo"
        alice.save()
        row = record(savings, "buy", "1", "2024-06-01 20:30", unit_price="100")
        assert "2 Jun 2024 05:30" in listed(alice_client).row(row.pk)
        assert "Buy of 2 Jun 2024" in alice_client.post(address("delete", row), headers=HTMX).content.decode()
        assert row.occurred_at == day("2024-06-01 20:30")
