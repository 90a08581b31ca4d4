"""Charts read by keyboard, drawn anew with the theme, honest about a logarithm; and what is drawn anew keeps
its reader's place.
"""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from portfolios.models import Portfolio
from tests.browser.conftest import answer_as_the_cdn, sign_in, until
from tests.factories import AssetFactory, record

pytestmark = pytest.mark.django_db(transaction=True)
CHART = "window.Chart?.getChart(document.querySelector('#hero canvas'))"


@pytest.fixture
def dashboard(context, page: Page, mira) -> Page:
    answer_as_the_cdn(context)
    sign_in(page)
    until(page, CHART)
    return page


def test_the_chart_is_read_by_keyboard(dashboard: Page) -> None:
    chart, said = dashboard.locator("#hero .chart"), dashboard.locator("#hero .chart [role=status]")
    chart.focus()
    heard = []
    for key in ("Home", "ArrowRight", "PageUp", "ArrowLeft", "End"):
        chart.press(key)
        expect(said).to_contain_text("Net money in $")
        heard.append(said.inner_text())
        index = f"{CHART}.getActiveElements()[0]?.index"
        shown = dashboard.evaluate(f"[{index}, {CHART}.data.datasets[0].data.length]")
        assert (
            shown[0] == {"Home": 0, "ArrowRight": 1, "PageUp": 31, "ArrowLeft": 30, "End": shown[1] - 1}[key]
        )
    assert len(set(heard)) == 5
    total = dashboard.locator("#hero .value data").get_attribute("value")
    assert f"${float(total):,.2f}" in heard[-1]


def test_the_chart_is_drawn_anew_with_the_theme(dashboard: Page) -> None:
    colour = f"{CHART}?.data.datasets[0].borderColor"
    before = dashboard.evaluate(colour)
    dashboard.locator("[data-action=theme]:visible").first.click()
    until(dashboard, f"{colour} && {colour} !== {before!r}")
    dashboard.locator("[data-action=theme]:visible").first.click()
    until(dashboard, f"{colour} === {before!r}")


def test_of_nothing_there_is_no_logarithm_and_the_chart_says_so(dashboard: Page) -> None:
    log, note = dashboard.locator("#hero [value=logarithmic]"), dashboard.locator("#hero [data-scale-note]")
    kind = f"{CHART}?.options.scales.y.type"
    log.click()
    until(dashboard, f"{kind} === 'logarithmic'")
    expect(note).to_be_hidden()
    then = f"{timezone.now() - timedelta(days=2):%Y-%m-%d %H:%M}"
    for name, symbol, quantity in (("Savings", "BTC", "0.43"), ("Staking", "ETH", "4.1")):
        portfolio = Portfolio.objects.get(name=name)
        record(portfolio, "gift", quantity, then, now=timezone.now(), asset=AssetFactory(symbol=symbol))
    dashboard.reload()
    until(dashboard, f"{kind} === 'linear'")
    expect(note).to_be_visible()
    expect(log).to_have_attribute("aria-pressed", "true")  # it is what was chosen, and holds elsewhere


def test_a_region_drawn_anew_keeps_focus_and_what_was_opened(dashboard: Page) -> None:
    dashboard.locator("#hero summary").click()
    figure = dashboard.locator("#dashboard a.why", has_text="how realised gain came about").first
    figure.focus()
    dashboard.evaluate("document.getElementById('dashboard').dataset.old = 'yes'")
    dashboard.evaluate("htmx.trigger(document.body, 'portfolio:changed')")
    until(dashboard, "!document.getElementById('dashboard').dataset.old")
    expect(figure).to_be_focused()
    expect(dashboard.locator("#hero details")).to_have_attribute("open", "")
