"""The page of performance without what has no price: offered in a plain link, said near its top, and kept."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
import time_machine
from django.urls import reverse

from portfolios.models import Portfolio
from prices.models import PriceSnapshot
from tests.conftest import signed_in
from tests.factories import AssetFactory, PortfolioFactory, SnapshotFactory, UserFactory, day, record
from tests.portfolios.page import Page, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
OFFER = "Show it without ODD and XYZ"
SAID = "Without ODD and XYZ, which have no price in USD."
PERFORMANCE = "/performance/"


@pytest.fixture
def grown(alice) -> Portfolio:
    """A bitcoin that becomes dearer by a dollar a day, beside two coins without a price; one buys another."""
    bitcoin = AssetFactory()
    days = [(day("2024-01-01") + timedelta(days=number), Decimal(100 + number)) for number in range(367)]
    rows = [SnapshotFactory.build(asset=bitcoin, at=at, price=price) for at, price in days]
    PriceSnapshot.objects.bulk_create(rows)
    made = PortfolioFactory(owner=alice, name="Grown")
    record(made, "buy", "1", "2024-05-01", unit_price="221")
    for symbol in ("XYZ", "ODD"):
        record(made, "buy", "500", "2024-05-01", unit_price="1", asset=AssetFactory(symbol=symbol))
    swapped = {"asset": AssetFactory(symbol="XYZ"), "to_asset": bitcoin, "to_quantity": "1"}
    record(made, "swap", "344", "2024-09-01", unit_price="1", **swapped)
    return made


def page_of(client, query: str = "", path: str = PERFORMANCE, **headers: str) -> Page:
    return Page(client.get(path + query, headers=headers))


def notes(page: Page) -> str:
    return " ".join(words(each) for each in re.findall(r'<p class="note">(.*?)</p>', page.html, re.DOTALL))


def link(page: Page, named: str) -> str:
    return unescape(re.search(rf'<a href="([^"]*)">{named}</a>', page.html)[1])


def number(text: str) -> float:
    return float(re.sub(r"[^0-9.+-]", "", text.replace("−", "-")) or 0)


def twr(page: Page) -> str:
    return words(re.search(r'id="twr">(.*?)<span class="vh">', page.html)[1])


@pytest.mark.parametrize("about", ["all", "one"])
def test_what_is_unknown_can_be_seen_without_them_and_with_everything_again(
    alice_client, grown, about
) -> None:
    path = reverse("portfolio-performance", args=[grown.pk]) if about == "one" else PERFORMANCE
    page = page_of(alice_client, path=path)
    assert (twr(page), OFFER in notes(page), SAID in notes(page)) == ("—", True, False)
    other = page_of(alice_client, link(page, OFFER), path)
    assert (SAID in notes(other), OFFER in other.text) == (True, False)
    assert twr(other).startswith("+110.")  # 466 ÷ 221
    assert "excludes" not in other.text
    assert "—" not in other.region("bridge-title")
    assert twr(page_of(alice_client, link(other, "With everything"), path)) == "—"


def test_what_is_looked_at_is_kept_on_the_way(alice_client, grown) -> None:
    query = "?from=2024-06-01&to=2024-08-31&at=2024-12-01"
    offered = link(page_of(alice_client, query), OFFER)
    assert offered == f"{query}&priced=1"
    page = page_of(alice_client, offered)
    assert "1 Jun 2024 to 31 Aug 2024" in page.text
    assert link(page, "With everything") == query
    assert '<input type="hidden" name="priced" value="1">' in page.html
    ranges = re.findall(r'<a id="range-\w+" href="([^"]*)"', page.html)
    assert len(ranges) == 4
    assert all("priced=1" in each and "at=2024-12-01" in each for each in ranges)


def test_a_region_says_it_too(alice_client, grown) -> None:
    page = page_of(alice_client, "?priced=1&range=1M", **{"HX-Request": "true", "HX-Target": "period"})
    assert "<html" not in page.html
    assert SAID in notes(page)


@pytest.mark.parametrize("query", ["?priced=", "?priced=0", "?priced=x", "?priced=%00"])
def test_whatever_else_it_says_is_everything(alice_client, grown, query) -> None:
    page = page_of(alice_client, query)
    assert (page.status, twr(page), OFFER in notes(page)) == (200, "—", True)


def test_where_everything_has_a_price_it_changes_nothing(alice_client, grown) -> None:
    for symbol in ("XYZ", "ODD"):
        for at in ("2024-05-01", "2024-09-01", "2025-01-01"):
            SnapshotFactory(asset=AssetFactory(symbol=symbol), at=day(at), price=Decimal(1))
    pages = [page_of(alice_client, query) for query in ("", "?priced=1")]
    assert [notes(page) for page in pages] == ["", ""]
    assert twr(pages[0]) == twr(pages[1]) != "—"


def test_where_nothing_has_a_price_there_is_nothing_to_see_without_it(alice_client, alice) -> None:
    made = PortfolioFactory(owner=alice)
    record(made, "buy", "1", "2024-05-01", unit_price="1", asset=AssetFactory(symbol="ODD"))
    for query in ("", "?priced=1"):
        page = page_of(alice_client, query)
        assert page.status == 200
        assert "ithout ODD" not in page.text


def test_in_the_past_it_is_about_what_had_no_price_then(alice_client, grown) -> None:
    SnapshotFactory(asset=AssetFactory(symbol="ODD"), at=day("2024-12-20"), price=Decimal(1))
    assert SAID in notes(page_of(alice_client, "?priced=1&at=2024-12-01"))
    assert "Without XYZ, which has no price in USD." in notes(page_of(alice_client, "?priced=1"))
    with time_machine.travel(day("2024-12-01"), tick=False):
        then = twr(page_of(alice_client, "?priced=1"))
    assert then == twr(page_of(alice_client, "?priced=1&at=2024-12-01T00:00Z")) != "—"


def test_one_after_the_other_each_address_keeps_its_own(alice_client, grown) -> None:
    seen = [twr(page_of(alice_client, query)) for query in ("?priced=1", "", "?priced=1", "")]
    assert seen == [seen[0], "—", seen[0], "—"]
    assert seen[0] != "—"


def test_nobody_sees_what_others_hold(grown) -> None:
    stranger = signed_in(UserFactory())
    assert "XYZ" not in page_of(stranger, "?priced=1").html
    path = reverse("portfolio-performance", args=[grown.pk])
    assert page_of(stranger, "?priced=1", path).status == 404
    explained = reverse("portfolio-explain", args=[grown.pk, "twr"])
    assert page_of(stranger, "?priced=1", explained).status == 404


def test_every_figure_leads_to_how_that_figure_came_about(alice_client, grown) -> None:
    page = page_of(alice_client, "?priced=1&range=1Y")
    figures = r'<a class="why" href="([^"]*)"[^>]*>(.*?)<span class="vh"> how '
    found = re.findall(figures, page.html, re.DOTALL)
    assert len(found) > 25
    for address, shown in {(unescape(address), words(shown)) for address, shown in found}:
        assert "priced=1" in address
        told = page_of(alice_client, path=address)
        assert (told.status, SAID in told.text) == (200, True)
        answer = words(re.search(r'<p class="answer num">(.*?)</p>', told.html, re.DOTALL)[1])
        assert (answer == "—") is (shown == "—"), address
        assert number(shown) == pytest.approx(number(answer), abs=0.06), address


def test_explanations_lead_on_without_them_alone(alice_client, grown) -> None:
    """What would explain the same of everything is not offered in its place."""
    path = reverse("explain", args=["period_result"])
    page = page_of(alice_client, "?priced=1", path)
    addresses = [unescape(each) for each in re.findall(r'<dt><a href="([^"]*)"', page.html)]
    assert addresses == [f"{reverse('explain', args=['period_flows'])}?priced=1"]
    days = page_of(alice_client, "?priced=1&range=1M", reverse("explain", args=["twr"]))
    lines = [unescape(each) for each in re.findall(r'<th scope="row"><a href="([^"]*)"', days.html)]
    assert lines
    assert all("priced=1" in each for each in lines)
    assert '/performance/?priced=1"' in days.html  # in the crumbs


def test_a_coin_that_is_left_out_contributed_nothing_to_be_explained(alice_client, grown) -> None:
    address = reverse("explain-asset", args=["XYZ", "contribution"])
    assert [page_of(alice_client, query, address).status for query in ("", "?priced=1")] == [200, 404]


def test_the_dashboard_leads_there(alice_client, grown) -> None:
    page = page_of(alice_client, "?at=2024-12-01", "/")
    address = link(page, "Show it for the others")
    assert address == f"{PERFORMANCE}?priced=1&at=2024-12-01"
    assert SAID in notes(page_of(alice_client, path=address))


def test_others_bought_two_days_ago_say_what_they_are_without(alice_client, alice) -> None:
    SnapshotFactory(at=day("2024-12-31"))
    made = PortfolioFactory(owner=alice)
    record(made, "buy", "1", "2024-05-01", unit_price="1", asset=AssetFactory(symbol="ODD"))
    record(made, "buy", "1", "2024-12-31", unit_price="200")
    page = page_of(alice_client, "?priced=1")
    assert "Performance needs 2 days of data" in page.text
    assert "Without ODD, which has no price in USD." in notes(page)
