"""The list in the order, from the days and of the size that its address asks for; and deleting for good."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from portfolios.models import Transaction
from portfolios.services import delete_transaction, erase_transaction
from tests.factories import NOW, AssetFactory, PortfolioFactory, record
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
LIST = "/transactions/"
REGION = {"HX-Request": "true", "HX-Target": "transactions"}


def rows(client, query: str) -> list[int]:
    return Page(client.get(LIST + query)).rows


class TestOrder:
    @pytest.fixture
    def three(self, alice, savings) -> list[int]:
        """A purchase of Bitcoin, income of Ether a day later, a purchase of Cardano elsewhere in between."""
        other, at = PortfolioFactory(owner=alice, name="Another"), "2024-06-0"
        eth, ada = AssetFactory(symbol="ETH"), AssetFactory(symbol="ADA")
        return [
            record(savings, "buy", "1", f"{at}1", unit_price="1").pk,
            record(savings, "income", "1", f"{at}3", unit_price="1", asset=eth).pk,
            record(other, "buy", "1", f"{at}2", unit_price="1", asset=ada).pk,
        ]

    @pytest.mark.parametrize(
        ("sort", "order"),
        [("", [1, 2, 0]), ("-date", [1, 2, 0]), ("date", [0, 2, 1]), ("asset", [2, 0, 1]),
         ("-asset", [1, 0, 2]), ("kind", [2, 0, 1]), ("-kind", [1, 2, 0]), ("portfolio", [2, 1, 0]),
         ("-portfolio", [1, 0, 2])],
    )  # fmt: skip
    def test_it_is_ordered_as_asked(self, alice_client, three, sort, order) -> None:
        assert rows(alice_client, f"?sort={sort}") == [three[place] for place in order]

    def test_the_column_says_so_and_leads_to_the_reverse(self, alice_client, three) -> None:
        html = alice_client.get(f"{LIST}?kind=buy&sort=date&page=1").content.decode()
        link = '<a class="hide-s" id="sort-date" href="?kind=buy&amp;sort=-date"'
        assert f'<th scope="col" aria-sort="ascending">{link}' in html
        assert html.count("aria-sort") == 1
        html = alice_client.get(LIST).content.decode()
        link = '<a class="hide-s" id="sort-date" href="?sort=date"'
        assert f'<th scope="col" aria-sort="descending">{link}' in html
        assert '<th scope="col"><a class="hide-s" id="sort-kind" href="?sort=kind"' in html

    @pytest.mark.parametrize(
        "query", ["?sort=quantity", "?sort=%00", "?size=26", "?size=x", "?size=100000", "?since=x",
                  "?since=2024-13-01", "?until=01/02/2024", "?since=%00"],
    )  # fmt: skip
    def test_what_is_not_offered_is_not_found(self, alice_client, three, query) -> None:
        assert alice_client.get(LIST + query).status_code == 404


class TestDays:
    @pytest.mark.parametrize(
        ("query", "places"),
        [("?since=2024-06-02", [2, 1]), ("?until=2024-06-02", [1, 0]),
         ("?since=2024-06-02&until=2024-06-02", [1]), ("?since=2024-06-03&until=2024-06-01", []),
         ("?since=0002-01-01", [2, 1, 0]),
         ("?until=9999-12-31", [2, 1, 0]), ("?since=0001-01-01&until=0001-01-01", [2, 1, 0])],
    )  # fmt: skip
    def test_both_ends_are_included_and_days_are_the_readers(
        self, alice, alice_client, savings, query, places
    ):
        alice.timezone = "Asia/Tokyo"  # nine hours ahead: these are the first, second and third of June there
        alice.save()
        times = ("2024-05-31 15:00", "2024-06-02 14:59", "2024-06-02 15:00")
        made = [record(savings, "buy", "1", at, unit_price="1").pk for at in times]
        assert rows(alice_client, query) == [made[place] for place in places]


class TestSizeAndAddress:
    @pytest.fixture
    def many(self, savings) -> None:
        for minute in range(55):
            record(savings, "buy", "0.01", f"2024-12-01 10:{minute:02}", unit_price="1")

    def test_pages_are_of_the_size_asked_for(self, alice_client, many) -> None:
        queries = ("", "?size=50", "?size=50&page=2", "?size=100")
        assert [len(rows(alice_client, query)) for query in queries] == [25, 50, 5, 55]
        page = Page(alice_client.get(f"{LIST}?size=50"))
        assert 'href="?size=50&amp;page=2"' in page.html
        assert '<input type="hidden" name="size" value="50"' in page.html

    def test_the_address_says_what_is_asked_for_and_no_more(self, alice_client, many) -> None:
        query = "?q=&portfolio=&asset=&kind=buy&since=&until=&sort=-date&size=25&page=2"
        answer = alice_client.get(LIST + query, headers=REGION)
        assert answer["HX-Push-Url"] == "/transactions/?kind=buy&page=2"
        assert alice_client.get(f"{LIST}?q=&page=1", headers=REGION)["HX-Push-Url"] == "/transactions/"

    def test_what_is_only_shown_anew_keeps_its_address(self, alice_client, many) -> None:
        headers = REGION | {"HX-Trigger": "transactions"}
        assert "HX-Push-Url" not in alice_client.get(LIST, headers=headers)

    def test_clearing_is_offered_where_something_is_filtered(self, alice_client, many) -> None:
        assert "Clear filters" not in Page(alice_client.get(f"{LIST}?sort=asset&size=50")).text
        assert "Clear filters" in Page(alice_client.get(f"{LIST}?kind=buy")).text


class TestDeletingForGood:
    def address(self, row: Transaction) -> str:
        return reverse("transaction-erase", args=[row.pk])

    def test_it_asks_first_then_only_the_trail_is_left(self, alice_client, bought) -> None:
        delete_transaction(transaction=bought, now=NOW)
        page = Page(alice_client.get(self.address(bought)))
        assert "can’t be restored afterwards" in page.text
        assert Transaction.objects.exists()
        answer = alice_client.post(self.address(bought), follow=True)
        assert "Buy of 1 Jun 2024 deleted for good." in Page(answer).text
        assert not Transaction.objects.exists()
        acts = Transaction.history.filter(id=bought.pk).order_by("history_id")
        assert [line.history_change_reason for line in acts] == ["recorded", "deleted", "erased"]
        assert acts.last().history_user_id == bought.portfolio.owner_id

    def test_what_still_counts_is_not_erased(self, alice_client, bought) -> None:
        assert alice_client.get(self.address(bought))["Location"] == "/transactions/deleted/"
        alice_client.post(self.address(bought))
        with pytest.raises(ValidationError, match="delete it first"):
            erase_transaction(transaction=bought, now=NOW)
        assert Transaction.objects.get() == bought

    def test_a_stranger_erases_nothing(self, charlie_client, bought) -> None:
        delete_transaction(transaction=bought, now=NOW)
        assert charlie_client.post(self.address(bought)).status_code == 404
        assert Transaction.objects.exists()

    def test_erasing_twice_is_harmless(self, bought) -> None:
        delete_transaction(transaction=bought, now=NOW)
        for _ in range(2):
            erase_transaction(transaction=bought, now=NOW)
        assert Transaction.history.filter(history_change_reason="erased").count() == 1

    @pytest.mark.parametrize(("ago", "left"), [(0, "30 days"), (29.5, "1 day left"), (1, "29 days")])
    def test_the_list_says_how_long_each_is_kept(self, alice_client, bought, ago, left) -> None:
        delete_transaction(transaction=bought, now=NOW - timedelta(days=ago))
        assert left in Page(alice_client.get("/transactions/deleted/")).text
