"""Journeys through the price pages: ranges, scales, tables; a coin found and added; history under way."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings

from accounts.models import User
from prices.models import Asset, Backfill
from tests.browser.conftest import PASSWORD, open_context, sign_in, until
from tests.factories import AssetFactory
from tests.prices.provider import FakeProvider, running

CHART = "window.Chart && Chart.getChart(document.querySelector('#chart canvas'))"


@pytest.fixture
def bitcoin(page: Page, mira: User) -> Page:
    page.goto("/prices/BTC/")
    until(page, CHART)
    return page


@pytest.fixture
def provider(settings: Settings) -> Iterator[FakeProvider]:
    """CoinGecko's shapes on this machine, told to the site as the environment would."""
    with running() as server:
        settings.PROVIDERS = settings.PROVIDERS | {"coingecko": {"base_url": server.url, "api_key": ""}}
        yield server


def test_a_range_of_prices_is_an_address_and_back_goes_back(bitcoin: Page) -> None:
    page = bitcoin
    page.locator("#range-1M").click()
    page.wait_for_url(re.compile(r"\?range=1M"))
    expect(page.locator("#range-1M")).to_have_attribute("aria-current", "true")
    until(page, CHART)
    page.go_back()
    page.wait_for_url(re.compile(r"/prices/BTC/$"))
    expect(page.locator("#range-1M")).not_to_have_attribute("aria-current", "true")


def test_a_logarithmic_scale_is_kept_for_the_next_range(bitcoin: Page) -> None:
    page = bitcoin
    log = page.get_by_role("button", name="Log", exact=True)
    log.click()
    expect(log).to_have_attribute("aria-pressed", "true")
    scale = f"({CHART})?.options.scales.y.type === 'logarithmic'"
    until(page, scale)
    page.locator("#range-1M").click()
    page.wait_for_url(re.compile(r"range=1M"))
    until(page, scale)


def test_tables_say_what_chart_and_bar_show(bitcoin: Page) -> None:
    page = bitcoin
    page.get_by_text("View as table").click()
    rows = page.locator("#chart table").first.locator("tbody tr")
    assert rows.count() >= 2
    page.get_by_text("Spans and sources").click()
    expect(page.get_by_role("columnheader", name="Source")).to_be_visible()


def test_prices_are_read_without_scripts_and_without_signing_in(
    browser: Browser, mira: User, live_server
) -> None:
    context = open_context(browser, live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/prices/")
    page.get_by_role("link", name="Bitcoin").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bitcoin")
    expect(page.locator("#chart svg[role=img]").first).to_be_visible()
    page.get_by_role("link", name="Log", exact=True).click()
    expect(page.get_by_role("link", name="Log", exact=True)).to_have_attribute("aria-current", "true")
    context.close()


def test_an_administrator_finds_a_coin_and_adds_it(
    page: Page, provider: FakeProvider, transactional_db
) -> None:
    User.objects.create_superuser("root", "root@example.org", PASSWORD)
    AssetFactory(is_tracked=True, provider_ids={"coingecko": "bitcoin"})
    sign_in(page, "root")
    page.goto("/prices/coins/")
    page.get_by_label("Name or symbol").fill("bitcoin")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("main")).to_contain_text("Coins that can be added")
    expect(page.locator("main")).to_contain_text("another coin is BTC")
    page.get_by_role("button", name="Add Bitcoin Kiwi").click()
    page.wait_for_url(re.compile(r"/prices/BTC-2/"))
    assert Asset.objects.get(symbol="BTC-2").provider_ids["coingecko"] == "bitcoin-kiwi"


def test_history_under_way_is_shown_until_it_is_done(signed_in: Page) -> None:
    until = timezone.now().replace(minute=0, second=0, microsecond=0)
    since = until - timedelta(hours=99)
    bitcoin = Asset.objects.get(symbol="BTC")
    row = Backfill.objects.create(asset=bitcoin, since=since, until=until, cursor=since + timedelta(hours=39))
    page = signed_in
    page.goto("/prices/backfills/")
    card = page.locator("#backfills")
    expect(card).to_contain_text("40 of 100")
    expect(card.locator("progress")).to_have_attribute("value", "40")
    expect(card).to_have_attribute("hx-trigger", re.compile("every"))
    Backfill.objects.filter(pk=row.pk).update(cursor=until, state=Backfill.State.DONE)
    expect(card.locator("progress")).to_have_count(0)  # the page asks by itself
    assert card.get_attribute("hx-trigger") is None
