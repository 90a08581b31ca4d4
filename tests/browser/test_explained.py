"""How a figure came about, opened over the page by keyboard; and going back in time, also without scripts."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from portfolios.models import Portfolio
from tests.browser.conftest import answer_as_the_cdn, open_context, sign_in
from tests.browser.test_every_page import TAGS
from tests.factories import AssetFactory, record

pytestmark = pytest.mark.django_db(transaction=True)


def savings() -> Portfolio:
    return Portfolio.objects.get(name="Savings")


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
    return [f"{each['id']} {each['nodes'][0]['html'][:160]}" for each in found]


def figure(page: Page, name: str):
    return page.locator("a.why", has_text=f"how {name} came about").first


def test_a_figure_opens_by_keyboard_and_leaves_focus_where_it_was(signed_in: Page) -> None:
    page = signed_in
    page.goto(f"/portfolios/{savings().pk}/")
    opener, dialog = figure(page, "net result"), page.locator("#modal")
    opener.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("heading", name="Net result")).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    assert page.url.endswith(f"/portfolios/{savings().pk}/")


def test_inside_the_dialog_one_goes_down_and_back_up(signed_in: Page) -> None:
    page = signed_in
    page.goto(f"/portfolios/{savings().pk}/")
    dialog = page.locator("#modal")
    figure(page, "net result").click()
    heading = dialog.locator("h2")
    expect(heading).to_have_text("Net result")
    expect(dialog.get_by_role("button", name="Back")).to_be_hidden()
    dialog.get_by_role("link", name=re.compile("^Realised gain")).click()
    expect(heading).to_have_text("Realised gain")
    expect(heading).to_be_focused()
    dialog.locator("tbody a", has_text="how it came about").first.click()
    expect(heading).to_have_text("Gain")
    for before in ("Realised gain", "Net result"):
        dialog.get_by_role("button", name="Back").click()
        expect(heading).to_have_text(before)
    expect(dialog.get_by_role("button", name="Back")).to_be_hidden()
    dialog.get_by_role("link", name=re.compile("^Income")).click()
    expect(heading).to_have_text("Income")
    dialog.get_by_role("button", name="Close").click()
    figure(page, "value").click()
    expect(heading).to_have_text("Value")
    expect(dialog.get_by_role("button", name="Back")).to_be_hidden()


def test_sums_of_gains_lots_and_rows_open_over_their_page_and_in_a_tab_with_a_key_held(
    signed_in: Page,
) -> None:
    page, dialog = signed_in, signed_in.locator("#modal")
    for address, name, heading in (
        ("/gains/?year=all", "proceeds", "Proceeds"),
        (f"/portfolios/{savings().pk}/assets/BTC/", "lot 1", "Lot 1"),
        ("/transactions/", "value now", "Value now"),
    ):
        page.goto(address)
        before = page.url
        figure(page, name).click()
        expect(dialog.locator("h2")).to_have_text(heading)
        assert violations(page) == []
        assert page.url == before
        page.keyboard.press("Escape")
        expect(figure(page, name)).to_be_focused()
    with page.context.expect_page() as opened:
        figure(page, "net result").click(modifiers=["Control"])
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("How it came about")
    expect(dialog).to_be_hidden()


def test_a_figure_that_could_not_be_fetched_says_so_and_is_tried_again(signed_in: Page) -> None:
    page, said = signed_in, []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto("/transactions/")
    page.route("**/explain/value_now/", lambda route: route.abort())
    figure(page, "value now").click()
    expect(page.locator(".toast")).to_contain_text("Could not load")
    page.unroute("**/explain/value_now/")
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("#modal h2")).to_have_text("Value now")
    assert said == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_dialog_is_accessible_and_fits(browser: Browser, mira, live_server, width, theme) -> None:
    size = {"width": width, "height": 844}
    context = open_context(browser, live_server.url, viewport=size, color_scheme=theme)
    page = context.new_page()
    sign_in(page)
    page.goto(f"/portfolios/{savings().pk}/assets/BTC/")
    for name in ("value", "realised gain", "average price"):
        figure(page, name).click()
        expect(page.locator("#modal h2")).to_be_visible()
        assert violations(page) == []
        assert page.evaluate(
            "document.querySelector('#modal').scrollWidth <= document.querySelector('#modal').clientWidth"
        )
        page.keyboard.press("Escape")
    context.close()


def test_without_scripts_it_is_a_page_and_back_works(browser: Browser, mira, live_server) -> None:
    context = open_context(browser, live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    page.locator("a.why", has_text="how net result came about").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How it came about")
    page.locator("dl a", has_text="Realised gain").first.click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("Realised gain")
    page.go_back()
    expect(page.get_by_role("heading", level=2).first).to_have_text("Net result")
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_one_goes_to_a_day_and_back_to_now(browser: Browser, mira, live_server, scripts) -> None:
    context = open_context(browser, live_server.url, java_script_enabled=scripts)
    page = context.new_page()
    sign_in(page)
    now = page.locator("#hero .value").inner_text()
    then = (timezone.now() - timedelta(days=30)).date().isoformat()
    page.locator(".travel summary").click()
    page.get_by_label("Figures as of the end of").fill(then)
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".note", has_text="Figures as of")).to_be_visible()
    assert page.locator("#hero .value").inner_text() != now
    page.locator("#range-1W").click()
    expect(page.locator("#range-1W")).to_have_attribute("aria-current", "true")
    assert f"at={then}" in page.url
    page.locator("#side-portfolios a", has_text="Savings").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Savings")
    assert page.locator("a", has_text="Add transaction").count() == 0
    page.get_by_role("link", name="Back to now").first.click()
    expect(page.locator(".note", has_text="Figures as of")).to_have_count(0)
    context.close()


def test_many_trades_share_marks_at_the_time_of_their_last(browser: Browser, mira, live_server) -> None:
    begin = timezone.now().replace(second=0, microsecond=0) - timedelta(days=30)
    for number in range(40):
        for kind, hours in (("buy", 0), ("sell", 6)):
            at = f"{begin + timedelta(hours=12 * number + hours):%Y-%m-%d %H:%M}"
            record(savings(), kind, "0.01", at, now=timezone.now(), asset=AssetFactory(), unit_price="59000")
    context = open_context(browser, live_server.url)
    answer_as_the_cdn(context)
    page = context.new_page()
    sign_in(page)
    page.goto(f"/portfolios/{savings().pk}/assets/BTC/?range=ALL")
    page.wait_for_load_state("networkidle")
    expect(page.locator(".chart canvas")).to_be_visible()
    drawn = page.evaluate(
        """() => {
          const chart = Chart.getChart(document.querySelector(".chart canvas"));
          const marks = JSON.parse(document.getElementById("price-series").textContent).marks;
          const sets = chart.data.datasets.filter((set) => set.showLine === false);
          return {
            all: marks.length,
            drawn: sets.flatMap((set) => set.data).length,
            true: sets.flatMap((set) => set.data).every(({ x }) => marks.some(([ms]) => ms === x)),
            texts: sets[0].data.map(({ text }) => text),
            labels: chart.data.datasets.map((set) => set.label),
          };
        }"""
    )
    assert drawn["drawn"] == drawn["all"] <= 60  # of 80 trades and those that were there before
    assert drawn["true"]
    assert "2 trades (Buy), the last 0.01 BTC" in " ".join(drawn["texts"])
    assert {"Average price", "BTC price"} <= set(drawn["labels"])
    context.close()


def test_where_htmx_did_not_come_a_figure_leads_to_its_page(signed_in: Page) -> None:
    page = signed_in
    page.route("**/*htmx*", lambda route: route.abort())
    page.goto(f"/portfolios/{savings().pk}/")
    figure(page, "net result").click()
    page.wait_for_url("**/explain/net_result/")
    expect(page.get_by_role("heading", name="How it came about")).to_be_visible()
