"""Flows lead to the transactions that they are made of: how a money-weighted return came about."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from portfolios.models import Portfolio
from tests.factories import PortfolioFactory, SnapshotFactory, day, record
from tests.portfolios.page import Page, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]
ROW = re.compile(r'<tr>\s*<th scope="row">(.*?)</th>', re.DOTALL)
LINK = re.compile(r'<span class="sub"><a href="([^"]*)">([^<]*)</a></span>')


def flows(client: Client, portfolio: Portfolio | None = None, query: str = "") -> dict[str, tuple[str, str]]:
    """By day, where its flow leads to, and under which name."""
    path = (
        reverse("portfolio-explain", args=[portfolio.pk, "xirr"])
        if portfolio
        else reverse("explain", args=["xirr"])
    )
    rows = ROW.findall(client.get(path + query).content.decode())
    found = ((LINK.sub("", row), LINK.search(row)) for row in rows)
    return {words(day): (link[1].replace("&amp;", "&"), link[2]) if link else ("", "") for day, link in found}


def test_one_transaction_of_a_day_is_led_to(alice_client, half_sold) -> None:
    bought, sold = half_sold.transactions.order_by("occurred_at")
    assert flows(alice_client, half_sold) == {
        "1 Jan 2025": ("", ""),  # what is held
        "1 Sep 2024": (f"/transactions/{sold.pk}/history/", "Sell"),
        "1 Jun 2024": (f"/transactions/{bought.pk}/history/", "Buy"),
    }


def test_several_of_a_day_are_led_to_as_the_list_of_that_day(alice_client, half_sold) -> None:
    record(half_sold, "deposit", "1", "2024-09-01 23:00", cost="10")
    record(half_sold, "buy", "1", "2024-09-02", unit_price="150")
    url, name = flows(alice_client, half_sold)["1 Sep 2024"]
    assert (url, name) == (
        f"/transactions/?portfolio={half_sold.pk}&since=2024-09-01&until=2024-09-01",
        "2 transactions",
    )
    assert len(Page(alice_client.get(url)).rows) == 2


def test_the_list_is_of_the_days_that_it_is_for_the_reader(alice, alice_client, half_sold) -> None:
    alice.timezone = "Asia/Tokyo"
    alice.save()
    record(half_sold, "deposit", "1", "2024-09-01 23:00", cost="10")
    url, _ = flows(alice_client, half_sold)["1 Sep 2024"]
    assert url.endswith("since=2024-09-01&until=2024-09-02")
    assert len(Page(alice_client.get(url)).rows) == 2


def test_what_is_no_flow_is_not_among_them(alice, alice_client, half_sold) -> None:
    """Income is earned inside, and so is what is moved from one portfolio to another, seen from both."""
    other = PortfolioFactory(owner=alice)
    SnapshotFactory(at=day("2024-10-01"))
    record(half_sold, "income", "0.1", "2024-06-01 12:00")
    moved = record(half_sold, "transfer", "0.1", "2024-10-01", to_portfolio=other)
    assert flows(alice_client, half_sold)["1 Jun 2024"][1] == "Buy"
    assert flows(alice_client, half_sold)["1 Oct 2024"] == (f"/transactions/{moved.pk}/history/", "Transfer")
    assert "1 Oct 2024" not in flows(alice_client)


def test_what_the_period_begins_with_is_its_value_and_no_transaction(alice_client, half_sold) -> None:
    sold = half_sold.transactions.get(kind="sell")
    assert flows(alice_client, half_sold, "?from=2024-09-01&to=2024-12-31")["1 Sep 2024"] == ("", "")
    ended = flows(alice_client, half_sold, "?to=2024-08-31")
    assert ended["1 Sep 2024"] == (f"/transactions/{sold.pk}/history/", "Sell")


def test_in_another_currency_and_in_the_past_too(alice, alice_client, half_sold) -> None:
    alice.unit = "btc"
    alice.save()
    names = [name for _, name in flows(alice_client, half_sold, "?at=2024-08-01").values()]
    assert names == ["", "Buy"]


def test_other_figures_have_none(alice_client, half_sold) -> None:
    html = alice_client.get(reverse("portfolio-explain", args=[half_sold.pk, "twr"])).content.decode()
    assert not LINK.search(html)
