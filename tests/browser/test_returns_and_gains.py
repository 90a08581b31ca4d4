"""Performance, gains and files, as a reader goes through them in a real browser."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from portfolios.models import Portfolio
from tests.browser.conftest import answer_as_the_cdn, open_context, sign_in, until

pytestmark = pytest.mark.django_db(transaction=True)
DRAWN = """() => [...document.querySelectorAll('[data-chart]')].every(
    (box) => window.Chart?.getChart(box.querySelector('canvas')))"""


def quiet(page: Page) -> list[str]:
    """What the console complains of from now on, but for a host that is out of reach here."""
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def test_a_period_is_an_address_its_charts_are_drawn_and_back_goes_back(context, page: Page, mira) -> None:
    answer_as_the_cdn(context)
    sign_in(page)
    said = quiet(page)
    page.get_by_label("Sidebar").get_by_role("link", name="Performance").click()
    until(page, DRAWN)
    whole = page.locator("#period .value").inner_text()
    page.get_by_role("link", name="1M").click()
    page.wait_for_url("**/performance/?range=1M")
    expect(page.locator("#range-1M")).to_have_attribute("aria-current", "true")
    until(page, DRAWN)
    page.get_by_role("button", name="Log").click()
    expect(page.get_by_role("button", name="Log")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("group", name="Time-weighted return, beside holding Bitcoin").press("End")
    expect(page.locator("#period .chart [role=status]").first).to_contain_text("Holding Bitcoin")
    page.go_back()
    page.wait_for_url("**/performance/")
    expect(page.locator("#period .value")).to_have_text(whole)
    assert said == []


def test_a_figure_of_a_period_opens_over_the_page_and_leaves_its_address(signed_in: Page) -> None:
    page = signed_in
    page.goto("/performance/")
    opener, dialog = page.locator("#period .value .why"), page.locator("dialog#modal")
    for _ in range(2):
        opener.click()
        expect(dialog.get_by_role("heading", level=2)).to_contain_text("Time-weighted return")
        assert dialog.evaluate("dialog => dialog.matches(':modal')")
        assert page.url.endswith("/performance/")
        page.keyboard.press("Escape")
        expect(opener).to_be_focused()


def test_days_are_chosen_and_a_wrong_one_is_said_beside_its_field(signed_in: Page) -> None:
    page = signed_in
    page.goto("/performance/")
    page.get_by_label("From", exact=True).fill("2030-01-01")
    page.get_by_role("button", name="Show period").click()
    expect(page.locator("#period .error")).to_have_text("Enter a day between 3 January 2009 and today.")
    expect(page.get_by_label("From", exact=True)).to_have_value("2030-01-01")


def test_gains_are_filtered_asked_what_if_and_downloaded(signed_in: Page, tmp_path: Path) -> None:
    page, said = signed_in, quiet(signed_in)
    page.goto("/gains/")
    expect(page.locator("#gains")).to_contain_text("Average cost")
    page.get_by_label("Cost method").select_option(label="What if: last in, first out")
    expect(page.locator("#gains")).to_contain_text("Your books are not changed by looking.")
    assert "method=lifo" in page.url
    page.get_by_role("link", name="All", exact=True).click()
    expect(page.locator("#gains-title")).to_contain_text("in all years")
    assert "method=lifo" in page.url
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    download.value.save_as(tmp_path / "gains.csv")
    rows = list(csv.DictReader(StringIO((tmp_path / "gains.csv").read_text())))
    assert {(row["asset"], row["method"]) for row in rows} == {("BTC", "lifo")}
    assert download.value.suggested_filename == "gains-all-lifo.csv"
    assert said == []


def test_what_the_list_shows_is_downloaded(signed_in: Page, tmp_path: Path) -> None:
    page = signed_in
    page.goto("/transactions/?kind=income")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download these 1 as CSV").click()
    download.value.save_as(tmp_path / "transactions.csv")
    (row,) = csv.DictReader(StringIO((tmp_path / "transactions.csv").read_text()))
    assert (row["kind"], row["asset"], row["note"]) == ("income", "ETH", "Staking reward")


def test_without_javascript_the_tables_say_it_and_every_choice_is_a_link(
    browser: Browser, mira, live_server
) -> None:
    context = open_context(browser, live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    page.goto("/performance/")
    page.get_by_role("link", name="1M").click()
    assert page.url.endswith("?range=1M")
    expect(page.locator("details.table-alt tbody tr").first).to_be_visible()
    expect(page.locator(".chart").first).to_be_hidden()
    page.get_by_role("link", name="Gains").first.click()
    page.get_by_label("Cost method").select_option("hifo")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#gains")).to_contain_text("Highest cost first")
    context.close()


def test_who_comes_back_finds_all_of_the_page_at_its_height(signed_in: Page) -> None:
    """What lies below is laid out late, with a height that is guessed: scrolling there would miss."""
    page = signed_in
    guessed = """[...document.querySelectorAll('.card')].some(
        (card) => getComputedStyle(card).contentVisibility === 'auto')"""
    page.goto(f"/portfolios/{Portfolio.objects.get(name='Savings').pk}/")
    until(page, guessed)
    page.goto("/transactions/")
    page.go_back()
    until(page, f"document.getElementById('figures') && !{guessed}")
    page.reload()
    until(page, f"document.getElementById('figures') && !{guessed}")
