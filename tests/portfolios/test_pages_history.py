"""The history of a transaction as its owner reads it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from portfolios.models import Portfolio, Transaction
from tests.factories import NOW, PortfolioFactory, SnapshotFactory, record
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
HTMX = {"HX-Request": "true"}
STATED = {"kind": "buy", "quantity": "1", "unit_price": "100.000000001", "occurred_at": "2024-06-01T00:00"}


@pytest.fixture
def savings(alice) -> Portfolio:
    SnapshotFactory(price=Decimal(200))
    return PortfolioFactory(owner=alice, name="Savings")


@pytest.fixture
def bought(savings) -> Transaction:
    return record(savings, "buy", "1.23456789", "2024-06-01", unit_price="100", note="First")


def address(name: str, transaction: Transaction) -> str:
    return reverse(f"transaction-{name}", args=[transaction.pk])


@pytest.fixture
def changed(alice_client, bought) -> Transaction:
    form = STATED | {"asset": bought.asset_id, "currency": "USD", "note": "<b>Second</b>"}
    assert alice_client.post(address("edit", bought), form).status_code == 303
    return bought


def test_it_tells_who_changed_what_from_what_to_what(alice_client, changed) -> None:
    page = Page(alice_client.get(address("history", changed)))
    assert "Changed by you · 1 Jan 2025 00:00:00 UTC" in page.text
    assert "Quantity before: 1.23456789 BTC → now: 1.00000000 BTC" in page.text
    assert "Price per unit before: $100.00 → now: $100.000000001" in page.text
    assert "Recorded by the system" in page.text
    assert "Exchange rate" not in page.text


def test_words_of_a_user_are_inert(alice_client, changed) -> None:
    page = Page(alice_client.get(address("history", changed)))
    assert "<b>Second" not in page.html
    assert "Note before: First → now: <b>Second</b>" in page.text


def test_hidden_amounts_are_not_in_it(alice_client, changed) -> None:
    alice_client.cookies["private"] = "1"
    page = Page(alice_client.get(address("history", changed)))
    for amount in ("1.23456789", "100.000000001", "100.00"):
        assert amount not in page.html
    assert "Quantity before: ••••• → now: •••••" in page.text


def test_htmx_gets_the_history_alone(alice_client, changed) -> None:
    answer = alice_client.get(address("history", changed), headers=HTMX | {"HX-Target": "history"})
    assert answer.content.decode().strip().startswith('<section class="card preview trail" id="history"')


def test_times_are_told_in_the_owners_zone(alice, alice_client, changed) -> None:
    alice.timezone = "Asia/Tokyo"
    alice.save()
    page = Page(alice_client.get(address("history", changed)))
    assert "1 Jan 2025 09:00:00 JST" in page.text
    assert "1 Jun 2024 09:00:00" in page.text


def test_rows_forms_and_the_deleted_lead_to_it(alice_client, bought) -> None:
    link = f'href="{address("history", bought)}"'
    assert link in alice_client.get(reverse("transaction-list")).content.decode()
    assert link in alice_client.get(address("edit", bought)).content.decode()
    assert link not in alice_client.get(reverse("transaction-new")).content.decode()
    alice_client.post(address("delete", bought))
    assert link in alice_client.get(reverse("transaction-deleted")).content.decode()


def test_a_deleted_one_can_be_restored_from_it(alice_client, bought) -> None:
    alice_client.post(address("delete", bought))
    page = Page(alice_client.get(address("history", bought)))
    assert "Deleted by you" in page.text
    assert address("restore", bought) in page.html
    assert address("edit", bought) not in page.html
    answer = alice_client.post(address("restore", bought), {"next": address("history", bought)}, follow=True)
    assert "Restored by you" in Page(answer).text


def test_after_thirty_days_it_still_tells_and_offers_no_way_back(alice_client, bought) -> None:
    alice_client.post(address("delete", bought))
    Transaction.objects.update(deleted_at=NOW - timedelta(days=30, seconds=1))
    page = Page(alice_client.get(address("history", bought)))
    assert "After 30 days it can’t be restored any more." in page.text
    assert address("restore", bought) not in page.html


def test_what_is_older_than_the_trail_says_so(alice_client, bought) -> None:
    Transaction.history.all().delete()
    page = Page(alice_client.get(address("history", bought)))
    assert "Recorded on 1 Jan 2025 00:00:00 UTC , before the history of changes began" in page.text
    form = STATED | {"asset": bought.asset_id, "currency": "USD", "note": ""}
    alice_client.post(address("edit", bought), form)
    assert "How it stood before is not on record." in Page(alice_client.get(address("history", bought))).text


def test_a_form_that_is_saved_as_it_was_says_that_nothing_changed(alice_client, changed) -> None:
    form = STATED | {"asset": changed.asset_id, "currency": "USD", "note": "<b>Second</b>"}
    alice_client.post(address("edit", changed), form)
    assert "Saved again with nothing changed." in Page(alice_client.get(address("history", changed))).text


def test_a_key_that_guards_against_saving_twice_is_kept_nowhere_else(alice_client, savings, bought) -> None:
    key = "0a1b2c3d-0000-4000-8000-00000000abcd"
    form = STATED | {"asset": bought.asset_id, "portfolio": savings.pk, "idempotency_key": key}
    alice_client.post(reverse("transaction-new"), form)
    row = Transaction.objects.get(idempotency_key=key)
    assert key not in repr(Transaction.history.filter(id=row.pk).values())
    assert key not in Page(alice_client.get(address("history", row))).html


def test_only_the_owner_finds_it(charlie_client, client, bought) -> None:
    assert charlie_client.get(address("history", bought)).status_code == 404
    assert client.get(address("history", bought)).status_code == 302
    bought.deleted_at = NOW
    bought.save()
    assert charlie_client.get(address("history", bought)).status_code == 404


def test_reading_is_all_that_it_takes(alice_client, bought) -> None:
    assert alice_client.post(address("history", bought)).status_code == 405
