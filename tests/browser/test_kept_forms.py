"""What a browser really sends when its cookies are gone: enough for the form to be kept."""

import pytest
from playwright.sync_api import Browser, Page, expect

from portfolios.models import Transaction
from tests.browser.conftest import PASSWORD, open_context

pytestmark = pytest.mark.django_db(transaction=True)


def typed_then_saved_without_cookies(page: Page) -> None:
    page.goto("/transactions/new/")
    page.locator("#id_quantity").fill("0.0123")
    page.locator("#id_note").fill("Typed words")
    page.context.clear_cookies()
    page.get_by_role("button", name="Save transaction").click()
    page.wait_for_url("**/accounts/login/**")


def back_after_sign_in(page: Page) -> None:
    page.get_by_label("Username").fill("mira")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/transactions/new/")
    expect(page.locator("#id_quantity")).to_have_value("0.0123")
    expect(page.locator("#id_note")).to_have_value("Typed words")


@pytest.mark.parametrize("has_script", [True, False])
def test_a_form_comes_back_though_every_cookie_is_gone(
    browser: Browser, mira, live_server, has_script
) -> None:
    context = open_context(browser, live_server.url, java_script_enabled=has_script)
    page = context.new_page()
    before = Transaction.objects.count()
    page.goto("/accounts/login/?next=/transactions/new/")
    page.get_by_label("Username").fill("mira")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/transactions/new/")
    typed_then_saved_without_cookies(page)
    back_after_sign_in(page)
    assert Transaction.objects.count() == before
    context.close()
