"""Nothing that can be read or pressed lies outside of what a screen shows, at any width."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from accounts.models import User
from portfolios.models import Portfolio
from tests.browser.conftest import open_context, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = (320, 390, 560, 861, 1024, 1280, 1920)
LONG = "Savings for a house by the sea and what comes after it"


@pytest.fixture
def at_length(mira: User, page: Page) -> Page:
    """Signed in with a long portfolio name, and dates in the longest way of writing them."""
    Portfolio.objects.filter(name="Savings").update(name=LONG)
    mira.locale = "en-us"
    mira.save()
    sign_in(page)
    return page


def resize(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})


def lies_within(inner: Locator, outer: Locator) -> bool:
    one, other = inner.bounding_box(), outer.bounding_box()
    assert one is not None
    assert other is not None
    return other["x"] <= one["x"] and one["x"] + one["width"] <= other["x"] + other["width"] + 0.5


def test_no_page_scrolls_sideways(at_length: Page) -> None:
    page, savings = at_length, Portfolio.objects.get(name=LONG)
    there = f"/portfolios/{savings.pk}/"
    for address in (
        "/",
        "/transactions/",
        there,
        f"{there}assets/BTC/",
        f"{there}gains/",
        "/accounts/settings/",
    ):
        page.goto(address)
        for width in WIDTHS:
            resize(page, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)


def test_what_can_be_done_with_a_transaction_stays_in_sight(at_length: Page) -> None:
    page = at_length
    page.goto("/transactions/")
    shown = page.locator("#transactions .scroll")
    for width in (1280, 1024, 870):
        resize(page, width)
        assert lies_within(page.get_by_role("button", name=re.compile("Delete buy")).first, shown), width
    expect(page.locator(".whose", has_text=LONG).first).to_have_attribute("title", LONG)
    page.get_by_role("link", name=re.compile("Edit sell")).first.click()
    for width in (1280, 1024, 870):
        resize(page, width)
        for name in ("Save", "Cancel", "Total"):
            assert lies_within(page.locator("tr.editing").get_by_text(name, exact=True), shown), (name, width)


@pytest.mark.parametrize("width", [1280, 390])
def test_how_a_figure_came_about_is_told_in_all_its_columns(at_length: Page, width: int) -> None:
    page, dialog = at_length, at_length.locator("#modal")
    resize(page, width)
    page.locator("a.why", has_text="how cost basis came about").first.click()
    expect(dialog.locator("tbody tr").first).to_be_visible()
    for row in dialog.locator("tbody tr").all():
        for cell in row.locator("th, td").all():
            expect(cell).to_be_visible()
            assert lies_within(cell, dialog)


def test_a_hidden_amount_is_as_wide_as_any_other(signed_in: Page) -> None:
    page = signed_in
    page.get_by_role("button", name="Hide amounts").first.click()
    shown = page.locator(".tile .s .amt").all()
    widths = {round(box["width"], 1) for each in shown if (box := each.bounding_box())}
    assert len(shown) > 2
    assert len(widths) == 1


def test_on_a_phone_one_finds_the_transactions_and_their_filters_are_folded(signed_in: Page) -> None:
    page = signed_in
    resize(page, 390)
    page.locator(".tabbar").get_by_role("link", name="More").click()
    page.locator("main").get_by_role("link", name="Transactions", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Transactions")
    chosen = page.locator("[name=kind]")
    expect(chosen).to_be_hidden()
    expect(page.get_by_role("button", name=re.compile("Delete"))).to_have_count(0)
    page.get_by_text("More filters").click()
    chosen.select_option("income")
    expect(page.locator("#tx-count")).to_have_text("1")
    expect(chosen).to_be_visible()
    page.reload()
    expect(chosen).to_be_visible()
    page.locator("#transactions tbody a").first.click()
    expect(page.get_by_role("button", name="Delete transaction")).to_be_visible()


def test_on_a_wide_screen_the_filters_lie_open(signed_in: Page) -> None:
    signed_in.goto("/transactions/")
    expect(signed_in.locator("[name=kind]")).to_be_visible()
    expect(signed_in.get_by_text("More filters")).to_be_hidden()


def test_without_scripts_no_empty_preview_stands_beside_the_form(browser: Browser, mira, live_server) -> None:
    context = open_context(browser, live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    page.goto("/transactions/new/")
    expect(page.locator("#preview")).to_be_hidden()
    expect(page.get_by_role("button", name="Save transaction")).to_be_visible()
    context.close()
