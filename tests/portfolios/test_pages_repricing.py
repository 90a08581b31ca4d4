"""The page of better prices: what each would change, accepted one by one or all together, or kept."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portfolios.models import Portfolio, Transaction
from portfolios.selectors import differences, offer_of, offers
from tests.factories import (
    PortfolioFactory,
    SnapshotFactory,
    day,
    record,
)
from tests.portfolios.page import Page, words
from tests.portfolios.repriced import MOMENT, nearer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
PAGE = "transaction-repricing"


@pytest.fixture
def savings(alice) -> Portfolio:
    SnapshotFactory(at=day("2024-06-01"), price=Decimal(100))
    return PortfolioFactory(owner=alice, name="Savings")


@pytest.fixture
def bought(savings) -> Transaction:
    """Priced by the day's close, twelve hours before it."""
    return record(savings, "buy", "2", MOMENT)


def post(client: Client, name: str, row: Transaction, mark: str | None = None):
    said = offer_of(row).mark if mark is None else mark
    address = reverse(f"transaction-price-{name}", args=[row.pk])
    return client.post(address, {"mark": said}, follow=True)


class TestThePage:
    def test_it_shows_what_would_change(self, alice_client, bought) -> None:
        nearer()
        text = Page(alice_client.get(reverse(PAGE))).text
        assert "Buy 2.00000000 BTC · 1 Jun 2024 12:00 UTC · Savings" in text
        assert "Price per unit before: $100.00 → now: $110.00" in text
        assert "was Shipped history, 1 Jun 2024 00:00 UTC, within a day" in text
        assert "now Coinbase, 1 Jun 2024 11:30 UTC, within the hour" in text
        assert "Cost $200.00 → $220.00" in text
        assert "Cost basis of BTC $200.00 → $220.00" in text

    def test_without_anything_to_decide_it_says_so(self, alice_client, bought) -> None:
        assert "No better price is known" in Page(alice_client.get(reverse(PAGE))).text

    def test_hidden_amounts_are_not_in_it(self, alice_client, bought) -> None:
        nearer()
        alice_client.cookies["private"] = "1"
        page = Page(alice_client.get(reverse(PAGE)))
        assert "Price per unit before: ••••• → now: •••••" in page.text
        assert [figure for figure in ("200.00", "220.00", "2.00000000") if figure in page.html] == []

    def test_accepting_and_keeping(self, alice_client, alice, bought) -> None:
        other = record(bought.portfolio, "buy", "1", MOMENT)
        nearer()
        assert "has the better price now" in Page(post(alice_client, "accept", bought)).text
        assert "keeps its price" in Page(post(alice_client, "keep", other)).text
        assert sorted(Transaction.objects.values_list("unit_price", flat=True)) == [100, 110]
        assert offers(alice) == []

    def test_what_was_not_seen_is_not_taken(self, alice_client, bought) -> None:
        nearer()
        for name in ("accept", "keep"):
            assert "no longer what you saw" in Page(post(alice_client, name, bought, "old")).text
        bought.refresh_from_db()
        assert bought.version == 1

    def test_all_that_are_shown_are_accepted_at_once(self, alice_client, alice, savings) -> None:
        for _ in range(12):
            record(savings, "buy", "1", MOMENT)
        nearer()
        html = alice_client.get(reverse(PAGE)).content.decode()
        shown = [f"{one.transaction.pk}:{one.mark}" for one in offers(alice)][:10]
        assert all(f'name="offer" value="{each}"' in html for each in shown)
        assert "Accept all 10 shown" in words(html)
        answer = alice_client.post(reverse(PAGE), {"offer": shown}, follow=True)
        assert "10 better prices taken." in Page(answer).text
        assert len(offers(alice)) == 2
        assert list(differences(savings)) == []

    def test_one_that_is_refused_does_not_hold_up_the_others(self, alice_client, alice, savings) -> None:
        record(savings, "buy", "2", "2024-05-01", unit_price="80")
        sold = record(savings, "sell", "1", MOMENT, fee="90")
        row = record(savings, "buy", "1", MOMENT)
        nearer(price="50")
        seen = [f"{one.transaction.pk}:{one.mark}" for one in offers(alice)]
        text = Page(alice_client.post(reverse(PAGE), {"offer": seen}, follow=True)).text
        assert "1 better price taken." in text
        assert "Sell of 1 Jun 2024: The fee is more than this sale brings." in text
        row.refresh_from_db()
        sold.refresh_from_db()
        assert (row.unit_price, sold.unit_price) == (50, 100)

    @pytest.mark.parametrize("offer", ["", "x", ":", "9" * 40, "9" * 40 + ":a", "-1:a", "٣:a", "\x00:\x00"])
    def test_nothing_that_is_posted_breaks_it(self, alice_client, bought, offer) -> None:
        answer = alice_client.post(reverse(PAGE), {"offer": [offer, f"{bought.pk}:{offer}"]}, follow=True)
        assert answer.status_code == 200
        assert alice_client.get(reverse(PAGE), {"page": offer}).status_code == 200

    def test_a_stranger_decides_nothing(self, charlie_client, bought) -> None:
        nearer()
        assert post(charlie_client, "accept", bought).status_code == 404
        assert post(charlie_client, "keep", bought).status_code == 404
        seen = f"{bought.pk}:{offer_of(bought).mark}"
        charlie_client.post(reverse(PAGE), {"offer": [seen]})
        bought.refresh_from_db()
        assert bought.version == 1

    def test_the_list_of_transactions_leads_there_when_there_is_something_to_decide(
        self, alice_client, bought
    ) -> None:
        address = reverse("transaction-list")
        assert reverse(PAGE) not in alice_client.get(address).content.decode()
        nearer()
        assert reverse(PAGE) in alice_client.get(address).content.decode()

    def test_pages_are_bounded(
        self, alice_client, savings, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(25):
            record(savings, "buy", "1", MOMENT)
        nearer()
        page = Page(alice_client.get(reverse(PAGE) + "?page=3"))
        assert "21–25 of 25" in page.text
        with django_assert_max_num_queries(45):
            alice_client.get(reverse(PAGE))
