"""What a transaction would do, before it is saved: told beside the form, and never an error of the server."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.factories import AssetFactory, PortfolioFactory
from tests.portfolios.entering import address, form
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
HTMX = {"HX-Request": "true"}


def seen(client: Client, data: dict[str, object]) -> str:
    answer = client.post(reverse("transaction-preview"), data, headers=HTMX)
    assert answer.status_code == 200
    return Page(answer).text


def test_it_shows_before_and_after(alice_client, savings, bought) -> None:
    text = seen(alice_client, form(savings, unit_price="", fee="1"))
    assert "After this purchase Preview You pay $76.00" in text
    assert "Bitcoin held 1.00000000 → 1.50000000" in text
    assert "Average price $101.00 → $118.00" in text
    assert "Cost basis $101.00 → $177.00" in text
    assert "Market price used Shipped history, 1 Jun 2024 10:00 UTC, within the hour $150.00" in text
    assert "Quantity in sats 50,000,000 sats" in text
    assert savings.transactions.count() == 1


def test_a_sale_shows_what_it_would_realise(alice_client, savings, bought) -> None:
    text = seen(alice_client, form(savings, kind="sell", unit_price="201"))
    assert "After this sale Preview You receive $100.50 Realised gain +$50.00" in text
    assert "Market price then" in text


def test_a_swap_shows_what_it_is_worth(alice_client, savings, bought) -> None:
    swapped = {"kind": "swap", "to_asset": AssetFactory(symbol="ETH").pk, "to_quantity": "2"}
    text = seen(alice_client, form(savings, **swapped))
    assert "After this swap Preview Worth $75.00 You receive 2" in text
    assert "Realised gain +$24.50" in text


def test_a_transfer_realises_nothing(alice_client, alice, savings, bought) -> None:
    cold = PortfolioFactory(owner=alice, name="Cold")
    text = seen(alice_client, form(savings, kind="transfer", unit_price="", to_portfolio=cold.pk))
    assert "Goes to Cold Realised gain None, moved at cost Bitcoin held 1.00000000 → 0.50000000" in text


def test_a_transfer_with_a_fee_in_coins_realises_the_fee(alice_client, alice, savings, bought) -> None:
    paid = {"to_portfolio": PortfolioFactory(owner=alice).pk, "fee": "0.01", "fee_asset": bought.asset_id}
    text = seen(alice_client, form(savings, kind="transfer", unit_price="", **paid))
    assert "Realised gain by the fee, the rest is moved at cost −$1.01" in text
    assert "None" not in text


def test_a_fee_in_coins_is_shown_with_its_worth(alice_client, savings, bought) -> None:
    text = seen(alice_client, form(savings, fee="0.01", fee_asset=bought.asset_id))
    assert "You pay $75.00 Fee worth $1.50 0.01000000" in text


@pytest.mark.parametrize("kind", ["gift", "lost", "fee"])
def test_what_leaves_for_nothing_loses_its_cost(alice_client, savings, bought, kind) -> None:
    assert "Realised gain −$50.50" in seen(alice_client, form(savings, kind=kind, unit_price=""))


def test_it_says_why_it_would_be_refused(alice_client, savings, bought) -> None:
    text = seen(alice_client, form(savings, kind="sell", quantity="2"))
    assert "You held 1 BTC" in text
    assert "Bitcoin held —" in text
    assert "Fee: Enter a number" in seen(alice_client, form(savings, fee="x"))


def test_amending_compares_with_what_is_stored(alice_client, savings, bought) -> None:
    data = form(savings, quantity="2", unit_price="100", occurred_at="2024-06-01T00:00", amending=bought.pk)
    assert "Bitcoin held 1.00000000 → 2.00000000" in seen(alice_client, data)


@pytest.mark.parametrize("gap", ["quantity", "asset", "portfolio", "occurred_at", "kind"])
def test_what_is_not_known_yet_is_a_dash(alice_client, savings, gap) -> None:
    text = seen(alice_client, form(savings, **{gap: ""}))
    assert "held —" in text
    assert "note err" not in text


@pytest.mark.parametrize(
    "field", ["quantity", "occurred_at", "kind", "asset", "portfolio", "note", "version"]
)
@pytest.mark.parametrize("value", ["\x00", "9" * 400, "-1", str(10**30), "0001-01-05T00:00", "💥"])
def test_nothing_that_is_typed_breaks_it(alice_client, savings, field, value) -> None:
    seen(alice_client, form(savings, **{field: value}))


@pytest.mark.parametrize("pk", ["0", "-1", "x", str(10**30)])
def test_a_transaction_that_there_is_not_is_not_found(alice_client, savings, pk) -> None:
    data = form(savings, amending=pk)
    assert alice_client.post(reverse("transaction-preview"), data).status_code == 404


def test_a_stranger_previews_nothing_of_it(charlie_client, bought) -> None:
    data = form(bought.portfolio, amending=bought.pk)
    assert charlie_client.post(reverse("transaction-preview"), data).status_code == 404
    text = seen(charlie_client, form(bought.portfolio))
    assert "1.00000000" not in text


def test_the_form_page_asks_few_questions(
    alice_client, bought, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    alice_client.get("/accounts/settings/")  # the first visit of a session is noted
    for path in (reverse("transaction-new"), address("edit", bought)):
        with django_assert_max_num_queries(15):
            alice_client.get(path)
