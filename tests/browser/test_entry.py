"""Entering, listing and taking back transactions, walked in a real browser."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import User
from portfolios.models import Portfolio, Transaction
from tests.browser.conftest import PASSWORD, open_context, sign_in
from tests.browser.test_journeys import choose, fill, save
from tests.factories import PortfolioFactory, record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def without_scripts(browser: Browser, live_server, mira: User):
    context: BrowserContext = open_context(browser, live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    yield page
    context.close()


def sell_again(page: Page) -> None:
    """Fill in what was sold twenty days ago, once more."""
    sold = Transaction.objects.get(kind="sell")
    page.goto("/transactions/new/")
    page.locator("[name=kind][value=sell]").check(force=True)
    page.locator("[name=portfolio]").select_option(label="Savings")
    page.locator("[name=asset]").select_option(label="Bitcoin (BTC)")
    fill(page, occurred_at=f"{sold.occurred_at:%Y-%m-%dT%H:%M}", quantity="0.1", unit_price="61000")


def let_the_session_die() -> None:
    Session.objects.all().delete()


def sign_in_again(page: Page, name: str = "mira") -> None:
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def dates(page: Page) -> list[str]:
    return page.locator("#transactions tbody time").all_inner_texts()


def listed(page: Page):
    return page.locator("#transactions tbody tr")


def go_back(page: Page, where: str, to: str) -> None:
    """Back is a page of its own, which is loaded anew: who goes on before its scripts are there gets lost."""
    page.go_back()
    expect(page.locator(where)).to_contain_text(to)
    page.wait_for_load_state("networkidle")


def savings_plan(so_many: int) -> None:
    savings, now = Portfolio.objects.get(name="Savings"), timezone.now()
    for number in range(so_many):
        at = f"{now - timedelta(days=59 - number):%Y-%m-%d %H:%M}"
        record(savings, "buy", "0.001", at, now=now, unit_price="50000", note="Plan")


def test_what_was_perhaps_entered_before_is_said_and_saved_anyway(signed_in: Page) -> None:
    page = signed_in
    sell_again(page)
    expect(page.locator("#preview")).to_contain_text("This looks like one that you have: sell of 0.1")
    save(page)
    warning = page.get_by_role("alert")
    expect(warning).to_contain_text("Nothing was saved yet.")
    expect(warning).to_be_focused()
    assert Transaction.objects.filter(kind="sell").count() == 1
    page.get_by_role("button", name="Save anyway").click()
    expect(page.locator("#transactions")).to_be_visible()
    assert Transaction.objects.filter(kind="sell").count() == 2


def test_a_duplicate_is_told_without_scripts_too(without_scripts: Page) -> None:
    page = without_scripts
    sell_again(page)
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("This looks like one that you have")
    page.get_by_role("button", name="Save anyway").click()
    expect(page.locator("#transactions")).to_be_visible()
    assert Transaction.objects.filter(kind="sell").count() == 2


def test_the_preview_stands_beside_the_form_and_above_the_buttons_on_a_phone(signed_in: Page) -> None:
    page = signed_in
    page.goto("/transactions/new/")

    def top_of(selector: str) -> float:
        return page.locator(selector).bounding_box()["y"]

    assert abs(top_of("#preview") - top_of("#transaction-form > .card:not(.preview)")) < 2
    page.set_viewport_size({"width": 390, "height": 844})
    assert top_of("[name=note]") < top_of("#preview") < top_of("#transaction-form button.primary")


def test_the_chosen_kind_is_explained(signed_in: Page) -> None:
    page = signed_in
    page.goto("/transactions/new/")
    choose(page, "Lost")
    expect(page.locator("#says-lost")).to_be_visible()
    expect(page.locator("#says-buy")).to_be_hidden()
    expect(page.locator("[name=fee]")).to_be_hidden()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_form_outlives_its_session(browser: Browser, live_server, mira: User, scripts: bool) -> None:
    context = open_context(browser, live_server.url, java_script_enabled=scripts)
    page = context.new_page()
    sign_in(page)
    sell_again(page)
    fill(page, quantity="0.0123", note="Typed before the end")
    if scripts:
        expect(page.locator("#preview")).to_contain_text("$750.30")
    let_the_session_die()
    save(page)
    expect(page.locator("#toasts")).to_contain_text("the form comes back as you left it")
    sign_in_again(page)
    expect(page.get_by_text("Here is what you had typed")).to_be_visible()
    expect(page.locator("[name=quantity]")).to_have_value("0.0123")
    expect(page.locator("[name=note]")).to_have_value("Typed before the end")
    expect(page.locator("[name=kind][value=sell]")).to_be_checked()
    save(page)
    expect(page.locator("#transactions")).to_contain_text("0.0123")
    assert Transaction.objects.filter(note="Typed before the end").count() == 1
    context.close()


def test_typing_after_the_session_has_ended_loses_nothing(signed_in: Page) -> None:
    page = signed_in
    page.goto("/transactions/new/?kind=income")
    page.wait_for_load_state("networkidle")
    let_the_session_die()
    page.locator("[name=quantity]").press_sequentially("0.77")
    page.wait_for_url(re.compile("login"))
    sign_in_again(page)
    expect(page.locator("[name=quantity]")).to_have_value("0.77")
    expect(page.locator("[name=kind][value=income]")).to_be_checked()


def test_a_row_that_was_edited_comes_back_as_its_form(signed_in: Page) -> None:
    page = signed_in
    page.goto("/transactions/")
    page.get_by_role("link", name=re.compile("Edit income")).click()
    editing = page.locator("tr.editing")
    editing.locator("[name=quantity]").fill("0.25")
    let_the_session_die()
    editing.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile("login"))
    sign_in_again(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit transaction")
    expect(page.locator("[name=quantity]")).to_have_value("0.25")


def test_another_person_at_the_same_browser_gets_nothing_of_it(signed_in: Page) -> None:
    page = signed_in
    nora = User.objects.create_user("nora", "nora@example.org", PASSWORD)
    PortfolioFactory(owner=nora, name="Hers")
    sell_again(page)
    fill(page, quantity="0.0123", note="Not for Nora")
    let_the_session_die()
    save(page)
    page.wait_for_url(re.compile("login"))
    sign_in_again(page, "nora")
    expect(page.locator("[name=quantity]")).to_have_value("")
    assert "Nora" not in page.locator("[name=note]").input_value()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/accounts/login/?next=/transactions/new/")
    sign_in_again(page)
    expect(page.locator("[name=quantity]")).to_have_value("")


def test_filters_pages_and_order_are_addresses_and_back_goes_back(signed_in: Page) -> None:
    page = signed_in
    savings_plan(30)
    page.goto("/transactions/")
    page.locator("[name=kind]").select_option("buy")
    page.wait_for_url(re.compile(r"/transactions/\?kind=buy$"))
    page.get_by_role("link", name="Next page").click()
    page.wait_for_url(re.compile(r"\?kind=buy&page=2$"))
    expect(page.locator("#tx-foot")).to_contain_text("26–32 of 32")
    page.get_by_role("link", name="50 rows").click()
    page.wait_for_url(re.compile(r"\?kind=buy&size=50$"))
    expect(listed(page)).to_have_count(32)
    page.get_by_role("link", name="Date").click()
    page.wait_for_url(re.compile(r"\?kind=buy&sort=date&size=50$"))
    expect(page.locator("th[aria-sort=ascending] a")).to_have_text("Date")
    go_back(page, "th[aria-sort=descending] a", "Date")
    page.wait_for_url(re.compile(r"\?kind=buy&size=50$"))
    go_back(page, "#tx-foot", "26–32 of 32")
    page.wait_for_url(re.compile(r"\?kind=buy&page=2$"))
    go_back(page, "#tx-foot", "1–25 of 32")
    go_back(page, "#tx-count", "36")
    expect(page.locator("[name=kind]")).to_have_value("")


def test_rows_are_walked_and_edited_by_keys(signed_in: Page) -> None:
    page = signed_in
    page.goto("/transactions/")
    page.keyboard.press("j")
    expect(listed(page).nth(0).locator("a").first).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(listed(page).nth(1).locator("a").first).to_be_focused()
    page.keyboard.press("e")
    editing = page.locator("tr.editing")
    expect(editing.locator("[name=occurred_at]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(editing).to_have_count(0)
    expect(listed(page).nth(1).locator("[data-edit]")).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("[name=q]")).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Next, previous row of a table")


@pytest.mark.parametrize("where", ["/transactions/", "/portfolios/{}/"])
def test_rows_are_right_after_a_deletion_its_undo_and_an_edit(signed_in: Page, where: str) -> None:
    page = signed_in
    savings = Portfolio.objects.get(name="Savings")
    record(savings, "buy", "0.2", f"{timezone.now() - timedelta(days=39):%Y-%m-%d %H:%M}",
           now=timezone.now(), unit_price="40000")  # fmt: skip
    page.goto(where.format(savings.pk))
    count = listed(page).count()
    sale = page.locator("#transactions tr", has_text="Sell").locator(".net")
    before = sale.inner_text()
    bought = page.locator("#transactions tr", has_text="$8,000.00")
    bought.get_by_role("button", name=re.compile("Delete")).click()
    expect(listed(page)).to_have_count(count - 1)
    expect(sale).not_to_have_text(before)  # its coins cost more on average by now
    expect(page.locator("#tx-count")).to_have_text(str(count - 1))
    without = sale.inner_text()
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(listed(page)).to_have_count(count)
    expect(sale).not_to_have_text(without)
    expect(sale).to_have_text(re.compile(re.escape(before.split("\n")[0])))
    bought.locator("[data-edit]").click()
    editing = page.locator("tr.editing")
    editing.locator("[name=unit_price]").fill("10000")
    editing.get_by_role("button", name="Save").click()
    expect(page.locator("#transactions")).to_contain_text("$2,000.00")
    expect(sale).not_to_have_text(re.compile(re.escape(before.split("\n")[0])))


def test_a_row_being_edited_is_left_alone_while_others_change(signed_in: Page) -> None:
    page = signed_in
    page.goto("/transactions/")
    page.get_by_role("link", name=re.compile("Edit sell")).click()
    page.locator("tr.editing [name=quantity]").fill("0.05")
    page.get_by_role("button", name=re.compile("Delete income")).click()
    expect(page.locator("#toasts")).to_contain_text("deleted")
    expect(page.locator("tr.editing [name=quantity]")).to_have_value("0.05")
    page.locator("tr.editing").get_by_role("button", name="Save").click()
    expect(page.locator("tr.editing")).to_have_count(0)
    expect(page.locator("#tx-count")).to_have_text("5")


def test_after_a_deletion_the_keyboard_stands_on_the_next_row(signed_in: Page) -> None:
    page = signed_in
    page.goto("/transactions/")
    page.get_by_role("button", name=re.compile("Delete income")).focus()
    page.keyboard.press("Enter")
    expect(listed(page)).to_have_count(5)
    expect(listed(page).first.locator("a").first).to_be_focused()


def test_what_is_deleted_can_be_deleted_for_good(signed_in: Page) -> None:
    page = signed_in
    page.goto("/transactions/")
    page.get_by_role("button", name=re.compile("Delete income")).click()
    expect(page.locator("#toasts")).to_contain_text("deleted")
    page.goto("/transactions/deleted/")
    expect(page.locator("tbody")).to_contain_text("30 days")
    page.get_by_role("link", name=re.compile("Delete for good")).click()
    expect(page.locator("main")).to_contain_text("can’t be restored afterwards")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator("#toasts")).to_contain_text("deleted for good")
    expect(page.locator("main")).to_contain_text("Nothing was deleted")
    assert Transaction.objects.count() == 5


def test_what_the_net_result_of_a_row_means_is_told_beside_it(signed_in: Page) -> None:
    page = signed_in
    page.goto("/transactions/")
    page.locator("thead .tip").click()
    expect(page.locator("#tip-row-net")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#tip-row-net")).to_be_hidden()
