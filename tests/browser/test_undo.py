"""What was deleted comes back by Undo, where it stood, and the keyboard with it."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from portfolios.models import Transaction

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_deleted_transaction_is_brought_back_by_undo(signed_in: Page) -> None:
    page = signed_in
    page.get_by_role("link", name="Staking").first.click()
    page.wait_for_url(re.compile(r"/portfolios/\d+/"))
    page.get_by_role("button", name=re.compile("Delete income")).click()
    toast = page.locator("#toasts")
    expect(toast).to_contain_text("deleted")
    expect(page.locator("#transactions tbody tr")).to_have_count(1)
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator("#transactions tbody tr")).to_have_count(2)
    assert not Transaction.objects.exclude(deleted_at=None).exists()


def test_an_undo_while_the_table_is_still_asked_for_is_shown_too(signed_in: Page) -> None:
    """The first answer, from before the undo, is held back."""
    page, held = signed_in, []

    def hold(route: Route) -> None:
        if held or route.request.headers.get("hx-target") != "transactions":
            route.continue_()
        else:
            held.append(route)

    page.get_by_role("link", name="Staking").first.click()
    page.wait_for_url(re.compile(r"/portfolios/\d+/"))
    page.route("**/portfolios/*/", hold)
    page.get_by_role("button", name=re.compile("Delete income")).click()
    expect(page.locator("#transactions tbody tr")).to_have_count(1)
    with page.expect_response("**/restore/"):
        page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#transactions tbody tr")).to_have_count(2)
    assert held


def test_after_an_undo_the_keyboard_stands_where_it_came_from(signed_in: Page) -> None:
    page = signed_in
    page.goto("/transactions/")
    rows = page.locator("#transactions tbody tr")
    page.get_by_role("button", name=re.compile("Delete income")).press("Enter")
    expect(rows).to_have_count(5)
    stood_at = rows.first.locator("a").first
    expect(stood_at).to_be_focused()
    address = stood_at.get_attribute("href")
    page.locator("#toasts").get_by_role("button", name="Undo").press("Enter")
    expect(rows).to_have_count(6)
    expect(rows.nth(1).locator(f'a[href="{address}"]').first).to_be_focused()
