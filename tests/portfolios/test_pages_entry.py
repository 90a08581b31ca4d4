"""Entering and amending a transaction: saved once, refused with a reason, and seen before it is saved."""

import json
import re
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from portfolios.models import Transaction
from tests.factories import AssetFactory, FiatFactory, PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.entering import address, form
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
HTMX = {"HX-Request": "true"}
NEW = "/transactions/new/"


class TestAdding:
    @pytest.mark.parametrize(
        ("kind", "stated", "cost"),
        [("buy", {"unit_price": "150", "fee": "1"}, "76"), ("buy", {"total": "77", "fee": "1"}, "77"),
         ("buy", {}, "75"), ("deposit", {"cost": "60"}, "60"), ("deposit", {}, "75"), ("income", {}, "75")],
    )  # fmt: skip
    def test_it_is_booked_at_what_was_stated_or_at_the_market(
        self, alice_client, savings, kind, stated, cost
    ) -> None:
        answer = alice_client.post(NEW, form(savings, kind=kind, unit_price="") | stated)
        assert answer.status_code == 303
        assert savings.bookings.get().cost == Decimal(cost)

    @pytest.mark.parametrize("kind", ["sell", "withdrawal"])
    def test_coins_leave(self, alice_client, savings, bought, kind) -> None:
        stated = {"unit_price": "200"} if kind == "sell" else {"unit_price": ""}
        answer = alice_client.post(NEW, form(savings, kind=kind, **stated))
        assert answer.status_code == 303
        assert savings.holdings.get().quantity == Decimal("0.5")

    def test_it_goes_to_the_portfolio_and_says_so(self, alice_client, savings) -> None:
        answer = alice_client.post(NEW, form(savings), follow=True)
        assert "Buy of 1 Jun 2024 saved." in Page(answer).text

    def test_htmx_is_sent_there_too(self, alice_client, savings) -> None:
        answer = alice_client.post(NEW, form(savings), headers=HTMX)
        assert answer["HX-Redirect"] == f"{reverse('portfolio', args=[savings.pk])}#transactions"

    def test_another_one_begins_where_the_last_ended(self, alice_client, savings) -> None:
        AssetFactory(symbol="ADA")
        eth = AssetFactory(symbol="ETH")
        answer = alice_client.post(NEW, form(savings, asset=eth.pk, kind="income", next="another"))
        assert answer["Location"] == f"{NEW}?portfolio={savings.pk}&kind=income&asset=ETH"
        html = alice_client.get(answer["Location"]).content.decode()
        assert f'<option value="{eth.pk}" selected>' in html
        assert re.search(r'value="income"[^>]* checked', html)

    def test_sent_twice_it_is_saved_once(self, alice_client, savings) -> None:
        twice = form(savings, idempotency_key=str(uuid4()))
        answers = [alice_client.post(NEW, twice) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]
        assert savings.transactions.count() == 1

    def test_every_form_has_a_key_of_its_own(self, alice_client, savings) -> None:
        pattern = r'name="idempotency_key" value="([0-9a-f-]{36})"'
        keys = {re.search(pattern, alice_client.get(NEW).content.decode())[1] for _ in range(2)}
        assert len(keys) == 2

    def test_the_hour_is_that_of_the_users_zone(self, alice, alice_client, savings) -> None:
        alice.timezone = "Europe/Vienna"
        alice.save()
        assert "Europe/Vienna" in Page(alice_client.get(NEW)).text
        alice_client.post(NEW, form(savings, occurred_at="2024-06-01T12:30"))
        assert savings.transactions.get().occurred_at == day("2024-06-01 10:30")

    def test_a_foreign_currency_is_converted_at_its_day(self, alice_client, savings) -> None:
        SnapshotFactory(asset=FiatFactory(), at=day("2024-06-01"), price=Decimal("1.25"))
        alice_client.post(NEW, form(savings, currency="EUR", unit_price="100"))
        row = savings.transactions.get()
        assert (row.currency, row.fx_rate) == ("EUR", Decimal("1.25"))
        assert row.bookings.get().cost == Decimal("62.5")

    def test_it_begins_with_what_was_last_used(self, alice_client, alice, bought) -> None:
        PortfolioFactory(owner=alice, name="Another")
        html = alice_client.get(NEW).content.decode()
        assert re.search(r'<option value="\d+" selected>Savings</option>', html)
        assert 'value="2025-01-01T00:00"' in html

    def test_without_a_portfolio_it_asks_for_one(self, alice_client) -> None:
        answer = alice_client.get(NEW, follow=True)
        assert "make one first" in Page(answer).text

    @pytest.mark.parametrize(
        "query", ["?portfolio=0", "?portfolio=-1", f"?portfolio={10**30}", "?portfolio=%00", "?portfolio=²"]
    )
    def test_a_portfolio_that_there_is_not_is_not_found(self, alice_client, savings, query) -> None:
        assert alice_client.get(NEW + query).status_code == 404

    @pytest.mark.parametrize("query", ["?asset=%00", "?asset=NONE", "?kind=swap", "?kind=%00", "?x=y"])
    def test_a_default_that_makes_no_sense_is_left_out(self, alice_client, savings, query) -> None:
        assert alice_client.get(NEW + query).status_code == 200


class TestRefusals:
    @pytest.mark.parametrize(
        ("wrong", "said"),
        [({"quantity": "0,125"}, "Use a point for decimals: 0.125."), ({"quantity": "0"}, "above 0"),
         ({"quantity": "-1"}, "above 0"), ({"quantity": ""}, "Enter a quantity, for example 0.015."),
         ({"fee": "3.4a"}, "for example 3.44"), ({"fee": "-1"}, "0 or more"),
         ({"total": "5"}, "not both"), ({"cost": "5"}, "A buy takes no cost"),
         ({"kind": "withdrawal"}, "A withdrawal takes no price"),
         ({"occurred_at": "2008-01-01T00:00"}, "between 3 January 2009 and tomorrow"),
         ({"occurred_at": "2025-01-03T00:00"}, "between 3 January 2009 and tomorrow"),
         ({"occurred_at": "0001-01-01T00:00"}, "between 3 January 2009 and tomorrow"),
         ({"occurred_at": "never"}, "Enter a date and time"),
         ({"occurred_at": "2010-01-01T00:00", "unit_price": ""}, "No BTC price is known"),
         ({"currency": "EUR"}, "No exchange rate from EUR to USD"),
         ({"quantity": "9" * 20, "unit_price": "9" * 20}, "more than can be kept"),
         ({"note": "x" * 501}, "at most 500"), ({"note": "a\x00"}, "Null characters"),
         ({"portfolio": "0"}, "one of your portfolios"), ({"asset": str(10**30)}, "the listed coins"),
         ({"kind": ""}, "one of the listed types"), ({"occurred_at": ""}, "for example 2024-01-31 14:30"),
         ({"idempotency_key": "x"}, "out of date")],
    )  # fmt: skip
    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_the_form_comes_back_with_what_is_wrong_and_all_that_was_typed(
        self, alice_client, savings, wrong, said, headers
    ) -> None:
        answer = alice_client.post(NEW, form(savings, note="Keep me") | wrong, headers=headers)
        html = answer.content.decode()
        assert answer.status_code == 422
        assert said in Page(answer).text
        assert ("<html" in html) is (not headers)
        assert html.count("Keep me") == (0 if "note" in wrong else 1)
        assert savings.transactions.count() == 0

    def test_selling_more_than_is_held_is_told_at_the_quantity(self, alice_client, savings, bought) -> None:
        page = Page(alice_client.post(NEW, form(savings, kind="sell", quantity="2")))
        assert page.status == 422
        said = "You held 1 BTC on 1 June 2024 at 10:30 UTC, less than the 2 BTC that leave then."
        assert f"{said} Enter at most 1." in page.text
        assert re.search(r'name="quantity"[^>]*autofocus', page.html)

    def test_a_sale_that_leaves_too_little_for_a_later_one_is_told_what_it_would_leave(
        self, alice_client, savings, bought
    ) -> None:
        record(savings, "sell", "0.8", "2024-09-01", unit_price="150")
        page = Page(alice_client.post(NEW, form(savings, kind="sell", quantity="0.75")))
        said = "After this only 0.25 BTC would be held on 1 September 2024 at"
        assert said in page.text
        assert "less than the 0.8 BTC that leave then. Enter at most 0.2." in page.text
        assert alice_client.post(NEW, form(savings, kind="sell", quantity="0.2")).status_code == 303

    def test_the_most_that_can_be_sold_minds_all_that_leaves_later(
        self, alice_client, savings, bought
    ) -> None:
        for on, quantity in ("2024-09-01", "0.3"), ("2024-10-01", "0.6"):
            record(savings, "sell", quantity, on, unit_price="150")
        for quantity in "2", "0.9", "0.5":
            page = Page(alice_client.post(NEW, form(savings, kind="sell", quantity=quantity)))
            assert "Enter at most 0.1." in page.text

    def test_how_much_can_be_sold_is_not_said_where_less_would_not_help(
        self, alice_client, savings, bought
    ) -> None:
        record(savings, "sell", "1", "2024-09-01", unit_price="150")
        page = Page(alice_client.post(NEW, form(savings, kind="sell")))
        assert "After this only 0.5 BTC would be held on 1 September 2024" in page.text
        assert "at most" not in page.text.partition("Skip to content")[2].partition("Fee paid in")[0]

    def test_somebody_elses_portfolio_is_not_offered_and_not_written_to(
        self, charlie, charlie_client, savings
    ) -> None:
        PortfolioFactory(owner=charlie)
        answer = charlie_client.post(NEW, form(savings))
        assert answer.status_code == 422
        assert "Savings" not in answer.content.decode()
        assert not Transaction.objects.exists()

    def test_hostile_words_are_inert(self, alice_client, savings) -> None:
        answer = alice_client.post(NEW, form(savings, note='"><script>x</script>', quantity='"><script>'))
        assert "<script>x" not in answer.content.decode()
        alice_client.post(NEW, form(savings, note='"><script>x</script>'))
        assert "<script>x" not in alice_client.get(reverse("portfolio", args=[savings.pk])).content.decode()


class TestAmending:
    def test_what_is_stored_is_shown_to_the_last_digit(self, alice_client, savings) -> None:
        row = record(savings, "buy", "0.100000000000000001", "2024-06-01 10:30:05", unit_price="1500.5000")
        html = alice_client.get(address("edit", row)).content.decode()
        for shown in ("0.100000000000000001", "1500.5", "2024-06-01T10:30:05"):
            assert f'value="{shown}"' in html

    def test_a_change_is_saved_and_booked(self, alice_client, bought) -> None:
        changed = form(bought.portfolio, quantity="2", occurred_at="2024-06-01T00:00", unit_price="100")
        answer = alice_client.post(address("edit", bought), changed | {"version": "1"})
        bought.refresh_from_db()
        assert (answer.status_code, bought.quantity, bought.version) == (303, 2, 2)
        assert bought.bookings.get().cost == 200

    def test_left_empty_the_price_of_the_market_stays(self, alice_client, savings) -> None:
        row = record(savings, "buy", "1", "2024-06-01 10:30")
        page = Page(alice_client.get(address("edit", row)))
        assert (
            "Left empty it stays at the market price of then: $150.00 "
            "(Shipped history, 1 Jun 2024 10:00 UTC, within the hour)" in page.text
        )
        SnapshotFactory(at=day("2024-06-01 10:15"), price=Decimal(999))
        alice_client.post(address("edit", row), form(savings, unit_price="", quantity="2", version="1"))
        row.refresh_from_db()
        assert (row.unit_price, row.price_source, row.quantity) == (150, "pack", 2)

    def test_what_somebody_else_changed_meanwhile_is_not_overwritten(self, alice_client, bought) -> None:
        alice_client.post(address("edit", bought), form(bought.portfolio, quantity="2", version="1"))
        page = Page(
            alice_client.post(address("edit", bought), form(bought.portfolio, quantity="3", version="1"))
        )
        assert page.status == 422
        assert "changed elsewhere since you opened it, so nothing was saved" in page.text
        bought.refresh_from_db()
        assert bought.quantity == 2

    def test_it_stays_in_its_portfolio_whatever_is_sent(self, alice, alice_client, bought) -> None:
        other = PortfolioFactory(owner=alice)
        alice_client.post(address("edit", bought), form(other, version="1"))
        bought.refresh_from_db()
        assert bought.portfolio.name == "Savings"

    def test_a_row_is_swapped_for_its_form_and_back(self, alice_client, bought) -> None:
        in_row = HTMX | {"HX-Target": f"tx-{bought.pk}"}
        html = alice_client.get(address("edit", bought), headers=in_row).content.decode()
        assert html.strip().startswith('<tr class="editing"')
        assert html.count(f'form="tx-{bought.pk}-form"') >= 5
        fields = dict(re.findall(r'name="([a-z_]+)"[^>]*? value="([^"]*)"', html))
        answer = alice_client.post(address("edit", bought), fields | {"quantity": "2"}, headers=in_row)
        assert Page(answer).html.strip().startswith(f'<tr id="tx-{bought.pk}" class="flash"')
        told = json.loads(answer["HX-Trigger"])
        assert told["toast"]["value"] == "Buy of 1 Jun 2024 saved."
        assert "portfolio:changed" in told
        bought.refresh_from_db()
        assert (bought.quantity, bought.note, bought.fee) == (2, "First", 1)

    def test_a_row_that_is_refused_stays_a_form_and_says_why(self, alice_client, bought) -> None:
        in_row = HTMX | {"HX-Target": f"tx-{bought.pk}"}
        answer = alice_client.post(
            address("edit", bought), form(bought.portfolio, quantity="0,125"), headers=in_row
        )
        assert answer.status_code == 422
        assert Page(answer).html.strip().startswith('<tr class="editing"')
        assert "Use a point for decimals: 0.125." in Page(answer).text
