"""What the form of a transaction does with the fee of coins that move, and with hidden amounts."""

import pytest
from playwright.sync_api import Browser, Page, expect

from portfolios.models import Transaction
from tests.browser.conftest import open_context, sign_in
from tests.browser.test_journeys import choose, fill, save

ETHER = "Ethereum (ETH)"
pytestmark = pytest.mark.django_db(transaction=True)


def test_what_a_fee_is_in_follows_the_type_there_and_back(signed_in: Page) -> None:
    page = signed_in
    page.goto("/transactions/new/")
    unless_chosen = page.locator("[name=fee_asset] option").first
    for kind, said in (("Withdrawal", "The coin that moves"), ("Buy", "Money"), ("Transfer", "The coin")):
        choose(page, kind)
        expect(unless_chosen).to_contain_text(said)
        expect(page.locator("[name=fee_asset]")).to_have_value("")
    page.locator("[name=fee_asset]").select_option(label=ETHER)
    choose(page, "Sell")
    expect(unless_chosen).to_have_text("Money")
    expect(page.locator("[name=fee_asset] option:checked")).to_have_text(ETHER)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_withdrawal_with_a_fee_is_saved_at_the_first_try(
    browser: Browser, live_server, mira, scripts: bool
) -> None:
    context = open_context(browser, live_server.url, java_script_enabled=scripts)
    page = context.new_page()
    sign_in(page)
    page.goto("/transactions/new/")
    page.locator("[name=kind][value=withdrawal]").check(force=True)
    page.locator("[name=portfolio]").select_option(label="Savings")
    page.locator("[name=asset]").select_option(label="Bitcoin (BTC)")
    fill(page, quantity="0.1", fee="0.0001")
    save(page)
    expect(page.locator("#transactions")).to_be_visible()
    taken = Transaction.objects.latest("pk")
    assert taken.fee_asset == taken.asset
    context.close()


def test_the_eye_on_the_form_shows_its_preview_and_loses_nothing_that_was_typed(signed_in: Page) -> None:
    page = signed_in
    page.context.add_cookies([{"name": "private", "value": "1", "domain": "localhost", "path": "/"}])
    page.goto("/transactions/new/?kind=withdrawal&asset=BTC")
    page.locator("[name=portfolio]").select_option(label="Savings")
    fill(page, quantity="9")
    expect(page.locator("#preview .note")).to_contain_text("You held ••••• BTC")
    page.locator("main [data-action=privacy]").click()
    expect(page.locator("#preview .note")).to_contain_text("Enter at most 0.43.")
    expect(page.locator("[name=quantity]")).to_have_value("9")
