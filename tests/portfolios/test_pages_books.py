"""The page of the books: the identity for each asset, and whether what is stored follows from the rows."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portfolios.models import Holding
from portfolios.selectors import overview, overviews
from portfolios.views import books
from portfolios.views.books import identities
from prices.privacy import COOKIE
from tests.factories import NOW, AssetFactory, FiatFactory, record
from tests.portfolios.eventful import MOMENTS, day, eventful
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]


@pytest.mark.parametrize("currency", ["USD", "EUR"])
@pytest.mark.parametrize("method", ["average", "fifo"])
def test_both_sides_are_equal_at_every_moment_for_each_asset_and_for_all(alice, method, currency) -> None:
    FiatFactory()
    portfolios = eventful(alice, method)
    for moment in map(day, MOMENTS):
        whole, each = overviews(portfolios, currency=currency, now=moment)
        for figures in (whole, *each.values()):
            for one in identities(figures):
                assert one.balances, (moment, one.asset)
                assert one.earned == one.left


def test_both_sides_stand_on_the_page_with_all_digits(alice_client, alice) -> None:
    first = eventful(alice)[0]
    page = Page(alice_client.get(reverse("portfolio-books", args=[first.pk])))
    sums = re.findall(r'<dt>= \w+</dt><dd><data class="amt" value="([^"]+)"', page.html)
    seen = overview(first, currency="USD", now=NOW)
    assert len(sums) == 2 * (1 + len(seen.holdings))
    assert sums[::2] == sums[1::2]
    assert Decimal(sums[0]) == seen.net_result
    assert "every stored figure is the same" in page.text
    assert "− From other assets" in page.text


def test_a_quiet_mark_leads_there(alice_client, savings, bought) -> None:
    assert "Books balance" in Page(alice_client.get("/")).text
    assert f'href="{reverse("books")}"' in alice_client.get("/").content.decode()
    page = alice_client.get(f"/portfolios/{savings.pk}/").content.decode()
    assert f'href="{reverse("portfolio-books", args=[savings.pk])}"' in page
    assert "Savings" in Page(alice_client.get("/books/")).text


def test_what_is_stored_otherwise_is_named(alice_client, savings, bought) -> None:
    Holding.objects.filter(portfolio=savings).update(realised=Decimal(7))
    page = Page(alice_client.get(reverse("portfolio-books", args=[savings.pk])))
    assert "What is stored differs" in page.text
    assert "realised is 7, should be 0" in page.text


def test_large_books_are_compared_when_asked_for(alice_client, savings, bought, monkeypatch) -> None:
    monkeypatch.setattr(books, "AT_ONCE", 0)
    path = reverse("portfolio-books", args=[savings.pk])
    assert "Compare now" in Page(alice_client.get(path)).text
    assert "every stored figure is the same" in Page(alice_client.get(path + "?check=1")).text


def test_what_has_no_price_balances_by_its_cost(alice_client, savings, bought) -> None:
    record(savings, "buy", "5", "2024-06-01", unit_price="9", asset=AssetFactory(symbol="XYZ"))
    page = Page(alice_client.get(reverse("portfolio-books", args=[savings.pk])))
    assert "No price is stored, so its value is unknown; the books of its cost balance." in page.text
    assert "Does not balance" not in page.text


def test_nothing_at_all_balances_too(alice_client, alice) -> None:
    assert "The books balance" in Page(alice_client.get("/books/")).text


def test_the_number_of_queries_does_not_grow(
    alice_client, savings, bought, monkeypatch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(books, "AT_ONCE", 0)
    counts = []
    for number in range(2):
        with django_assert_max_num_queries(24) as counted:
            alice_client.get(reverse("portfolio-books", args=[savings.pk]))
        counts.append(len(counted))
        for minute in range(5 * (1 - number)):
            record(
                savings,
                "buy",
                "1",
                f"2024-12-01 10:0{minute}",
                asset=AssetFactory(symbol=f"C{minute}"),
                unit_price="1",
            )
    assert counts[1] <= counts[0]


def test_the_pages_beside_and_the_unit_stay_at_hand(alice_client, savings, bought) -> None:
    for url in (reverse("books"), reverse("portfolio-books", args=[savings.pk])):
        page = Page(alice_client.get(url))
        assert re.search(f'href="{url}" aria-current="page"', page.html)
        assert 'name="unit" value="btc"' in page.html
    assert page.html.count(f'href="{reverse("portfolio-list")}"') > 1  # in the crumbs too


def test_with_amounts_hidden_what_is_broken_is_named_without_figures(alice_client, savings) -> None:
    record(savings, "buy", "7.7137", "2024-04-01", unit_price="913.57")
    Holding.objects.update(quantity=Decimal("5.55512"))
    path = reverse("portfolio-books", args=[savings.pk])
    assert "5.55512" in Page(alice_client.get(path)).text
    alice_client.cookies[COOKIE] = "1"
    text = Page(alice_client.get(path)).text
    assert "quantity is •••••, should be •••••" in text
    assert "5.55512" not in text
    assert "7.7137" not in text
