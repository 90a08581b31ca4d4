"""What was perhaps entered before: told before it is saved again, and never in the way."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from portfolios.models import Portfolio, Transaction
from portfolios.selectors import possible_duplicates
from portfolios.services import delete_transaction, record_transaction
from tests.factories import NOW, AssetFactory, PortfolioFactory, draft, record
from tests.portfolios.entering import form
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
NEW = "/transactions/new/"
HTMX = {"HX-Request": "true"}


def found(portfolio: Portfolio, kind="buy", quantity="1", at="2024-06-01", **stated) -> list[Transaction]:
    return possible_duplicates(draft(kind, quantity, at, **stated), portfolio=portfolio)


class TestTheRule:
    @pytest.mark.parametrize("at", ["2024-06-01", "2024-05-31 00:00:01", "2024-06-01 23:59:59"])
    def test_the_same_kind_asset_and_quantity_less_than_a_day_apart(self, savings, bought, at) -> None:
        assert found(savings, at=at) == [bought]
        assert found(savings, quantity="1.000", at=at) == [bought]

    @pytest.mark.parametrize("at", ["2024-05-31", "2024-06-02"])
    def test_what_is_bought_each_day_at_the_same_time_is_none(self, savings, bought, at) -> None:
        assert found(savings, at=at) == []

    def test_whatever_differs_is_none(self, alice, savings, bought) -> None:
        assert found(savings, kind="income") == []
        assert found(savings, quantity="1.000000000000000001") == []
        assert found(savings, asset=AssetFactory(symbol="ETH")) == []
        assert found(PortfolioFactory(owner=alice)) == []

    def test_what_is_deleted_is_none(self, savings, bought) -> None:
        delete_transaction(transaction=bought, now=NOW)
        assert found(savings) == []

    def test_the_same_external_id_whenever(self, savings) -> None:
        imported = record(savings, "buy", "1", "2024-03-01", unit_price="1", external_id="trade-7")
        assert found(savings, quantity="2", external_id="trade-7") == [imported]
        assert found(savings, quantity="2", external_id="") == []

    def test_the_nearest_come_first_and_three_are_enough(self, savings) -> None:
        rows = [
            record(savings, "buy", "1", f"2024-06-01 {hour}:00", unit_price="1") for hour in range(10, 15)
        ]
        assert found(savings, at="2024-06-01 14:10") == rows[:1:-1]

    def test_what_was_saved_under_the_same_key_is_the_form_itself(self, savings) -> None:
        key, stated = uuid4(), draft("buy", "1", "2024-06-01", unit_price="1")
        record_transaction(portfolio=savings, draft=stated, now=NOW, idempotency_key=key)
        assert possible_duplicates(stated, portfolio=savings, own_key=key) == []
        assert len(possible_duplicates(stated, portfolio=savings, own_key=UUID(int=1))) == 1

    def test_one_that_is_saved_and_sent_again_repeats_no_other_either(self, savings) -> None:
        """Its answer was lost, and meanwhile somebody saved one like it: it is not held up again."""
        key, stated = uuid4(), draft("buy", "1", "2024-06-01", unit_price="1")
        record_transaction(portfolio=savings, draft=stated, now=NOW, idempotency_key=key)
        record(savings, "buy", "1", "2024-06-01 09:00", unit_price="1")
        assert possible_duplicates(stated, portfolio=savings, own_key=key) == []

    @pytest.mark.parametrize("at", ["0001-01-01", "9999-12-31 23:00"])
    def test_times_at_the_end_of_all_years_have_none(self, savings, at) -> None:
        assert found(savings, at=at) == []


class TestTheForm:
    @pytest.fixture
    def again(self, savings, bought) -> dict[str, object]:
        return form(savings, quantity="1", occurred_at="2024-06-01T10:30")

    def seen(self, client: Client, data: dict[str, object], **headers: str) -> Page:
        return Page(client.post(NEW, data, headers=headers))

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_it_says_so_once_and_saves_when_it_is_sent_again(
        self, alice_client, savings, again, headers
    ) -> None:
        page = self.seen(alice_client, again, **headers)
        assert page.status == 422
        assert "This looks like one that you have: buy of 1.00000000 BTC on 1 Jun 2024 00:00" in page.text
        assert "Save anyway" in page.text
        assert savings.transactions.count() == 1
        told = re.findall(r'name="seen" value="(\d+)"', page.html)
        answer = alice_client.post(NEW, again | {"seen": told}, headers=headers)
        assert answer.status_code == (200 if headers else 303)
        assert savings.transactions.count() == 2

    def test_what_looks_like_another_one_is_asked_about_too(
        self, alice_client, savings, again, bought
    ) -> None:
        other = record(savings, "buy", "2", "2024-06-01", unit_price="100")
        page = self.seen(alice_client, again | {"quantity": "2", "seen": [str(bought.pk)]})
        assert (page.status, "buy of 2.00000000 BTC" in page.text) == (422, True)
        assert re.findall(r'name="seen" value="(\d+)"', page.html) == [str(bought.pk), str(other.pk)]

    @pytest.mark.parametrize("seen", ["x", "-1", "²", "9" * 40, "<b>"])
    def test_a_number_that_is_none_is_ignored(self, alice_client, again, seen) -> None:
        page = self.seen(alice_client, again | {"seen": seen})
        assert (page.status, "<b>" in page.html) == (422, False)

    def test_sent_twice_at_once_it_is_saved_once_and_nothing_is_asked(self, alice_client, savings) -> None:
        twice = form(savings, idempotency_key=str(uuid4()))
        assert [alice_client.post(NEW, twice).status_code for _ in range(2)] == [303, 303]
        assert savings.transactions.count() == 1

    def test_an_amended_transaction_is_not_asked_about(self, alice_client, savings, bought, again) -> None:
        record(savings, "buy", "1", "2024-06-01 12:00", unit_price="100")
        answer = alice_client.post(f"/transactions/{bought.pk}/edit/", again | {"version": "1"})
        assert answer.status_code == 303

    def test_the_preview_says_so_while_it_is_typed(self, alice_client, again, bought) -> None:
        preview = alice_client.post("/transactions/preview/", again, headers=HTMX)
        assert "This looks like one that you have" in Page(preview).text
        preview = alice_client.post("/transactions/preview/", again | {"seen": bought.pk}, headers=HTMX)
        assert "This looks like" not in Page(preview).text

    def test_nobody_is_told_of_what_others_have(self, charlie, charlie_client, bought) -> None:
        theirs = PortfolioFactory(owner=charlie)
        data = form(theirs, quantity="1", occurred_at="2024-06-01T00:00")
        assert charlie_client.post(NEW, data).status_code == 303


def test_a_daily_plan_raises_no_question(alice_client, savings) -> None:
    day = NOW - timedelta(days=5)
    for number in range(3):
        at = f"{day + timedelta(days=number):%Y-%m-%dT08:00}"
        assert alice_client.post(NEW, form(savings, occurred_at=at)).status_code == 303
