"""Tables of transactions between a phone and a wide screen: nothing lies under anything, at any width."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from portfolios.models import Portfolio
from tests.browser.conftest import sign_in
from tests.factories import record

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = (861, 880, 900, 930, 960, 1024, 1100, 1280)
# By how much what is written in a cell reaches into the cell of what can be done, or beyond its table.
OVERLAP = """() => [...document.querySelectorAll(".ledger tr:not(.editing):has(.act)")].flatMap((row) => {
  const act = row.querySelector(".act").getBoundingClientRect();
  return [...row.children].filter((cell) => !cell.matches(".act")).map((cell) => {
    cell.querySelectorAll(".vh").forEach((each) => each.remove());
    const range = document.createRange();
    range.selectNodeContents(cell);
    const over = [...range.getClientRects()].map((box) => Math.min(box.right, act.right) - act.left);
    return [Math.max(0, ...over), cell.innerText];
  }).filter(([over]) => over > 0.5);
})"""
HIDDEN = """() => { const box = document.querySelector(".ledger").closest(".scroll");
  return box.scrollWidth - box.clientWidth; }"""


@pytest.fixture
def ledger(mira, page: Page) -> Page:
    """With a trade of many digits, and a portfolio and a note of many words."""
    savings = Portfolio.objects.get(name="Savings")
    Portfolio.objects.filter(pk=savings.pk).update(name="Savings for a house by the sea")
    now = timezone.now()
    for days, kind, quantity in ((9, "buy", "1.23456789"), (8, "sell", "0.61728394")):
        at = f"{now - timedelta(days=days):%Y-%m-%d %H:%M}"
        note = "Bought as every month, as long as it lasts"
        record(savings, kind, quantity, at, now=now, unit_price="198765.43", fee="1234.56", note=note)
    mira.locale = "en-us"
    mira.save()
    sign_in(page)
    return page


def addresses() -> tuple[str, ...]:
    there = f"/portfolios/{Portfolio.objects.get(name__startswith='Savings').pk}/"
    return there, f"{there}assets/BTC/", "/transactions/"


def test_what_can_be_done_with_a_row_covers_nothing_of_it(ledger: Page) -> None:
    for address in addresses():
        ledger.goto(address)
        for width in WIDTHS:
            ledger.set_viewport_size({"width": width, "height": 900})
            assert ledger.evaluate(OVERLAP) == [], (address, width)


def test_a_row_of_six_figures_fits_without_scrolling(ledger: Page) -> None:
    for address in addresses():
        ledger.goto(address)
        for width in WIDTHS:
            ledger.set_viewport_size({"width": width, "height": 900})
            assert ledger.evaluate(HIDDEN) == 0, (address, width)


def test_numbers_too_long_to_fit_are_scrolled_to_and_not_covered(ledger: Page) -> None:
    savings = Portfolio.objects.get(name__startswith="Savings")
    at = f"{timezone.now() - timedelta(days=7):%Y-%m-%d %H:%M}"
    record(savings, "buy", "1234.56789012", at, now=timezone.now(), unit_price="198765.43", fee="12345.67")
    for address in addresses():
        ledger.goto(address)
        for width in WIDTHS:
            ledger.set_viewport_size({"width": width, "height": 900})
            assert ledger.evaluate(OVERLAP) == [], (address, width)
            assert ledger.evaluate("document.documentElement.scrollWidth") <= width
