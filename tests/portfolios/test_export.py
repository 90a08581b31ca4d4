"""Transactions as a file: what the list's filter asks for, exact enough to be entered again."""

import csv
from dataclasses import fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portfolios.drafts import Draft
from portfolios.drafts.statements import restated
from portfolios.models import Portfolio, Transaction
from portfolios.selectors import overview
from portfolios.services import record_transaction
from portfolios.views.csv_files import cell
from prices.models import Asset
from tests.factories import NOW, PortfolioFactory, UserFactory, day, record
from tests.portfolios.eventful import eventful
from tests.portfolios.page import Page

pytestmark = pytest.mark.django_db


def rows_of(client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(reverse("transaction-export") + query)
    assert answer.status_code == 200
    return list(csv.DictReader(StringIO(b"".join(answer).decode(), newline="")))


def read(text: str) -> str:
    """Text as it was before it was made harmless."""
    return text.removeprefix("'")


def draft_of(row: dict[str, str], places: dict[str, Portfolio]) -> Draft:
    """What a program reads from a line; a price with a source was left to the market."""
    coins = {each.symbol: each for each in Asset.objects.all()}
    stated: dict[str, object] = {}
    for field in fields(Draft):
        text = row[field.name]
        if field.name in {"asset", "to_asset", "fee_asset"}:
            stated[field.name] = coins[text] if text else None
        elif field.name == "to_portfolio":
            stated[field.name] = places[read(text)] if text else None
        elif field.name == "occurred_at":
            stated[field.name] = datetime.fromisoformat(text)
        elif field.name in {"kind", "currency", "note", "external_id"}:
            stated[field.name] = read(text)
        else:
            stated[field.name] = Decimal(text) if text else None
    return Draft(**stated | ({"unit_price": None} if row["price_source"] else {}))


def test_every_line_says_what_was_stated(alice, alice_client) -> None:
    portfolios = eventful(alice)
    found = rows_of(alice_client)
    stored = Transaction.objects.in_booking_order()
    places = {each.name: each for each in portfolios}
    assert [draft_of(row, places) for row in found] == [restated(row) for row in stored]


def test_what_is_entered_again_gives_the_same_books(alice, alice_client) -> None:
    portfolios = eventful(alice)
    found = rows_of(alice_client)
    again = UserFactory()
    places = {
        each.name: PortfolioFactory(owner=again, name=each.name, cost_method="fifo") for each in portfolios
    }
    for row in found:
        record_transaction(portfolio=places[row["portfolio"]], draft=draft_of(row, places), now=NOW)
    for one in portfolios:
        before, after = (overview(each, currency="USD", now=NOW) for each in (one, places[one.name]))
        assert replace(after, holdings=()) == replace(before, holdings=())


def test_figures_are_to_the_last_digit_and_times_to_the_microsecond(alice_client, alice) -> None:
    made = PortfolioFactory(owner=alice)
    bought = record(made, "buy", "0.000000000000000001", "2024-01-01", unit_price="12345678901234567890.5")
    at = day("2024-01-01 10:00") + timedelta(microseconds=1)
    Transaction.objects.filter(pk=bought.pk).update(occurred_at=at)
    (row,) = rows_of(alice_client)
    assert (row["quantity"], row["unit_price"]) == ("0.000000000000000001", "12345678901234567890.5")
    assert row["occurred_at"] == "2024-01-01T10:00:00.000001Z"


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "'", "＝"])
def test_text_that_would_be_a_formula_is_harmless_and_can_be_read_back(alice_client, savings, begin) -> None:
    note = f'{begin}cmd|"x",\n1'
    record(savings, "buy", "1", "2024-06-01", unit_price="100", note=note, external_id="-7")
    (row,) = rows_of(alice_client)
    assert row["note"].startswith("'")
    assert (read(row["note"]), row["external_id"]) == (note, "'-7")


def test_a_plain_text_stays_as_it_is() -> None:
    assert [cell(text) for text in ("DCA", "", "a=1", 'é, "q"')] == ["DCA", "", "a=1", 'é, "q"']


def test_it_is_the_filtered_set_of_the_list(alice_client, alice, savings) -> None:
    other = PortfolioFactory(owner=alice, name="Other")
    record(savings, "buy", "1", "2024-06-01", unit_price="100", note="first", external_id="ID-77")
    record(savings, "sell", "0.5", "2024-06-02", unit_price="100")
    record(other, "buy", "2", "2024-06-03", unit_price="100")
    quantities = {
        query: [row["quantity"] for row in rows_of(alice_client, query)]
        for query in (
            "",
            f"?portfolio={other.pk}",
            "?kind=sell",
            "?q=first",
            "?q=id-77",
            "?q=nothing",
            "?page=9",
        )
    }
    assert list(quantities.values()) == [
        ["1", "0.5", "2"], ["2"], ["0.5"], ["1"], ["1"], [], ["1", "0.5", "2"],
    ]  # fmt: skip
    assert alice_client.get(reverse("transaction-export") + "?kind=x").status_code == 404


def test_the_list_links_the_file_of_what_it_shows(alice_client, savings, bought) -> None:
    html = alice_client.get(reverse("transaction-list") + "?kind=buy&page=1").content.decode()
    assert f'href="{reverse("transaction-export")}?kind=buy"' in html
    assert "Download these 1 as CSV" in Page(alice_client.get(reverse("transaction-list") + "?kind=buy")).text


def test_the_search_finds_an_external_id(alice_client, savings) -> None:
    record(savings, "buy", "1", "2024-06-01", unit_price="100", external_id="KR-42")
    page = Page(alice_client.get(reverse("transaction-list") + "?q=kr-42"))
    assert len(page.rows) == 1


def test_deleted_transactions_and_those_of_others_are_not_in_it(alice_client, charlie, bought) -> None:
    record(PortfolioFactory(owner=charlie), "buy", "9", "2024-06-01", unit_price="100")
    Transaction.objects.filter(pk=bought.pk).update(deleted_at=NOW)
    assert rows_of(alice_client) == []


def test_it_is_streamed_and_kept_by_no_cache(alice_client, bought) -> None:
    answer = alice_client.get(reverse("transaction-export"))
    assert answer.streaming
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"] == 'attachment; filename="transactions.csv"'
    assert alice_client.post(reverse("transaction-export")).status_code == 405


def test_queries_do_not_grow_with_transactions(
    alice_client, savings, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    alice_client.get("/accounts/settings/")  # the first visit of a session is noted
    counts = []
    for so_many in (1, 30):
        while savings.transactions.count() < so_many:
            record(savings, "buy", "1", "2024-06-01", unit_price="100")
        with django_assert_max_num_queries(8) as counted:
            rows_of(alice_client)
        counts.append(len(counted))
    assert counts[0] == counts[1]
