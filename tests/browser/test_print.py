"""On paper: figures, tables and charts, dark on white; nothing to press, nothing cut off, nothing blank."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page

from portfolios.models import Portfolio
from tests.browser.conftest import answer_as_the_cdn, sign_in, until
from tests.factories import record

pytestmark = pytest.mark.django_db(transaction=True)

PAPER = {"width": 717, "height": 1046}  # A4 at 96 dots an inch, within Chromium's own margins
CONTROLS = "button, nav, summary, select, input:not([type=hidden]), .side, .tabbar, .topbar, .seg, .act, .tip"
SHOWN = """(controls) => [...document.querySelectorAll(controls)]
  .filter((one) => one.checkVisibility()).map((one) => one.outerHTML.slice(0, 90))"""
CUT = """() => [...document.querySelectorAll("main :is(td, th, canvas, .tile, p)")]
  .filter((one) => one.checkVisibility() && !one.closest(".vh"))
  .filter((one) => one.getBoundingClientRect().right > innerWidth).map((one) => one.outerHTML.slice(0, 90))"""
BLANK = """() => [...document.querySelectorAll("main *")]
  .filter((one) => getComputedStyle(one).contentVisibility === "auto").map((one) => one.className)"""
DRAWN = """[...document.querySelectorAll("[data-chart]")].every(
  (box) => window.Chart?.getChart(box.querySelector("canvas")))"""
LABELS = """() => [...document.querySelectorAll("[data-chart] canvas")].map(
  (one) => window.Chart.getChart(one).options.scales.y.ticks.color)"""
SMALL = (",", ":")


@pytest.fixture
def dark(context: BrowserContext, page: Page, mira) -> Page:
    """Signed in, in the dark theme, with charts."""
    savings = Portfolio.objects.get(name="Savings")
    for days in (9, 8):
        at = f"{timezone.now() - timedelta(days=days):%Y-%m-%d %H:%M}"
        kind, quantity = ("buy", "1.23456789") if days == 9 else ("sell", "0.61728394")
        record(savings, kind, quantity, at, now=timezone.now(), unit_price="98765.43", fee="1234.56")
    answer_as_the_cdn(context)
    sign_in(page)
    context.add_cookies([{"name": "theme", "value": "dark", "url": page.url}])
    return page


@pytest.mark.parametrize(
    "address", ["/", "/portfolios/{}/", "/portfolios/{}/gains/?year=all", "/performance/"]
)
def test_a_page_on_paper(dark: Page, address: str) -> None:
    page = dark
    page.goto(address.format(Portfolio.objects.get(name="Savings").pk))
    until(page, DRAWN)
    on_screen = page.evaluate(LABELS)
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    assert page.evaluate(SHOWN, CONTROLS) == []
    assert page.evaluate(CUT) == []
    assert page.evaluate(BLANK) == []
    style = "(() => { const at = getComputedStyle(document.body); return [at.backgroundColor, at.color]; })()"
    assert page.evaluate(style) == ["rgba(0, 0, 0, 0)", "rgb(23, 24, 26)"]
    on_paper = page.evaluate(LABELS)
    assert all(one != other for one, other in zip(on_screen, on_paper, strict=True))
    assert len(page.pdf(format="A4")) > 10_000
    page.emulate_media(media="screen")
    until(page, f"JSON.stringify(({LABELS})()) === {json.dumps(json.dumps(on_screen, separators=SMALL))}")
