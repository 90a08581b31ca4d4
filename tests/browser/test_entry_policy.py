"""Whatever is entered, however it ends: no page applies a style that the policy refuses.

What a hand that makes a text field larger, or an extension of the browser, puts into `style` was copied by
htmx onto the element that came in its place, as an attribute, which the policy refuses: one complaint each.
"""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from portfolios.drafts import STATEMENTS
from portfolios.models import Portfolio
from tests.browser.test_entry import listed
from tests.browser.test_journeys import fill, save
from tests.browser.test_policy import watch

pytestmark = pytest.mark.django_db(transaction=True)
OTHERS = {"swap": {"to_quantity": "0.5"}, "transfer": {"fee": "0.0001"}, "withdrawal": {"fee": "0.0001"}}
STYLE = "for (const one of document.querySelectorAll('main [id]')) one.style.outlineOffset = '1px'"


def broken(page: Page, found: list[str]) -> list[str]:
    told = found + page.evaluate("window.broken")
    page.evaluate("window.broken = []")
    found.clear()
    return told


def enter(page: Page, kind: str, quantity: str) -> None:
    at = timezone.now() - timedelta(days=1)
    page.goto(f"/transactions/new/?kind={kind}&asset=BTC")
    page.locator("[name=portfolio]").select_option(label="Savings")
    fill(page, quantity=quantity, occurred_at=f"{at:%Y-%m-%dT%H:%M}", **OTHERS.get(kind, {}))
    if kind == "swap":
        page.locator("[name=to_asset]").select_option(label="Ethereum (ETH)")
    if kind == "transfer":
        page.locator("[name=to_portfolio]").select_option(label="Staking")
    page.evaluate(STYLE)


def test_no_kind_breaks_the_policy_refused_or_saved(signed_in: Page) -> None:
    page, found = signed_in, watch(signed_in)
    for kind in STATEMENTS:
        enter(page, kind, "x")
        save(page)
        expect(page.locator("#transaction-form [aria-invalid=true]").first).to_be_visible()
        assert broken(page, found) == []
        fill(page, quantity="0.01")
        save(page)
        expect(page.locator("#toasts")).to_contain_text("saved")
        page.wait_for_load_state("networkidle")
        assert broken(page, found) == []


def test_neither_does_a_row_refused_or_saved(signed_in: Page) -> None:
    page, found = signed_in, watch(signed_in)
    page.goto("/transactions/")
    for quantity, said in (("x", "for example"), ("900", "You held"), ("0.03", "")):
        page.evaluate(STYLE)
        if not page.locator(".editing").count():
            listed(page).filter(has_text="Withdrawal").locator("[data-edit]").click()
        page.locator(".editing [name=quantity]").fill(quantity)
        page.locator(".editing button[type=submit]").click()
        if said:
            expect(page.locator(".editing .error").first).to_contain_text(said)
        else:
            expect(listed(page).filter(has_text="Withdrawal")).to_contain_text("−0.03")
        page.wait_for_load_state("networkidle")
        assert broken(page, found) == []


def test_neither_does_a_portfolio_whose_parts_are_asked_for_anew(signed_in: Page) -> None:
    page, found = signed_in, watch(signed_in)
    page.goto(f"/portfolios/{Portfolio.objects.get(name='Savings').pk}/")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.body.dispatchEvent(new Event('portfolio:changed'))")
    page.wait_for_timeout(800)
    page.wait_for_load_state("networkidle")
    assert broken(page, found) == []
