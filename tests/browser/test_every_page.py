"""Every page, narrow and wide, light and dark: accessible, quiet, within its own width and policy."""

from datetime import timedelta
from decimal import Decimal
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page

from portfolios.models import Transaction
from portfolios.services import delete_transaction
from tests.browser.conftest import open_context, sign_in
from tests.factories import SnapshotFactory

pytestmark = pytest.mark.django_db(transaction=True)

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], "preload": False}
SIGNED_OUT = [
    "/",
    "/accounts/login/",
    "/accounts/register/",
    "/accounts/password_reset/",
    "/prices/",
    "/prices/BTC/",
]
SIGNED_IN = [
    "/", "/?range=1W", "/portfolios/", "/portfolios/new/", "/portfolios/{portfolio}/",
    "/portfolios/{portfolio}/performance/", "/performance/", "/performance/?range=1M",
    "/portfolios/{portfolio}/gains/", "/gains/", "/gains/?year=all&method=hifo", "/gains/?year=2020",
    "/portfolios/{portfolio}/edit/", "/portfolios/{portfolio}/delete/", "/transactions/",
    "/transactions/new/", "/transactions/{transaction}/edit/", "/transactions/{transaction}/history/",
    "/transactions/?kind=buy&sort=asset&since=2020-01-01", "/transactions/new/?kind=swap",
    "/transactions/{deleted}/erase/",
    "/transactions/deleted/", "/transactions/repricing/", "/prices/", "/prices/backfills/",
    "/books/", "/portfolios/{portfolio}/books/", "/?at={then}", "/portfolios/{portfolio}/?at={then}",
    "/portfolios/{portfolio}/assets/BTC/", "/portfolios/{portfolio}/assets/BTC/?lots=closed&at={then}",
    "/?at=2999-01-01", "/?at=2010-01-01", "/explain/net_result/", "/portfolios/{portfolio}/explain/realised/",
    "/explain/xirr/", "/portfolios/{portfolio}/explain/twr/?range=1M", "/explain/BTC/contribution/",
    "/portfolios/{portfolio}/assets/BTC/explain/value/", "/transactions/{sale}/explain/gain/",
    "/transactions/{transaction}/explain/net_result/", "/gains/explain/gain/?year=all",
    "/portfolios/{portfolio}/gains/explain/cost/?year=all&method=hifo",
    "/portfolios/{portfolio}/assets/BTC/lots/1/", "/portfolios/{portfolio}/assets/BTC/lots/2/?at={then}",
    "/prices/ETH/", "/accounts/settings/", "/accounts/settings/display/", "/accounts/settings/security/",
    "/accounts/settings/data/", "/accounts/settings/data/delete/",
    "/welcome/", "/accounts/password_change/", "/no/such/page/",
]  # fmt: skip


def offer_a_better_price() -> None:
    staked = Transaction.objects.exclude(price_source="").first()
    SnapshotFactory(asset=staked.asset, at=staked.occurred_at - timedelta(minutes=1), price=Decimal(2600))


def visit(page: Page, address: str) -> list[str]:
    """Open a page and say what is wrong with it, in either theme."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    faults = [fault for theme in ("light", "dark") for fault in barriers(page, address, theme)]
    if is_too_wide(page):
        faults.append(f"{address}: wider than the window")
    if page.viewport_size["width"] < 400:
        faults += reflow(page, address)
    if page.locator("h1").count() != 1:
        faults.append(f"{address}: not exactly one h1")
    return faults


def barriers(page: Page, address: str, theme: Literal["light", "dark"]) -> list[str]:
    """What axe finds. A page follows the device's theme as it changes, so it need not be opened twice."""
    page.emulate_media(color_scheme=theme)
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [f"{address} {theme}: {each['id']} {each['nodes'][0]['html'][:120]}" for each in found]


def is_too_wide(page: Page) -> bool:
    """Whether it stays so: charts follow a window that has changed a few frames later."""
    for _ in range(50):
        if page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"):
            return False
        page.wait_for_timeout(100)
    return True


def reflow(page: Page, address: str) -> list[str]:
    """As in a window of 1280 pixels, made four times as large."""
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": size["height"]})
    is_wide = is_too_wide(page)
    page.set_viewport_size(size)
    return [f"{address}: wider than 320 px"] if is_wide else []


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_accessible_quiet_and_fits(browser: Browser, mira, live_server, width) -> None:
    context = open_context(browser, live_server.url, viewport={"width": width, "height": 844})
    page, said, foreign = context.new_page(), [], []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: foreign.append(request.url))
    faults = [fault for address in SIGNED_OUT for fault in visit(page, address)]
    sign_in(page)
    bought = Transaction.objects.filter(portfolio__name="Savings").first()
    last = Transaction.objects.filter(kind="withdrawal").first()
    delete_transaction(transaction=last, now=timezone.now())
    sold = Transaction.objects.filter(kind="sell").first()
    then = (timezone.now() - timedelta(days=15)).date()
    known = {"portfolio": bought.portfolio_id, "transaction": bought.pk, "sale": sold.pk, "then": then}
    known |= {"deleted": last.pk}
    offer_a_better_price()
    faults += [fault for address in SIGNED_IN for fault in visit(page, address.format(**known))]
    assert faults == []
    # The CDN is out of reach here and one address leads nowhere; beyond that the console stays silent.
    assert [text for text in said if "ERR_FAILED" not in text and "404" not in text] == []
    assert {
        url for url in foreign if not url.startswith((live_server.url, "https://cdn.jsdelivr.net/", "data:"))
    } == set()
    context.close()


CHOSEN = ".nav [aria-current], .seg > [aria-current], .seg > [aria-pressed=true], label:has(:checked)"
UNMARKED = """(chosen) => [...document.querySelectorAll(chosen)]
    .filter((one) => one.offsetParent && getComputedStyle(one).outlineStyle === "none")
    .map((one) => one.outerHTML.slice(0, 80))"""


def test_in_forced_colours_what_is_chosen_is_marked(browser: Browser, mira, live_server) -> None:
    """Backgrounds and shadows are the reader's own there."""
    context = open_context(
        browser, live_server.url, forced_colors="active", viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    sign_in(page)
    for address in ("/", "/performance/", "/transactions/new/", "/accounts/settings/display/"):
        page.goto(address)
        assert page.locator(CHOSEN).count()
        assert page.evaluate(UNMARKED, CHOSEN) == [], address
    context.close()
