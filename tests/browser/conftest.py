"""A real Chromium on the live site. It may talk to this machine alone; the CDN answers as each test says."""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from accounts.models import User
from portfolios.models import Portfolio
from tests.factories import AssetFactory, PortfolioFactory, SnapshotFactory, record

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
CHART_JS = Path(__file__).resolve().parents[2] / "static/vendor/chart.umd.min.js"
PASSWORD = "a-long-enough-password"

# Somebody quick presses what is there before its script is: then the plain link or form answers, as good.
# Tests of the scripts wait for them: nothing takes a click until the page has loaded.
HOLD = """
const held = new CSSStyleSheet();
held.replaceSync("html { pointer-events: none !important }");
document.adoptedStyleSheets = [held];
addEventListener("load", () => { document.adoptedStyleSheets = []; });
"""

PATIENCE = 120_000  # ms; what a page shows is there in a hundredth of it, but machines of tests are busy
expect.set_options(timeout=PATIENCE)

# Playwright's own event loop runs in the thread of the test; the database is used from there all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("There is no Chromium: the browser tests need it (on Debian: sudo apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def open_context(browser: Browser, base_url: str, **options) -> BrowserContext:
    """A fresh visitor, for whom every other host is out of reach."""
    context = browser.new_context(base_url=base_url, reduced_motion="reduce", **options)
    context.set_default_timeout(PATIENCE)
    if options.get("java_script_enabled", True):
        context.add_init_script(HOLD)
    context.route(lambda url: not url.startswith(base_url), lambda route: route.abort())
    return context


def answer_as_the_cdn(context: BrowserContext, body: bytes | None = None) -> None:
    """Let the CDN be reached; with another body than the real file its hash no longer fits."""

    def fulfil(route: Route) -> None:
        headers = {"access-control-allow-origin": "*", "content-type": "text/javascript"}
        route.fulfill(body=CHART_JS.read_bytes() if body is None else body, headers=headers)

    context.route("https://cdn.jsdelivr.net/**", fulfil)


@pytest.fixture
def context(browser: Browser, live_server) -> Iterator[BrowserContext]:
    context = open_context(browser, live_server.url, viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def mira(transactional_db) -> User:
    """A user with two portfolios, hourly prices of the last two days and daily ones of two months before."""
    user = User.objects.create_user("mira", "mira@example.org", PASSWORD, first_name="Mira")
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    bitcoin, ether = AssetFactory(is_tracked=True), AssetFactory(symbol="ETH", is_tracked=True)
    for asset, price in ((bitcoin, 60_000), (ether, 2_500)):
        midnight = now.replace(hour=0)
        for days in range(2, 62):
            SnapshotFactory(asset=asset, at=midnight - timedelta(days=days), price=Decimal(price - days * 7))
        for hours in range(48):
            SnapshotFactory(asset=asset, at=now - timedelta(hours=hours), price=Decimal(price + hours))
    savings = PortfolioFactory(owner=user, name="Savings")
    _record(savings, "buy", "0.5", now - timedelta(days=40), asset=bitcoin, unit_price="59000", fee="12.5")
    _record(savings, "sell", "0.1", now - timedelta(days=20), asset=bitcoin, unit_price="61000", fee="4")
    _record(savings, "deposit", "0.05", now - timedelta(days=10), asset=bitcoin, cost="2500")
    _record(savings, "withdrawal", "0.02", now - timedelta(days=5), asset=bitcoin)
    staking = PortfolioFactory(owner=user, name="Staking")
    _record(staking, "buy", "4", now - timedelta(days=30), asset=ether)
    _record(staking, "income", "0.1", now - timedelta(days=3), asset=ether, note="Staking reward")
    return user


def _record(portfolio: Portfolio, kind: str, quantity: str, at, **stated) -> None:
    record(portfolio, kind, quantity, f"{at:%Y-%m-%d %H:%M}", now=timezone.now(), **stated)


def until(page: Page, condition: str) -> None:
    """Asked from outside, again and again: what the page itself waits for would have to evaluate a text."""
    for _ in range(PATIENCE // 100):
        if page.evaluate(f"Boolean({condition})"):
            return
        page.wait_for_timeout(100)
    pytest.fail(condition)


def sign_in(page: Page, username: str = "mira", password: str = PASSWORD) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Username").fill(username)
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


@pytest.fixture
def signed_in(page: Page, mira: User) -> Page:
    sign_in(page)
    return page
