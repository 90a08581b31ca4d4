"""The interactive documentation in a browser: our own files alone, within the policy, asking for real."""

import pytest
from playwright.sync_api import Page, expect

from portfolios.models import Portfolio
from tests.browser.conftest import sign_in
from tests.browser.test_policy import LISTEN

pytestmark = pytest.mark.django_db(transaction=True)


def watch(page: Page, own: str) -> list[str]:
    """What it says in the console, what breaks, and what it asks of others, from now on."""
    found: list[str] = []
    page.add_init_script(LISTEN)
    page.on("console", lambda said: found.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: found.append(f"error {error}"))
    page.on("request", lambda asked: found.append(asked.url) if not _is_own(asked.url, own) else None)
    return found


def _is_own(url: str, own: str) -> bool:
    return url.startswith((own, "data:", "blob:"))


def try_out(page: Page, operation: str, body: str | None = None) -> str:
    """What the page shows as the answer's status."""
    block = page.locator(f"[id$='-{operation}']")
    block.locator(".opblock-summary-control").first.click()
    block.get_by_role("button", name="Try it out").click()
    if body is not None:
        block.locator("textarea.body-param__text").fill(body)
    block.get_by_role("button", name="Execute").click()
    status = block.locator(".live-responses-table .response-col_status").last
    expect(status).to_be_visible()
    return status.inner_text().split()[0]


def test_what_is_tried_out_in_a_session_is_done(page: Page, mira, live_server) -> None:
    sign_in(page)
    found = watch(page, live_server.url)
    page.goto("/docs")
    expect(page).to_have_url(f"{live_server.url}/api/docs")
    expect(page.locator(".opblock").first).to_be_visible()
    assert try_out(page, "portfolios_api_portfolios_list_portfolios") == "200"
    made = try_out(page, "portfolios_api_portfolios_create_portfolio", '{"name": "Tried out"}')
    assert (made, Portfolio.objects.filter(owner=mira, name="Tried out").count()) == ("201", 1)
    assert page.evaluate("window.broken") == []
    assert found == []


def test_it_opens_for_visitors_who_are_then_refused(page: Page, mira, live_server) -> None:
    found = watch(page, live_server.url)
    page.goto("/api/docs")
    expect(page.locator(".opblock").first).to_be_visible()
    assert (page.evaluate("window.broken"), found) == ([], [])
    assert try_out(page, "portfolios_api_portfolios_list_portfolios") == "401"
