"""Realised gains as a page and as a file: by year, by asset, by another method, with the lots that left."""

import csv
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portfolios.models import Portfolio
from portfolios.selectors import gains
from prices.privacy import COOKIE
from tests.factories import NOW, AssetFactory, PortfolioFactory, record
from tests.portfolios.eventful import eventful
from tests.portfolios.page import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_year")]


@pytest.fixture
def lots(alice) -> Portfolio:
    """Two lots, of which one and a half are sold in 2024, and a coin that was sold the year before."""
    made = PortfolioFactory(owner=alice, name="Lots", cost_method="fifo")
    ether = AssetFactory(symbol="ETH")
    record(made, "buy", "2", "2023-01-01", unit_price="10", asset=ether)
    record(made, "sell", "1", "2023-02-01", unit_price="15", asset=ether)
    record(made, "buy", "1", "2024-01-01", unit_price="100")
    record(made, "buy", "1", "2024-02-01", unit_price="200")
    record(made, "sell", "1.5", "2024-03-01 12:00", unit_price="300", fee="30")
    return made


def page_of(client, portfolio: Portfolio | None = None, query: str = "", **headers: str) -> Page:
    path = reverse("portfolio-gains", args=[portfolio.pk]) if portfolio else reverse("gains")
    return Page(client.get(path + query, headers=headers))


def file_of(client, portfolio: Portfolio | None = None, query: str = "") -> list[dict[str, str]]:
    path = reverse("portfolio-gains-csv", args=[portfolio.pk]) if portfolio else reverse("gains-csv")
    answer = client.get(path + query)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(StringIO(b"".join(answer).decode())))


def test_a_disposal_stands_with_the_lots_that_it_used(alice_client, lots) -> None:
    page = page_of(alice_client, lots)
    assert (page.tile("Proceeds"), page.tile("Cost"), page.tile("Gain")) == ("$420.00", "$200.00", "+$220.00")
    assert page.under("Gain") == "First in, first out"
    text = page.region("disposals-title")
    assert "1 Mar 2024 12:00 Sell · Bitcoin 1.50000000 BTC $420.00 $200.00 +$220.00" in text
    assert "acquired 1 Jan 2024 00:00 , held 60 days 1.00000000 $280.00 $100.00 +$180.00" in text
    assert "acquired 1 Feb 2024 00:00 , held 29 days 0.50000000 $140.00 $100.00 +$40.00" in text
    assert "no tax advice" in page.text


def test_the_newest_year_is_shown_and_the_others_are_linked(alice_client, lots) -> None:
    page = page_of(alice_client, lots)
    assert "Realised in 2024" in page.text
    assert 'id="year-2024" href="?year=2024"' in page.html
    assert 'id="year-2023" href="?year=2023"' in page.html
    assert page_of(alice_client, lots, "?year=2023").tile("Gain") == "+$5.00"
    whole = page_of(alice_client, lots, "?year=all")
    assert (whole.tile("Gain"), whole.under("Proceeds")) == ("+$225.00", "2 disposals")


def test_a_year_without_any_says_so(alice_client, lots, savings) -> None:
    assert "No disposals in 2025." in page_of(alice_client, lots, "?year=2025").text
    assert "No disposals in 2025." in page_of(alice_client, savings).text  # of none the current one
    assert "No disposals of Ethereum in 2024." in page_of(alice_client, lots, "?year=2024&asset=ETH").text


def test_years_are_those_of_the_readers_zone(alice_client, alice, lots) -> None:
    record(lots, "sell", "0.1", "2024-12-31 23:30", unit_price="300")
    assert "2025" not in page_of(alice_client, lots).region("gains-title")
    alice.timezone = "Europe/Berlin"
    alice.save()
    assert page_of(alice_client, lots, "?year=2025").under("Proceeds") == "1 disposal"
    assert file_of(alice_client, lots, "?year=2025")[0]["disposed_at"] == "2024-12-31T23:30:00Z"


def test_one_asset_alone(alice_client, lots) -> None:
    page = page_of(alice_client, lots, "?year=all&asset=ETH")
    assert (page.tile("Gain"), "Realised in all years, Ethereum" in page.text) == ("+$5.00", True)
    assert "By asset" not in page.text


def test_what_another_method_would_have_told_stands_beside_the_books(alice_client, lots) -> None:
    page = page_of(alice_client, lots, "?method=lifo")
    assert (page.tile("Gain"), page.under("Gain")) == ("+$170.00", "Last in, first out")
    assert page.tile("Gain by your books") == "+$220.00"
    assert "Your books are not changed by looking." in page.text
    lots.refresh_from_db()
    assert lots.cost_method == "fifo"
    assert "What if: these" not in page_of(alice_client, lots, "?method=fifo").text


def test_all_portfolios_together_name_whose_it_was(alice_client, alice, lots) -> None:
    other = PortfolioFactory(owner=alice, name="Other", cost_method="average")
    record(other, "buy", "1", "2024-01-01", unit_price="100")
    record(other, "sell", "1", "2024-06-01", unit_price="110")
    page = page_of(alice_client)
    assert (page.tile("Gain"), page.under("Gain")) == ("+$230.00", "Each portfolio’s own method")
    assert "Sell · Bitcoin · Other" in page.text


@pytest.mark.parametrize(
    "query",
    ["?year=x", "?year=99999", "?year=-1", "?year=2024%0A", "?asset=XRP", "?asset=%00", "?method=x"],
)
@pytest.mark.parametrize("name", ["gains", "gains-csv"])
def test_what_there_is_not_is_not_found(alice_client, lots, name, query) -> None:
    assert alice_client.get(reverse(name) + query).status_code == 404


@pytest.mark.parametrize("year", ["0000", "0001", "9998", "9999"])
def test_years_at_the_ends_of_the_calendar_are_empty(alice_client, lots, year) -> None:
    assert page_of(alice_client, lots, f"?year={year}").status == 200


def test_pages_are_links_that_keep_the_filter(alice_client, lots) -> None:
    for number in range(30):
        record(lots, "sell", "0.01", f"2024-04-{number + 1:02}", unit_price="300")
    first, second = (page_of(alice_client, lots, f"?year=2024&page={n}") for n in (1, 2))
    assert "1–25 of 31" in first.text
    assert 'href="?year=2024&amp;page=2"' in first.html
    assert "26–31 of 31" in second.text
    for page in ("0", "x", "99999"):
        assert page_of(alice_client, lots, f"?page={page}").status == 200


def test_of_many_lots_the_page_shows_the_first(alice_client, alice) -> None:
    made = PortfolioFactory(owner=alice, cost_method="fifo")
    for number in range(12):
        record(made, "buy", "1", f"2024-01-{number + 1:02}", unit_price="100")
    record(made, "sell", "12", "2024-02-01", unit_price="110")
    page = page_of(alice_client, made)
    assert "The first 10 of 12 lots" in page.text
    assert len(file_of(alice_client, made)) == 12


def test_the_file_has_what_the_selector_says_to_the_last_digit(alice_client, alice) -> None:
    portfolios = eventful(alice, "hifo")
    rows = file_of(alice_client, query="?year=all")
    found = gains(portfolios, currency="USD", at=NOW, zone=UTC)
    told = [(gain, lot) for year in found.years for gain in year.gains for lot in gain.lots]
    assert [(row["asset"], row["kind"]) for row in rows] == [
        (gain.asset.symbol, gain.kind) for gain, _ in told
    ]
    for row, (gain, lot) in zip(rows, told, strict=True):
        exact = [Decimal(row[name]) for name in ("quantity", "cost", "proceeds", "gain")]
        assert exact == [lot.quantity, lot.cost, lot.proceeds, lot.gain]
        times = [datetime.fromisoformat(row[name]) for name in ("acquired_at", "disposed_at")]
        assert times == [lot.acquired_at, gain.disposed_at]
    assert sum(Decimal(row["gain"]) for row in rows) == found.sums.gain
    assert {(row["currency"], row["method"]) for row in rows} == {("USD", "hifo")}


def test_the_file_is_the_filtered_set(alice_client, lots) -> None:
    assert len(file_of(alice_client, lots)) == 2
    assert [row["asset"] for row in file_of(alice_client, lots, "?year=all&asset=ETH")] == ["ETH"]
    (first, second) = file_of(alice_client, lots, "?method=lifo")
    assert (first["method"], first["cost"], second["cost"]) == ("lifo", "50", "200")
    assert file_of(alice_client, lots, "?year=2020") == []


def test_the_file_is_exact_while_amounts_are_hidden_and_kept_by_no_cache(alice_client, lots) -> None:
    alice_client.cookies[COOKIE] = "1"
    assert '<data class="amt"' not in page_of(alice_client, lots).html
    assert file_of(alice_client, lots)[0]["proceeds"] == "280"
    answer = alice_client.get(reverse("gains-csv"))
    assert answer.streaming
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"] == 'attachment; filename="gains-2024.csv"'


def test_a_name_that_a_spreadsheet_would_compute_is_made_harmless(alice_client, lots) -> None:
    lots.name = '=HYPERLINK("http://x")'
    lots.save()
    assert file_of(alice_client, lots)[0]["portfolio"] == '\'=HYPERLINK("http://x")'


def test_a_loss_stays_a_number(alice_client, lots) -> None:
    record(lots, "gift", "0.1", "2024-06-01")
    assert file_of(alice_client, lots)[-1]["gain"] == "-20"


def test_htmx_gets_only_the_gains(alice_client, lots) -> None:
    page = page_of(alice_client, lots, "?year=2023", **{"HX-Request": "true", "HX-Target": "gains"})
    assert page.html.strip().startswith('<div class="regions" id="gains"')


def test_a_zone_of_far_away_breaks_nothing(alice_client, alice, lots) -> None:
    alice.timezone = "Pacific/Kiritimati"
    alice.save()
    assert ZoneInfo(alice.timezone)
    assert page_of(alice_client, lots, "?year=0001").status == 200


@pytest.mark.parametrize("name", ["gains", "gains-csv"])
def test_queries_do_not_grow_with_disposals(
    alice_client, lots, django_assert_max_num_queries: DjangoAssertNumQueries, name
) -> None:
    alice_client.get(reverse("dashboard"))  # the first visit of a session is noted
    counts = []
    for so_many in (5, 40):
        while lots.transactions.count() < so_many:
            record(lots, "sell", "0.01", "2024-12-05", unit_price="100")
        with django_assert_max_num_queries(25) as counted:
            b"".join(alice_client.get(reverse(name)))
        counts.append(len(counted))
    assert counts[0] == counts[1]


def test_a_file_of_what_would_be_is_named_by_its_method(alice_client, lots) -> None:
    own = lots.cost_method
    other = "lifo" if own != "lifo" else "fifo"
    for method, name in (("", "gains-2024"), (own, "gains-2024"), (other, f"gains-2024-{other}")):
        answer = alice_client.get(reverse("gains-csv"), {"year": "2024", "method": method})
        assert answer["Content-Disposition"] == f'attachment; filename="{name}.csv"'
