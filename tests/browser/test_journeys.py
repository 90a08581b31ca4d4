"""What people come to do, walked in a real browser."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from portfolios.models import Transaction
from tests.browser.conftest import answer_as_the_cdn, open_context, sign_in, until
from tests.factories import AssetFactory, SnapshotFactory

pytestmark = pytest.mark.django_db(transaction=True)


def choose(page: Page, kind: str) -> None:
    page.locator(".types label", has_text=kind).click()


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.locator(f"#transaction-form [name={name}]").fill(value)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save transaction", exact=True).click()


def hero(page: Page):
    return page.locator("#hero .value")


def test_a_newcomer_registers_and_sees_the_first_purchase_on_the_dashboard(page: Page, live_server) -> None:
    SnapshotFactory(asset=AssetFactory(), at=timezone.now() - timedelta(minutes=3), price=Decimal(60_000))
    page.goto("/")
    page.get_by_role("link", name="Create account").first.click()
    page.get_by_label("Username").fill("newcomer")
    page.get_by_label("Email").fill("newcomer@example.org")
    page.locator("input[type=password]").fill("seven-green-lanterns")
    page.get_by_role("button", name=re.compile("Create account")).click()
    page.wait_for_url("**/")
    page.goto("/portfolios/new/")
    page.get_by_label("Name").fill("Savings")
    page.locator("main form button[type=submit], main form button.primary").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Savings")
    page.get_by_role("link", name=re.compile("Add")).first.click()
    fill(page, quantity="0.25")
    expect(page.locator("#preview")).to_contain_text("$15,000.00")
    save(page)
    expect(page.locator("#transactions")).to_contain_text("$15,000.00")
    page.goto("/")
    expect(hero(page)).to_have_text(re.compile(r"\$15,000\s*\.00"))


def test_a_new_price_shows_without_a_reload(signed_in: Page) -> None:
    page = signed_in
    before = hero(page).inner_text()
    page.evaluate("window.untouched = true")
    SnapshotFactory(asset=AssetFactory(), at=timezone.now(), price=Decimal(123_456))
    page.evaluate("document.body.dispatchEvent(new Event('tick'))")
    expect(hero(page)).not_to_have_text(before)
    expect(page.locator(".ticker")).to_contain_text("$123,456")
    assert page.evaluate("window.untouched")


def test_selling_too_much_is_explained_before_and_after_saving(signed_in: Page) -> None:
    page = signed_in
    page.goto("/transactions/new/")
    choose(page, "Sell")
    page.locator("[name=portfolio]").select_option(label="Savings")
    page.locator("[name=asset]").select_option(label="Bitcoin (BTC)")
    fill(page, quantity="7", unit_price="60000")
    expect(page.locator("#preview")).to_contain_text("You held 0.43 BTC on")
    save(page)
    expect(page.locator("#transaction-form .errors")).to_contain_text("You held 0.43 BTC on")
    expect(page.locator("#transaction-form .errors")).to_contain_text("Enter at most 0.43.")
    expect(page.locator("#transaction-form [name=quantity]")).to_have_value("7")
    assert Transaction.objects.count() == 6


def test_the_fields_follow_the_kind(signed_in: Page) -> None:
    page = signed_in
    page.goto("/transactions/new/")
    for kind, shown, hidden in (
        ("Buy", ("unit_price", "total", "fee"), ("cost",)),
        ("Deposit", ("cost",), ("unit_price", "total", "fee")),
        ("Withdrawal", ("fee", "fee_asset"), ("unit_price", "total", "cost", "currency")),
        ("Income", ("unit_price", "total"), ("fee", "cost")),
        ("Swap", ("to_asset", "to_quantity", "total", "fee"), ("to_portfolio", "cost")),
        ("Transfer", ("to_portfolio", "fee", "fee_asset"), ("unit_price", "total", "cost", "to_asset")),
    ):
        choose(page, kind)
        for name in shown:
            expect(page.locator(f"#transaction-form [name={name}]")).to_be_visible()
        for name in hidden:
            expect(page.locator(f"#transaction-form [name={name}]")).to_be_hidden()


def test_a_row_is_edited_in_place_and_the_figures_follow(signed_in: Page) -> None:
    page = signed_in
    page.get_by_role("link", name="Savings").first.click()
    share = page.locator("#side-portfolios a", has_text="Savings").locator(".num")
    before = share.inner_text()
    row = page.locator("tr", has_text="Buy").first
    row.get_by_role("link", name=re.compile("Edit buy")).click()
    editing = page.locator("tr.editing")
    editing.locator("[name=quantity]").fill("1.5")
    editing.get_by_role("button", name="Save").click()
    expect(page.locator("tr.editing")).to_have_count(0)
    expect(page.locator("#transactions")).to_contain_text("+1.5")
    expect(page.locator("#holdings")).to_contain_text("1.43")
    expect(share).not_to_have_text(before)
    expect(page.get_by_role("link", name=re.compile("Edit buy"))).to_be_focused()
    assert Transaction.objects.get(kind="buy", asset__symbol="BTC").quantity == Decimal("1.5")


def test_a_wrong_number_in_a_row_is_said_in_the_row(signed_in: Page) -> None:
    page = signed_in
    page.get_by_role("link", name="Savings").first.click()
    page.get_by_role("link", name=re.compile("Edit buy")).first.click()
    editing = page.locator("tr.editing")
    editing.locator("[name=quantity]").fill("0,125")
    editing.get_by_role("button", name="Save").click()
    expect(page.locator("tr.editing")).to_contain_text("Quantity: Use a point for decimals: 0.125")


def test_a_row_being_edited_fits_into_its_card(signed_in: Page) -> None:
    page = signed_in
    page.goto("/transactions/")
    page.get_by_role("link", name=re.compile("Edit buy")).first.click()
    expect(page.locator("tr.editing")).to_be_visible()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("(e => e.scrollWidth - e.clientWidth)(document.querySelector('.scroll'))") == 0
        for name in ("Save", "Cancel"):
            button = page.locator("tr.editing").get_by_text(name, exact=True)
            button.scroll_into_view_if_needed()
            expect(button).to_be_in_viewport(ratio=1)


def test_a_new_entry_begins_at_the_quantity_and_shows_its_type(signed_in: Page) -> None:
    page = signed_in
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/transactions/new/")
    expect(page.locator("[name=quantity]")).to_be_focused()
    assert page.evaluate("scrollY") == 0


def test_what_is_needed_by_a_later_sale_can_not_be_deleted(signed_in: Page) -> None:
    page = signed_in
    page.get_by_role("link", name="Savings").first.click()
    page.get_by_role("button", name=re.compile("Delete buy")).click()
    expect(page.locator("#transactions")).to_contain_text("Without it you would have held 0 BTC on")
    assert Transaction.objects.kept().count() == 6


def test_a_range_is_an_address_and_back_goes_back(signed_in: Page) -> None:
    page = signed_in
    page.locator("#hero").get_by_role("link", name="1M", exact=True).click()
    page.wait_for_url(re.compile(r"\?range=1M"))
    expect(page.locator("#hero [aria-current=true]")).to_have_text("1M")
    page.go_back()
    expect(page.locator("#hero [aria-current=true]")).to_have_text("ALL")


def test_units_theme_and_hidden_amounts_stay(signed_in: Page, mira: User) -> None:
    page = signed_in
    page.get_by_role("button", name="BTC", exact=True).click()
    expect(hero(page)).to_contain_text("BTC")
    page.locator("[data-action=privacy]:visible").first.click()
    expect(page.locator("html")).to_have_attribute("data-private", "")
    page.reload()
    assert "0.43" not in page.locator("main").inner_text()
    before = page.locator("html").get_attribute("data-theme")
    page.locator("[data-action=theme]:visible").first.click()
    page.reload()
    assert page.locator("html").get_attribute("data-theme") != before


def test_without_javascript_everything_can_be_done(browser: Browser, mira: User, live_server) -> None:
    context = open_context(browser, live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    page.goto("/transactions/new/")
    page.locator("[name=kind][value=sell]").check(force=True)
    page.locator("[name=portfolio]").select_option(label="Savings")
    page.locator("[name=asset]").select_option(label="Bitcoin (BTC)")
    fill(page, quantity="0.03", total="2000")
    save(page)
    expect(page.locator("#transactions")).to_contain_text("$2,000.00")
    page.get_by_role("button", name=re.compile("Delete sell")).first.click()
    expect(page.locator("#toasts")).to_contain_text("deleted")
    page.goto("/")
    expect(page.locator("#hero details.table-alt")).to_be_visible()
    context.close()


def test_the_chart_comes_from_the_cdn(page: Page, mira: User, context) -> None:
    answer_as_the_cdn(context)
    sign_in(page)
    until(page, "window.Chart !== undefined && Chart.getChart(document.querySelector('canvas'))")
    assert page.locator("head script[src^='https://cdn.jsdelivr.net']").count() == 1


@pytest.mark.parametrize("body", [None, b"alert('somebody elses bytes')"])
def test_the_chart_comes_from_here_where_the_cdn_is_away_or_changed(page: Page, mira, context, body) -> None:
    if body:
        answer_as_the_cdn(context, body)
    sign_in(page)
    until(page, "window.Chart !== undefined && Chart.getChart(document.querySelector('canvas'))")
    assert page.locator("head script[src*='vendor/chart']").count() == 1


def test_without_any_chart_library_the_table_stands_in(page: Page, mira, context) -> None:
    context.route("**/vendor/**", lambda route: route.abort())
    sign_in(page)
    expect(page.locator("#hero details.table-alt table")).to_be_visible()
    expect(page.locator("#hero canvas")).to_be_hidden()


def test_the_chart_is_read_with_the_keyboard(signed_in: Page) -> None:
    page = signed_in
    until(page, "window.Chart !== undefined && Chart.getChart(document.querySelector('canvas'))")
    chart = page.locator("#hero [data-chart]")
    chart.focus()
    page.keyboard.press("Home")
    first = chart.locator("[role=status]").inner_text()
    page.keyboard.press("ArrowRight")
    expect(chart.locator("[role=status]")).not_to_have_text(first)


def test_a_newcomer_is_welcomed_and_leaves_again_with_everything(page: Page, live_server) -> None:
    SnapshotFactory(asset=AssetFactory(), at=timezone.now() - timedelta(minutes=3), price=Decimal(60_000))
    page.goto("/accounts/register/")
    page.get_by_label("Username").fill("passing")
    page.get_by_label("Email").fill("passing@example.org")
    page.locator("input[type=password]").fill("seven-green-lanterns")
    page.get_by_role("button", name=re.compile("Create account")).click()
    page.wait_for_url("**/welcome/")
    page.get_by_label("Numbers and dates").select_option("de-DE")
    page.get_by_role("button", name="Add a purchase").click()
    page.wait_for_url("**/transactions/new/**")
    fill(page, quantity="0,25")
    expect(page.locator("#preview")).to_contain_text("15.000,00")
    save(page)
    expect(page.locator("#transactions")).to_contain_text("15.000,00")
    page.goto("/accounts/settings/display/")
    page.get_by_label("Blue up, orange down").check(force=True)
    page.get_by_role("button", name="Save display").click()
    expect(page.locator(".toast")).to_contain_text("Display settings saved.")
    expect(page.locator("html")).to_have_attribute("data-gain", "blue")
    page.goto("/accounts/settings/data/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export everything").click()
    assert download.value.suggested_filename.endswith(".zip")
    page.get_by_role("link", name="Delete account").click()
    page.get_by_label("Type").fill("passing")
    page.locator("[name=password]").fill("wrong")
    page.locator("main").get_by_role("button", name="Delete account").click()
    expect(page.locator("main")).to_contain_text("That is not your password.")
    page.locator("[name=password]").fill("seven-green-lanterns")
    page.locator("main").get_by_role("button", name="Delete account").click()
    expect(page.locator(".toast")).to_contain_text("is deleted")
    assert not User.objects.filter(username="passing").exists()
